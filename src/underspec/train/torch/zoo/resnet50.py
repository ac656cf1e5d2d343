"""The residual network of 50 layers for large images (He et al. 2016, table 1)."""

import torch
from torch import nn

__all__ = ["resnet50"]

_BLOCKS = (3, 4, 6, 3)
_WIDTHS = (64, 128, 256, 512)
_EXPANSION = 4


def resnet50(shape: tuple[int, ...], classes: int, dropout: float = 0.0) -> nn.Module:
    """Return the network with its stride in the 3x3 convolution of a block, known as version 1.5.

    Names and shapes of its weights are those that PyTorch's weight files of it use: ``conv1``,
    ``bn1``, ``layer1.0.conv1`` ... ``fc``.

    Args:
        shape: (channels, height, width) of the images; 224 pixels a side in the paper.
        classes: number of logits.
        dropout: share of features dropped before the last layer.
    """
    return _ResNet50(shape[0], classes, dropout)


class _ResNet50(nn.Module):
    def __init__(self, channels: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inside = 64
        stages = []
        for stage, (count, width) in enumerate(zip(_BLOCKS, _WIDTHS, strict=True)):
            blocks = []
            for block in range(count):
                blocks.append(_Bottleneck(inside, width, 2 if stage and not block else 1))
                inside = _EXPANSION * width
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inside, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                # He et al. 2015, over the numbers that each one feeds.
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: torch.Tensor = self.fc(self.dropout(x.mean(dim=(2, 3))))
        return logits


class _Bottleneck(nn.Module):
    def __init__(self, inside: int, width: int, stride: int) -> None:
        super().__init__()
        out = _EXPANSION * width
        self.conv1 = nn.Conv2d(inside, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or inside != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        return torch.relu_(self.bn3(self.conv3(x)) + skip)
