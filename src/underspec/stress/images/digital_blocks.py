"""Blocks of whole pixels, as Pillow's box filter shrinks a picture to them and blows it up again."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Blocks", "blocks", "in_blocks"]


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks along one side.

    Attributes:
        first: pixel of each block.
        lengths: pixels in each block, 1 or more.
        block: of each pixel in the picture blown up again.
    """

    first: NDArray[np.intp]
    lengths: NDArray[np.intp]
    block: NDArray[np.intp]

    @cached_property
    def nearest(self) -> bool:
        """Whether Pillow's nearest filter spreads blocks alike; its sums may fall short of a tie."""
        numbers = Image.fromarray(np.arange(len(self.first), dtype=np.int32)[None])
        spread = numbers.resize((len(self.block), 1), Image.Resampling.NEAREST)
        return bool((np.asarray(spread)[0] == self.block).all())

    @cached_property
    def ways(self) -> list[int]:
        """How far pixels lie from the first of their block, each distance once."""
        away: list[int] = np.unique(np.arange(len(self.block)) - self.first[self.block]).tolist()
        return away


@lru_cache(maxsize=64)
def blocks(side: int, c: float) -> Blocks:
    """Return the blocks that ``int(side * c)`` pixels stand for, one at least."""
    few = max(1, int(side * c))
    # A pixel belongs to the block that holds its centre, one on the border to the block before. In
    # Pillow's order of operations, on which the rounding of such ties depends.
    scale = side / few
    centre = (np.arange(few) + 0.5) * scale
    low = (centre - 0.5 * scale + 0.5).astype(np.intp)
    high = np.minimum((centre + 0.5 * scale + 0.5).astype(np.intp), side)
    pixel = low[:, None] + np.arange(int((high - low).max()))
    away = (pixel - centre[:, None] + 0.5) * (1 / scale)
    inside = (pixel < high[:, None]) & (away > -0.5) & (away <= 0.5)
    first = low + inside.argmax(axis=1)
    back = ((np.arange(side) + 0.5) * (few / side)).astype(np.intp)
    return Blocks(first, inside.sum(axis=1), back)


def in_blocks(images: NDArray[np.float32], c: float) -> NDArray[np.float32]:
    """Return float images [n, height, width, channels] with each block's mean for its pixels."""
    for axis in (2, 1):
        along = blocks(images.shape[axis], c)
        sums = np.zeros_like(images[:, :1] if axis == 1 else images[:, :, :1])
        sums = np.repeat(sums, len(along.first), axis=axis)
        turn = [-1 if a == axis else 1 for a in range(4)]
        for step in range(int(along.lengths.max())):
            pixels = np.minimum(along.first + step, images.shape[axis] - 1)
            inside = (step < along.lengths).astype(np.float32).reshape(turn)
            sums += np.take(images, pixels, axis=axis) * inside
        sums /= along.lengths.astype(np.float32).reshape(turn)
        images = np.take(sums, along.block, axis=axis)
    return images
