"""A z-buffer: which triangle is nearest at each sample of each picture."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["nearest"]

_Whole = NDArray[np.intp]


class _Spans(NamedTuple):
    """Runs of covered samples: triangle, first sample counted over all pictures, x of it, length."""

    triangle: _Whole
    start: _Whole
    x: _Whole
    y: Floats
    length: _Whole


def nearest(
    corners: Floats, closeness: Floats, picture: _Whole, pictures: int, side: int
) -> _Whole:
    """Return the number of the triangle seen at each sample, -1 where there is none.

    A sample is covered if its centre lies in the triangle; of a side that two triangles share, each
    centre belongs to one of them. Of equally near triangles the later one is seen.

    Args:
        corners: in samples, x to the right and y down from the upper left corner, [triangles, 3, 2].
        closeness: 1 over the depth of each corner, above 0, [triangles, 3]; it is linear over a
            picture in perspective.
        picture: which picture each triangle is in, [triangles], in rising order.
        pictures: how many.
        side: samples a side.

    Returns:
        Numbers of triangles, counted over all pictures, [pictures, side, side].
    """
    spans = _spans(corners, picture, side)
    if len(spans.length) == 0:
        return np.full((pictures, side, side), -1, dtype=np.intp)
    slope_x, slope_y, base = (plane[spans.triangle] for plane in _planes(corners, closeness))
    first = base + slope_y * spans.y + slope_x * (spans.x + 0.5)
    run = np.repeat(np.arange(len(spans.length)), spans.length)
    step = np.arange(len(run)) - (np.cumsum(spans.length) - spans.length)[run]
    near = (first[run] + slope_x[run] * step).astype(np.float32)
    # Bits of positive floats sort as the floats do: one integer holds closeness, then triangle.
    key = near.view(np.uint32).astype(np.int64) << 32
    key |= spans.triangle[run]
    seen = np.full(pictures * side * side, -1, dtype=np.int64)
    np.maximum.at(seen, spans.start[run] + step, key)
    found = np.where(seen < 0, -1, seen & 0xFFFFFFFF).astype(np.intp)
    return found.reshape(pictures, side, side)


def _planes(corners: Floats, closeness: Floats) -> tuple[Floats, Floats, Floats]:
    """Return closeness as a function of x and y: its two slopes and its value at the origin."""
    (ax, ay), (bx, by), (cx, cy) = (np.moveaxis(corners[:, k], -1, 0) for k in range(3))
    a, b, c = np.moveaxis(closeness, -1, 0)
    twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    # A sliver is as near as its first corner.
    thin = np.abs(twice) < 1e-9
    over = np.where(thin, 0.0, 1 / np.where(thin, 1.0, twice))
    slope_x = ((b - a) * (cy - ay) - (c - a) * (by - ay)) * over
    slope_y = ((c - a) * (bx - ax) - (b - a) * (cx - ax)) * over
    return slope_x, slope_y, a - slope_x * ax - slope_y * ay


def _spans(corners: Floats, picture: _Whole, side: int) -> _Spans:
    top, bottom = corners[:, :, 1].min(axis=1), corners[:, :, 1].max(axis=1)
    first, last = (np.clip(np.ceil(end - 0.5), 0, side).astype(np.intp) for end in (top, bottom))
    rows = np.maximum(last - first, 0)
    triangle = np.repeat(np.arange(len(rows)), rows)
    line = np.arange(len(triangle)) - (np.cumsum(rows) - rows)[triangle] + first[triangle]
    y = line + 0.5
    left, right = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for k in range(3):
        upper, lower = corners[:, k], corners[:, (k + 1) % 3]
        # Always from the upper end, so that both triangles of a side find the same x.
        swap = (upper[:, 1] > lower[:, 1])[:, None]
        upper, lower = np.where(swap, lower, upper), np.where(swap, upper, lower)
        rise = lower[:, 1] - upper[:, 1]
        slope = (lower[:, 0] - upper[:, 0]) / np.where(rise > 0, rise, 1.0)
        y0, y1, x0 = upper[triangle, 1], lower[triangle, 1], upper[triangle, 0]
        x = x0 + slope[triangle] * (y - y0)
        met = (y0 <= y) & (y < y1)
        left = np.where(met & (x < left), x, left)
        right = np.where(met & (x > right), x, right)
    begin, end = (np.clip(np.ceil(x - 0.5), 0, side) for x in (left, right))
    length = np.maximum(end - begin, 0).astype(np.intp)
    kept = np.flatnonzero(length)
    triangle, line, x = triangle[kept], line[kept], begin[kept].astype(np.intp)
    start = (picture[triangle] * side + line) * side + x
    return _Spans(triangle, start, x, line + 0.5, length[kept])
