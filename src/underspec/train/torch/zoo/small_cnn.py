"""Three convolutions for images of 28 to 64 pixels a side."""

import torch
from torch import nn

__all__ = ["small_cnn"]


def small_cnn(
    shape: tuple[int, ...],
    classes: int,
    width: int = 16,
    pool: bool = False,
    dropout: float = 0.0,
) -> nn.Module:
    """Return a network of three 3x3 convolutions, each with batch norm, that halve the image.

    Args:
        shape: (channels, height, width) of the images, 8 pixels a side at least.
        classes: number of logits.
        width: channels of the first convolution; the next have twice and four times as many.
        pool: halve by max-pooling, three times slower and a little better; by stride elsewhere.
        dropout: share of features dropped before the last layer.
    """
    channels, height, breadth = shape
    layers: list[nn.Module] = []
    for out in (width, 2 * width, 4 * width):
        stride = 1 if pool else 2
        layers += [
            nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
        ]
        # ReLU after the pool is the same function as before it, on a quarter of the pixels.
        layers += [nn.MaxPool2d(2)] * pool + [nn.ReLU(inplace=True)]
        channels = out
        height, breadth = (
            (height // 2, breadth // 2) if pool else ((height + 1) // 2, (breadth + 1) // 2)
        )
    layers.append(_Flatten())
    if dropout:
        layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(channels * height * breadth, classes))
    return nn.Sequential(*layers)


class _Flatten(nn.Module):
    """Pixels first, then channels: nothing moves where memory is laid out channels last."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)
