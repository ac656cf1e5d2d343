"""EfficientNet-lite0, an ImageNet classifier, reading the weights that `fetch.sh` brings.

The architecture is that of EfficientNet (Tan & Le, ICML 2019) in its "lite" form: no
squeeze-and-excitation, ReLU6 throughout, stem and head of fixed width. Padding is TensorFlow's
SAME, which is lopsided where the stride is 2.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as f

WEIGHTS = Path(__file__).parent / "weights" / "efficientnet-lite0-57934424.pth"


class Stage(NamedTuple):
    """Some blocks of one shape in a row; the first one has the stride."""

    blocks: int
    kernel: int
    stride: int
    expand: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class Same(nn.Conv2d):
    """A convolution padded so that the output has ceil(side / stride) pixels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad, with the odd pixel at the end, and convolve."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        high, wide = (
            max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]
        )
        x = f.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return f.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def same(inside: int, outside: int, kernel: int, stride: int = 1, groups: int = 1) -> Same:
    """Return a convolution without bias."""
    return Same(inside, outside, kernel, stride, bias=False, groups=groups)


def norm(width: int) -> nn.BatchNorm2d:
    """Return batch normalisation as the weights were trained with."""
    return nn.BatchNorm2d(width, eps=1e-3)


class Block(nn.Module):
    """An inverted residual: widen, filter each channel, narrow."""

    def __init__(self, inside: int, stage: Stage, stride: int) -> None:
        super().__init__()
        wide = inside * stage.expand
        self.widens = stage.expand > 1
        if self.widens:
            self._expand_conv, self._bn0 = same(inside, wide, 1), norm(wide)
        self._depthwise_conv = same(wide, wide, stage.kernel, stride, groups=wide)
        self._bn1 = norm(wide)
        self._project_conv, self._bn2 = same(wide, stage.width, 1), norm(stage.width)
        self.adds = stride == 1 and inside == stage.width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output, with its input added where the shapes agree."""
        y = f.relu6(self._bn0(self._expand_conv(x))) if self.widens else x
        y = f.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


def blocks() -> Iterator[Block]:
    """Yield the 16 blocks from the stem on."""
    width = 32
    for stage in STAGES:
        for at in range(stage.blocks):
            yield Block(width, stage, stage.stride if at == 0 else 1)
            width = stage.width


class Lite0(nn.Module):
    """The network; parameters are named as in the weights' file."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = same(3, 32, 3, 2), norm(32)
        self._blocks = nn.ModuleList(blocks())
        self._conv_head, self._bn1 = same(320, 1280, 1), norm(1280)
        self._fc = nn.Linear(1280, 1000)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return [n, 1280] for pixels 0..255, float [n, 3, height, width]."""
        x = f.relu6(self._bn0(self._conv_stem((pixels - 127.0) / 128.0)))
        for block in self._blocks:
            x = block(x)
        return f.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the logits of the 1,000 classes, in the order of their sorted WordNet ids."""
        return self._fc(self.features(pixels))


def load(weights: Path = WEIGHTS) -> Lite0:
    """Return the trained network, ready to predict."""
    if not weights.is_file():
        raise SystemExit(f"There are no weights at '{weights}'. Run fetch.sh beside this file.")
    network = Lite0()
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network.eval()
