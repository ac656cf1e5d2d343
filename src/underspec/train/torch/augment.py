"""Augmentations by name: drawn a whole epoch at a time, applied a batch at a time.

Draws hang on the row of the training data and the epoch, not on the batch, so that the sources
`order` and `augment` move nothing of each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


__all__ = ["AUGMENTATIONS", "Augmentation"]

_Apply: TypeAlias = "Callable[[Tensor, Tensor], Tensor]"

_SHIFT = 8  # crop: up to an eighth of the side
_HOLE = 4  # erase: a quarter of the side


@dataclass(frozen=True)
class Augmentation:
    """One augmentation.

    Attributes:
        draw: (generator, rows, height, width) to int64 [rows, k].
        apply: (images [b, height, width, channels], draws [b, k]) to new images.
    """

    draw: Callable[[np.random.Generator, int, int, int], NDArray[np.int64]]
    apply: _Apply


def _draw_flip(rng: np.random.Generator, rows: int, height: int, width: int) -> NDArray[np.int64]:
    del height, width
    return rng.integers(2, size=(rows, 1))


def _flip(images: "Tensor", draws: "Tensor") -> "Tensor":
    """Mirror left and right, every second image."""
    import torch

    return torch.where(draws[:, :, None, None] == 1, images.flip(2), images)


def _draw_crop(rng: np.random.Generator, rows: int, height: int, width: int) -> NDArray[np.int64]:
    far = [max(1, side // _SHIFT) for side in (height, width)]
    return np.stack([rng.integers(-most, most + 1, size=rows) for most in far], axis=1)


def _crop(images: "Tensor", draws: "Tensor") -> "Tensor":
    """Move up to an eighth of the side either way; what comes in repeats the edge."""
    import torch

    b, height, width = images.shape[:3]
    device = images.device
    y = (torch.arange(height, device=device) + draws[:, :1]).clamp_(0, height - 1)
    x = (torch.arange(width, device=device) + draws[:, 1:]).clamp_(0, width - 1)
    example = torch.arange(b, device=device)[:, None, None]
    return images[example, y[:, :, None], x[:, None, :]]


def _draw_erase(rng: np.random.Generator, rows: int, height: int, width: int) -> NDArray[np.int64]:
    starts = [rng.integers(s - s // _HOLE + 1, size=rows) for s in (height, width)]
    return np.stack([rng.integers(2, size=rows), *starts], axis=1)


def _erase(images: "Tensor", draws: "Tensor") -> "Tensor":
    """Set a rectangle of a quarter of the sides to zero, in every second image."""
    import torch

    _, height, width = images.shape[:3]
    device = images.device
    y, x = torch.arange(height, device=device), torch.arange(width, device=device)
    down = (y >= draws[:, 1:2]) & (y < draws[:, 1:2] + height // _HOLE)
    along = (x >= draws[:, 2:3]) & (x < draws[:, 2:3] + width // _HOLE)
    hole = down[:, :, None] & along[:, None, :] & (draws[:, :1, None] == 1)
    return images.masked_fill(hole[..., None], 0)


AUGMENTATIONS: Mapping[str, Augmentation] = {
    "crop": Augmentation(_draw_crop, _crop),
    "erase": Augmentation(_draw_erase, _erase),
    "flip": Augmentation(_draw_flip, _flip),
}
