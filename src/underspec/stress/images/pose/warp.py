"""Moving pixels: where each one of the result comes from, and what fills the rest."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.stress.images.pictures import Pixels

__all__ = ["Taps", "background", "inner", "taken", "taps", "within"]


class Taps(NamedTuple):
    """From which pixels each pixel of a result is mixed.

    Attributes:
        places: [4, pixels], or [4, pictures, pixels] where each picture has its own, in a flattened
            picture with a frame of one pixel around it.
        weights: float32 [4, (pictures,) pixels, 1].
    """

    places: NDArray[np.intp]
    weights: NDArray[np.float32]


def taps(from_y: Floats, from_x: Floats, height: int, width: int) -> Taps:
    """Return the four neighbours of each place and their weights, for linear interpolation.

    Args:
        from_y: rows in the picture, [pixels] or [pictures, pixels], fractions allowed; what lies
            outside is in the frame.
        from_x: columns, alike.
        height: of the picture.
        width: of the picture.
    """
    top, near = np.floor(from_y), np.floor(from_x)
    part_y, part_x = from_y - top, from_x - near
    rows = [np.clip(top + down, 0, height + 1).astype(np.intp) for down in (1, 2)]
    columns = [np.clip(near + right, 0, width + 1).astype(np.intp) for right in (1, 2)]
    places = [row * (width + 2) + column for row in rows for column in columns]
    weights = [y * x for y in (1 - part_y, part_y) for x in (1 - part_x, part_x)]
    return Taps(np.stack(places), np.stack(weights).astype(np.float32)[..., None])


def taken(images: Pixels, mixed: Taps) -> Pixels:
    """Return the images [n, height, width, channels] with each pixel mixed as said.

    What comes from outside a picture is its background.
    """
    n, height, width, channels = images.shape
    behind = background(images)
    # The differences to the background, with zeros around them, are what is moved.
    framed = np.zeros((n, height + 2, width + 2, channels), images.dtype)
    np.subtract(images, behind, out=framed[:, 1:-1, 1:-1])
    size = (height + 2) * (width + 2)
    flat, first = framed.reshape(n, size, channels), np.arange(n)[:, None] * size
    out = np.zeros((n, height * width, channels), images.dtype)
    for place, weight in zip(*mixed, strict=True):
        if place.ndim == 1:
            corner = np.take(flat, place, axis=1)
        else:
            corner = np.take(flat.reshape(-1, channels), first + place, axis=0)
        corner *= weight
        out += corner
    moved: Pixels = out.reshape(images.shape)
    moved += behind
    return moved


def within(height: int, width: int) -> tuple[Floats, Floats]:
    """Return row and column of each pixel, [pixels] each, counted from the picture's centre."""
    y, x = np.mgrid[:height, :width].reshape(2, -1)
    return y - (height - 1) / 2, x - (width - 1) / 2


def inner(height: int, width: int) -> NDArray[np.bool_]:
    """Return which pixels are not the outermost ones, [height, width]."""
    inside = np.zeros((height, width), dtype=np.bool_)
    inside[1:-1, 1:-1] = True
    return inside


def background(images: Pixels) -> Pixels:
    """Return the background of each picture, [n, 1, 1, channels]: the median of its outermost pixels.

    Repeating the edge instead would draw an object that touches it out into streaks.
    """
    border = ~inner(*images.shape[1:3])
    median: Pixels = np.median(images[:, border], axis=1)[:, None, None]
    return median
