"""Blur by a lens out of focus."""

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["DefocusBlur", "kernel"]


@dataclass(frozen=True)
class DefocusBlur(Corruption):
    """Averages over a disc with a softened edge; beyond the edge the picture is mirrored.

    Constants are the radius of the disc and the standard deviation of the Gaussian that softens it,
    of 3 x 3 weights, from a radius above 8 of 5 x 5. The published code softens the disc on a grid
    of 17 x 17 pixels, or of 2 * radius + 1 above 8, and mirrors it at the border of the grid: where
    a disc touches that (at 224 pixels severities 4 and 5) its weights add up to 1.01, so that
    pictures get brighter by as much. We follow. A radius below 1 is a single pixel: for sizes
    between 32 and 64 pixels, where the Gaussian shrinks as well, severity 2 does next to nothing.
    """

    family: ClassVar[str] = "defocus_blur"
    constants = (
        ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)),
        ((0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)),
        ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
    )
    lengths: ClassVar[tuple[int, ...]] = (0, 1)
    alone_below: ClassVar[int] = 1 << 15

    @property
    def graded(self) -> bool:
        """No: what a severity adds to the radius it may take from the Gaussian."""
        return False

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def smallest(self, constant: tuple[float, float]) -> int:
        """Return the width of the disc, softened, on its grid."""
        radius, sd = constant
        softened = math.floor(radius) + len(_softener(radius, sd)) // 2
        return 2 * min(softened, _grid(radius)) + 1

    def distort(
        self,
        batch: Batch,
        constant: tuple[float, float],
        stream: Stream,  # noqa: ARG002
    ) -> Pixels:
        """Return the pixels out of focus."""
        radius, sd = constant
        if radius < _grid(radius):
            return batch.settled(_summed(batch.raw, radius, _softener(radius, sd)))
        made = _filtered(batch.values, kernel(radius, sd))
        return batch.settled(np.minimum(made, np.float32(batch.levels or 1), out=made))


def _grid(radius: float) -> int:
    return max(8, math.floor(radius))


def _softener(radius: float, sd: float) -> NDArray[np.float64]:
    reach = 1 if radius <= 8 else 2
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sd) ** 2)
    taken: NDArray[np.float64] = bell / math.fsum(bell)
    return taken


@lru_cache(maxsize=16)
def kernel(radius: float, sd: float) -> NDArray[np.float32]:
    """Return the weights of the softened disc on its grid, as the published code has them."""
    steps = np.arange(-_grid(radius), _grid(radius) + 1)
    inside = (steps[:, None] ** 2 + steps**2 <= radius**2).astype(np.float64)
    disc = inside / inside.sum()
    bell = _softener(radius, sd)
    reach = len(bell) // 2
    for _ in range(2):
        mirrored = np.pad(disc, ((reach, reach), (0, 0)), mode="reflect")
        disc = sum(w * mirrored[i : i + len(disc)] for i, w in enumerate(bell)).T
    return np.ascontiguousarray(disc, np.float32)


def _filtered(images: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    cv2 = opencv("defocus_blur")
    out = np.empty_like(images)
    for image, made in zip(images, out, strict=True):
        cv2.filter2D(image, -1, kernel, dst=made, borderType=cv2.BORDER_REFLECT_101)
    return out


def _summed(images: Pixels, radius: float, bell: NDArray[np.float64]) -> NDArray[np.float32]:
    # A disc is one upright run of pixels a column, which grow from runs of one pixel; whole numbers
    # are added as such. It is then softened by two passes of the small Gaussian.
    cv2 = opencv("defocus_blur")
    columns: dict[int, list[int]] = defaultdict(list)
    reach = math.floor(radius)
    for away in range(-reach, reach + 1):
        columns[math.floor(math.sqrt(radius**2 - away**2))].append(away)
    count = sum((2 * half + 1) * len(these) for half, these in columns.items())
    n, height, width, channels = images.shape
    edge = reach + len(bell) // 2
    padded = np.empty((n, height + 2 * edge, width + 2 * edge, channels), images.dtype)
    for image, made in zip(images, padded, strict=True):
        cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_REFLECT_101, dst=made)
    row = padded.shape[2] * channels
    wide = np.uint16 if images.dtype == np.uint8 else np.float32
    flat: NDArray[Any] = padded.reshape(-1).astype(wide)
    low, high = reach * row, len(flat) - reach * row
    runs: Any = flat[low:high].copy()
    margin = reach * channels
    sums: Any = np.zeros(len(runs) - 2 * margin, wide)
    for half in range(reach + 1):
        if half:
            runs += flat[low + half * row : high + half * row]
            runs += flat[low - half * row : high - half * row]
        for away in columns[half]:
            at = margin + away * channels
            sums += runs[at : at + len(sums)]
    whole = np.zeros(padded.shape, np.float32)
    whole.reshape(-1)[low + margin : high - margin] = sums
    across, down = bell.astype(np.float32), (bell / count).astype(np.float32)
    soft: Any = cv2.sepFilter2D(whole.reshape(-1, *padded.shape[2:]), -1, across, down)
    soft = soft.reshape(padded.shape)[:, edge:-edge, edge:-edge]
    return np.ascontiguousarray(soft)
