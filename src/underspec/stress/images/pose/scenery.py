"""Plain backgrounds: found, and drawn anew."""

import math
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans
from underspec.core.streams import Stream
from underspec.stress.images.pictures import Batch, Pixels, drawn
from underspec.stress.images.pose.warp import background, inner, within

__all__ = ["Found", "Scenery", "found", "scenery"]

Scenery: TypeAlias = Literal["colour", "gradient", "noise"]

_OBJECT = 0.01
"""Least part of the picture that must not be background."""


class Found(NamedTuple):
    """Where the background of pictures is.

    Attributes:
        plain: whether each picture has a plain one, [n].
        behind: its pixels, [n, height, width]; of no meaning where it is not plain.
    """

    plain: Booleans
    behind: Booleans


def found(images: Pixels, tolerance: float, border: float) -> Found:
    """Find the plain background of each picture by itself.

    It is plain where so many of the outermost pixels lie within `tolerance` of their median in every
    channel, and something stands before it. It is all such pixels that are connected to the
    border by such pixels; what shows through holes of an object is not.

    Args:
        images: floats in 0..1, [n, height, width, channels].
        tolerance: in the same units.
        border: least part of the outermost pixels that must be alike.
    """
    from scipy import ndimage

    alike = (np.abs(images - background(images)) <= tolerance + 1e-6).all(axis=-1)
    outer = ~inner(*images.shape[1:3])
    # Neighbours in the plane of the picture only: no picture touches the next.
    beside = np.zeros((3, 3, 3), dtype=np.bool_)
    beside[1] = ndimage.generate_binary_structure(2, 1)
    labels, count = ndimage.label(alike, beside)
    reached = np.zeros(count + 1, dtype=np.bool_)
    reached[labels[:, outer]] = True
    reached[0] = False
    behind = reached[labels]
    plain = (alike[:, outer].mean(axis=1) >= border) & (behind.mean(axis=(1, 2)) <= 1 - _OBJECT)
    return Found(plain, behind)


def scenery(batch: Batch, what: Scenery, stream: Stream) -> Pixels:
    """Return a background for each picture of a batch, drawn by itself; it broadcasts to the batch.

    ``colour`` is one colour, ``gradient`` runs from one to another in some direction, ``noise`` is a
    cloudy texture: three grids of random values, 4, 8 and 16 cells wide with halving weights, each
    interpolated linearly, stretched over the whole range.
    """
    height, width, channels = batch.pixels.shape[1:]
    if what == "colour":
        colours: Pixels = np.stack(
            drawn(stream, batch.ids, lambda g: g.random(channels, np.float32))
        )
        return colours[:, None, None]
    if what == "gradient":
        draws = drawn(stream, batch.ids, lambda g: (g.uniform(0, 360), g.random((2, channels))))
        return np.stack([_gradient(height, width, *draw) for draw in draws])
    grids = drawn(stream, batch.ids, lambda g: [g.random((k + 1, k + 1, channels)) for k in _CELLS])
    return np.stack([_clouds(height, width, grid) for grid in grids])


_CELLS = (4, 8, 16)


def _gradient(height: int, width: int, degrees: float, ends: NDArray[np.float64]) -> Pixels:
    y, x = within(height, width)
    down, right = (round(f(math.radians(degrees)), 12) for f in (math.sin, math.cos))
    along = y * down + x * right
    part = ((along - along.min()) / max(float(np.ptp(along)), 1.0)).reshape(height, width, 1)
    colours: Pixels = ends[0] + part * (ends[1] - ends[0])
    return colours.astype(np.float32)


def _clouds(height: int, width: int, grids: list[NDArray[np.float64]]) -> Pixels:
    total: Pixels = np.zeros(())
    for octave, grid in enumerate(grids):
        total = total + _stretched(_stretched(grid, 0, height), 1, width) / 2**octave
    low = total.min()
    clouds: Pixels = (total - low) / (total.max() - low)
    return clouds.astype(np.float32)


def _stretched(grid: Pixels, axis: int, side: int) -> Pixels:
    at = np.arange(side) * ((grid.shape[axis] - 1) / side)
    low = np.floor(at).astype(np.intp)
    part = (at - low).reshape([-1 if a == axis else 1 for a in range(grid.ndim)])
    below = np.take(grid, low, axis)
    between: Pixels = below + part * (np.take(grid, low + 1, axis) - below)
    return between
