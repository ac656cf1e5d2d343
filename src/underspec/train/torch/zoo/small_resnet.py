"""A residual network for small images (He et al. 2016, section 4.2, with fewer blocks)."""

import torch
from torch import nn

__all__ = ["small_resnet"]


def small_resnet(
    shape: tuple[int, ...], classes: int, width: int = 16, blocks: int = 1, dropout: float = 0.0
) -> nn.Module:
    """Return a stem, three stages of residual blocks, a global mean and one dense layer.

    Args:
        shape: (channels, height, width) of the images.
        classes: number of logits.
        width: channels of the first stage; the next have twice and four times as many.
        blocks: residual blocks a stage, of two 3x3 convolutions each.
        dropout: share of features dropped before the last layer.
    """
    layers: list[nn.Module] = [
        _conv(shape[0], width, 1),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    ]
    inside = width
    for stage in range(3):
        out = width << stage
        for block in range(blocks):
            layers.append(_Residual(inside, out, 2 if stage and not block else 1))
            inside = out
    layers.append(_GlobalMean())
    if dropout:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(inside, classes))


def _conv(inside: int, out: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(inside, out, 3, stride=stride, padding=1, bias=False)


class _GlobalMean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=(2, 3))


class _Residual(nn.Module):
    def __init__(self, inside: int, out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(inside, out, stride),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            _conv(out, out, 1),
            nn.BatchNorm2d(out),
        )
        self.skip: nn.Module = nn.Identity()
        if stride != 1 or inside != out:
            self.skip = nn.Sequential(
                nn.Conv2d(inside, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu_(self.body(x) + self.skip(x))
