"""Soft round dots, very many, added to pictures."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["splat"]

_PIXEL = 0.42  # standard deviation of a pixel's own reach, in pixels


def splat(
    out: Floats,
    picture: NDArray[np.intp],
    x: Floats,
    y: Floats,
    spread: Floats,
    amount: Floats,
    reach: float,
) -> None:
    """Add dots of the shape of a normal curve to pictures.

    Args:
        out: the pictures, [pictures, side, side], changed in place.
        picture: which one a dot is in, ascending, [dots].
        x: of its middle, -1 to 1 across the picture, [dots].
        y: of its middle, -1 to 1 down the picture, [dots].
        spread: its standard deviation, in halves of the side, [dots].
        amount: its volume, height times area, in halves of the side squared, [dots].
        reach: the largest spread that there can be; decides how much of each dot is drawn.
    """
    side = out.shape[-1]
    half = side / 2
    wide = np.hypot(spread * half, _PIXEL)
    radius = int(np.ceil(2.4 * np.hypot(reach * half, _PIXEL)))
    column, row = (x + 1) * half - 0.5, (y + 1) * half - 0.5
    left, top = np.rint(column).astype(np.intp), np.rint(row).astype(np.intp)
    step = np.arange(-radius, radius + 1)
    columns, rows = left[:, None] + step, top[:, None] + step
    shape = -0.5 / wide[:, None] ** 2
    across = np.exp(shape * (columns - column[:, None]) ** 2)
    down = np.exp(shape * (rows - row[:, None]) ** 2)
    down *= (amount * half**2 / (2 * np.pi * wide**2))[:, None]
    across[(columns < 0) | (columns >= side)] = 0
    down[(rows < 0) | (rows >= side)] = 0
    columns, rows = columns.clip(0, side - 1), rows.clip(0, side - 1)
    place = (picture[:, None] * side + rows)[:, :, None] * side + columns[:, None, :]
    weight = down[:, :, None] * across[:, None, :]
    out += np.bincount(place.ravel(), weight.ravel(), out.size).reshape(out.shape)
