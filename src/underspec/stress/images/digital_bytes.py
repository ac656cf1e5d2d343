"""The means of blocks of whole pixels in whole grey levels, to the bit as Pillow rounds them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underspec.stress.images.digital_blocks import Blocks, blocks

__all__ = ["in_blocks_exactly"]

Bytes = NDArray[np.uint8]

# Pictures of more values are masked row by row, so that masks stay small.
_LARGE = 1 << 18


def in_blocks_exactly(images: Bytes, c: float) -> Bytes:
    """Return uint8 images [n, height, width, channels] with each block's mean for its pixels.

    Across first, then down, each rounded to whole levels, half a level up, as Pillow does. Where
    there are longer blocks than of two pixels, Pillow does it.
    """
    across, down = blocks(images.shape[2], c), blocks(images.shape[1], c)
    if max(across.lengths.max(), down.lengths.max()) > 2:
        return _by_pillow(images, across, down)
    return _by_numpy(images, across, down)


def _by_numpy(images: Bytes, across: Blocks, down: Blocks) -> Bytes:
    n, height, width, channels = images.shape
    rows = np.ascontiguousarray(images).reshape(n, height, width * channels)
    # Every pixel gets the mean of the block that would begin there; those that do begin there are
    # then spread over their blocks, when rows have become few.
    few = _down(_halved(rows, across, channels), down)
    return np.take(_spread(few, across, channels), down.block, axis=1).reshape(images.shape)


def _by_pillow(images: Bytes, across: Blocks, down: Blocks) -> Bytes:
    out = np.empty(images.shape, np.uint8)
    wide, short = len(across.block), len(down.first)
    for image, made in zip(images, out, strict=True):
        picture = Image.fromarray(image if image.shape[2] == 3 else image[..., 0])
        few = picture.resize((len(across.first), short), Image.Resampling.BOX)
        if across.nearest:
            few = few.resize((wide, short), Image.Resampling.NEAREST)
        rows = np.asarray(few).reshape(short, -1, image.shape[2])
        if not across.nearest:
            rows = np.take(rows, across.block, axis=1)
        np.take(rows, down.block, axis=0, out=made, mode="clip")
    return out


def _laid(rows: Bytes) -> Bytes:
    n, height, row = rows.shape
    return rows.reshape((n, -1) if height * row <= _LARGE else (n * height, row))


def _halved(rows: Bytes, across: Blocks, channels: int) -> Bytes:
    # The mean of a and b, rounded up, is (a | b) - ((a ^ b) >> 1); of a alone where b is a.
    differ = np.empty_like(rows)
    flat, on = rows.reshape(-1), differ.reshape(-1)
    np.bitwise_xor(flat[:-channels], flat[channels:], out=on[:-channels])
    on[-channels:] = 0
    laid = _laid(differ)
    laid &= _pairs(across, laid.shape[1], channels)
    either = rows | differ
    differ >>= 1
    either -= differ
    return either


def _down(rows: Bytes, down: Blocks) -> Bytes:
    top = np.take(rows, down.first, axis=1)
    differ = np.take(rows, down.first + down.lengths - 1, axis=1)
    differ ^= top
    top |= differ
    differ >>= 1
    top -= differ
    return top


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
def _pairs(across: Blocks, size: int, channels: int) -> Bytes:
    columns = np.zeros(len(across.block), np.bool_)
    columns[across.first[across.lengths == 2]] = True
    return _mask(columns, size, channels)


@lru_cache(maxsize=64)
def _standing(across: Blocks, way: int, size: int, channels: int) -> Bytes:
    columns = np.arange(len(across.block)) - across.first[across.block] == way
    return _mask(columns, size, channels)


def _mask(columns: NDArray[np.bool_], size: int, channels: int) -> Bytes:
    row = np.repeat(columns.astype(np.uint8) * np.uint8(255), channels)
    return np.tile(row, size // len(row))
