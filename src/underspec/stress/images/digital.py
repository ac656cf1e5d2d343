"""Distortions of the picture as data: contrast and resolution."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch

__all__ = ["Contrast", "Pixelate"]


@dataclass(frozen=True)
class Contrast(Corruption):
    """Pulls each channel towards its mean over the picture: ``(x - mean) * c + mean``."""

    family: ClassVar[str] = "contrast"
    constants = (
        (0.75, 0.5, 0.4, 0.3, 0.15),
        (0.4, 0.3, 0.2, 0.1, 0.05),
        (0.4, 0.3, 0.2, 0.1, 0.05),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Floats:  # noqa: ARG002
        """Return the pixels with less contrast."""
        n, height, width, channels = batch.pixels.shape
        # One contiguous row a picture and channel: the sum is the same whatever the batch.
        planes = np.ascontiguousarray(batch.pixels.transpose(0, 3, 1, 2)).reshape(n * channels, -1)
        mean = (planes.sum(axis=1) / (height * width)).reshape(n, 1, 1, channels)
        flat: Floats = (batch.pixels - mean) * constant + mean
        return flat


@dataclass(frozen=True)
class Pixelate(Corruption):
    """Shrinks the picture by box averaging to ``int(c * side)`` pixels and blows it up again.

    As Pillow's ``Image.BOX`` does it, which the published code uses; on uint8 the result is
    Pillow's to the bit. Blocks are whole pixels, so that on very small images two severities may
    come out the same: at 8 pixels 1 and 2 do, and 3 and 4.
    """

    family: ClassVar[str] = "pixelate"
    constants = (
        (0.95, 0.9, 0.85, 0.75, 0.65),
        (0.9, 0.8, 0.7, 0.6, 0.5),
        (0.6, 0.5, 0.4, 0.3, 0.25),
    )

    @property
    def graded(self) -> bool:
        """No: where fewer blocks happen to divide the side better, they can change less."""
        return False

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Floats:  # noqa: ARG002
        """Return the pixels in blocks."""
        # Across first, then down, each rounded to whole grey levels, as Pillow does.
        across = _blocks(batch.pixels, 2, constant, batch.levels)
        return _blocks(across, 1, constant, batch.levels)


def _blocks(x: Floats, axis: int, c: float, levels: int | None) -> Floats:
    side = x.shape[axis]
    few = max(1, int(side * c))
    # A pixel belongs to the block that holds its centre, one on the border to the block before. In
    # Pillow's order of operations, on which the rounding of such ties depends.
    scale = side / few
    centre = (np.arange(few) + 0.5) * scale
    first = (centre - 0.5 * scale + 0.5).astype(np.intp)
    last = np.minimum((centre + 0.5 * scale + 0.5).astype(np.intp), side)
    sums, counts = np.zeros(()), np.zeros(few)
    across = [-1 if a == axis else 1 for a in range(x.ndim)]
    for step in range(int((last - first).max())):
        pixel = first + step
        away = (pixel - centre + 0.5) * (1 / scale)
        inside = (pixel < last) & (away > -0.5) & (away <= 0.5)
        taken = np.take(x, np.minimum(pixel, side - 1), axis=axis)
        sums, counts = sums + taken * inside.reshape(across), counts + inside
    means: Floats = sums / counts.reshape(across)
    if levels is not None:
        # Half a level rounds up; its sum may fall short of that by an ulp.
        means = np.floor(means * levels + 0.5 + 1e-9) / levels
    back: NDArray[np.intp] = ((np.arange(side) + 0.5) * (few / side)).astype(np.intp)
    return np.take(means, back, axis=axis)
