"""Blocks of whole pixels, as Pillow's box filter shrinks a picture to them and blows it up again."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocks", "blocks", "in_blocks", "in_blocks_exactly"]

Bytes = NDArray[np.uint8]

# Pictures of more values are masked row by row, so that masks stay small.
_LARGE = 1 << 18


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
    def shapes(self) -> dict[int, NDArray[np.intp]]:
        """The blocks of each length that there is, the shortest first."""
        return {int(n): np.flatnonzero(self.lengths == n) for n in np.unique(self.lengths)}

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


def in_blocks_exactly(images: Bytes, c: float) -> Bytes:
    """Return uint8 images [n, height, width, channels] with each block's mean for its pixels.

    Across first, then down, each rounded to whole levels, half a level up, as Pillow does.
    """
    n, height, width, channels = images.shape
    across, down = blocks(width, c), blocks(height, c)
    rows = np.ascontiguousarray(images).reshape(n, height, width * channels)
    # Every pixel gets the mean of the block that would begin there; those that do begin there are
    # then spread over their blocks, when rows have become few.
    begun = _begun(rows, across, channels)
    few = _down(begun, down)
    return np.take(_spread(few, across, channels), down.block, axis=1).reshape(images.shape)


def _laid(rows: Bytes) -> Bytes:
    n, height, row = rows.shape
    return rows.reshape((n, -1) if height * row <= _LARGE else (n * height, row))


def _begun(rows: Bytes, across: Blocks, channels: int) -> Bytes:
    shapes = across.shapes
    if max(shapes) == 1:
        return rows
    if max(shapes) == 2:
        return _halved(rows, across, channels)
    flat = rows.reshape(-1).astype(np.uint16)
    # Half of the length is added, so that what the division cuts off rounds to the nearest.
    length, half = 1, min(shapes) // 2
    sums = flat + np.uint16(half)
    means = rows
    for wanted in shapes:
        for step in range(length, wanted):
            sums[: -step * channels] += flat[step * channels :]
        if wanted // 2 > half:
            sums += np.uint16(wanted // 2 - half)
        length, half = wanted, wanted // 2
        these = (sums // np.uint16(wanted)).astype(np.uint8).reshape(rows.shape)
        if means is rows:
            means = these
            continue
        these ^= means
        laid = _laid(these)
        laid &= _beginning(across, wanted, laid.shape[1], channels)
        means ^= these
    return means


def _halved(rows: Bytes, across: Blocks, channels: int) -> Bytes:
    # The mean of a and b, rounded up, is (a | b) - ((a ^ b) >> 1); of a alone where b is a.
    differ = np.empty_like(rows)
    flat, on = rows.reshape(-1), differ.reshape(-1)
    np.bitwise_xor(flat[:-channels], flat[channels:], out=on[:-channels])
    on[-channels:] = 0
    laid = _laid(differ)
    laid &= _beginning(across, 2, laid.shape[1], channels)
    return _mean_with(rows | differ, differ)


def _mean_with(either: Bytes, differ: Bytes) -> Bytes:
    differ >>= 1
    either -= differ
    return either


def _down(rows: Bytes, down: Blocks) -> Bytes:
    shapes = down.shapes
    if max(shapes) == 1:
        return rows
    if max(shapes) == 2:
        top = np.take(rows, down.first, axis=1)
        differ = np.take(rows, down.first + down.lengths - 1, axis=1)
        differ ^= top
        top |= differ
        return _mean_with(top, differ)
    means = np.empty((len(rows), len(down.first), rows.shape[2]), np.uint8)
    sums, length = np.take(rows, down.first, axis=1).astype(np.uint16), 1
    for wanted, which in shapes.items():
        for step in range(length, wanted):
            pixels = np.minimum(down.first + step, rows.shape[1] - 1)
            sums += np.take(rows, pixels, axis=1).astype(np.uint16)
        length = wanted
        these = (sums + np.uint16(wanted // 2)) // np.uint16(wanted)
        means[:, which] = these[:, which]
    return means


def _spread(rows: Bytes, across: Blocks, channels: int) -> Bytes:
    flat = _laid(rows)
    out, moved = np.zeros_like(flat), np.empty_like(flat)
    size = flat.shape[1]
    for way in across.ways:
        by, mask = way * channels, _standing(across, way, size, channels)
        # What comes from beyond a row is masked out.
        to, source = (slice(max(b, 0), size + min(b, 0)) for b in (by, -by))
        np.bitwise_and(flat[:, source], mask[to], out=moved[:, to])
        out[:, to] |= moved[:, to]
    return out.reshape(rows.shape)


@lru_cache(maxsize=64)
def _beginning(across: Blocks, length: int, size: int, channels: int) -> Bytes:
    columns = np.zeros(len(across.block), np.bool_)
    columns[across.first[across.lengths == length]] = True
    return _mask(columns, size, channels)


@lru_cache(maxsize=64)
def _standing(across: Blocks, way: int, size: int, channels: int) -> Bytes:
    columns = np.arange(len(across.block)) - across.first[across.block] == way
    return _mask(columns, size, channels)


def _mask(columns: NDArray[np.bool_], size: int, channels: int) -> Bytes:
    row = np.repeat(columns.astype(np.uint8) * np.uint8(255), channels)
    return np.tile(row, size // len(row))
