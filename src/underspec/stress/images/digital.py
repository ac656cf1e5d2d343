"""Distortions of the picture as data: contrast and resolution."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.digital_blocks import in_blocks
from underspec.stress.images.digital_bytes import in_blocks_exactly
from underspec.stress.images.pictures import Batch, Pixels

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
    alone_below: ClassVar[int] = 1 << 20

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels with less contrast."""
        n, height, width, channels = batch.raw.shape
        rows = batch.raw.reshape(n, height, width * channels).astype(np.float32)
        # Down the columns first, always in the same order; grey levels add up exactly.
        columns = np.add.reduce(rows, axis=1, dtype=np.float32 if height < 1 << 16 else np.float64)
        means = columns.reshape(n, width, channels).sum(axis=1, dtype=np.float64)
        means *= (1 - constant) / (height * width)
        if batch.whole:
            means += 0.5  # what is cut off then is rounded to the nearest
        rows *= np.float32(constant)
        rows += np.tile(means.astype(np.float32), (1, width))[:, None]
        return rows.reshape(batch.raw.shape).astype(np.uint8 if batch.whole else np.float32)


@dataclass(frozen=True)
class Pixelate(Corruption):
    """Shrinks the picture by box averaging to ``int(c * side)`` pixels and blows it up again.

    As Pillow's ``Image.BOX`` does it, which the published code uses; on uint8 the result is
    Pillow's to the bit. (Of small pictures far taller than wide, whose columns Pillow may shrink
    first, it can be a level off.) Blocks are whole pixels, so that on very small images two
    severities may come out the same: at 8 pixels 1 and 2 do, and 3 and 4.
    """

    family: ClassVar[str] = "pixelate"
    constants = (
        (0.95, 0.9, 0.85, 0.75, 0.65),
        (0.9, 0.8, 0.7, 0.6, 0.5),
        (0.6, 0.5, 0.4, 0.3, 0.25),
    )
    alone_below: ClassVar[int] = 1 << 20

    @property
    def graded(self) -> bool:
        """No: where fewer blocks happen to divide the side better, they can change less."""
        return False

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels in blocks."""
        if batch.whole:
            return in_blocks_exactly(batch.raw, constant)
        return in_blocks(batch.values, constant)
