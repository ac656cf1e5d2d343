"""Blur by movement."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import uniforms
from underspec.stress.images.pictures import Batch, Pixels

__all__ = ["MotionBlur", "smeared"]

# Steps whose weights sum to less than this share are left out: less than 0.004 of a grey level.
_NOTHING = 1 / (1 << 16)


@dataclass(frozen=True)
class MotionBlur(Corruption):
    """Smears each picture along a direction of its own, drawn evenly from -45 to 45 degrees.

    The published code calls ImageMagick; this takes the same sum: pixels at 0, 1, ... 2 * radius
    steps along the direction, each the nearest one, with the weights of one half of a Gaussian;
    beyond the edge the edge is repeated. Constants are the radius and the standard deviation.
    """

    family: ClassVar[str] = "motion_blur"
    constants = (
        ((6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5)),
        ((10, 1.0), (10, 1.5), (10, 2.0), (10, 2.5), (12, 3.0)),
        ((10, 3.0), (15, 5.0), (15, 8.0), (15, 12.0), (20, 15.0)),
    )
    lengths: ClassVar[tuple[int, ...]] = (0, 1)
    alone_below: ClassVar[int] = 1 << 20

    @property
    def graded(self) -> bool:
        """No: for small images the constants of severities 3 and 4 smear equally far."""
        return False

    def smallest(self, constant: tuple[int, float]) -> int:
        """Return the steps within two standard deviations, or all where there are fewer."""
        radius, sd = constant
        return min(2 * radius, math.ceil(2 * sd)) + 1

    def distort(self, batch: Batch, constant: tuple[int, float], stream: Stream) -> Pixels:
        """Return the pixels smeared."""
        angles = uniforms(stream, batch.ids, (1,), -45.0, 45.0)[:, 0]
        return batch.settled(smeared(batch.raw, angles, *constant))


def smeared(
    images: Pixels, angles: NDArray[np.floating], radius: int, sd: float
) -> NDArray[np.float32]:
    """Return images blurred along a direction, float32 in the scale that they have.

    Args:
        images: [n, height, width, channels].
        angles: [n], in degrees, clockwise from the right, which is where each pixel looks.
        radius: half the number of steps.
        sd: of the Gaussian along the direction, in steps.
    """
    weights = np.exp(-0.5 * (np.arange(2 * radius + 1) / sd) ** 2)
    weights /= math.fsum(weights)
    after = np.cumsum(weights[::-1])[::-1]
    weights = weights[after > _NOTHING]
    # Sorted by angle, pictures with the same offset at a step stand together and move as one.
    order = np.argsort(angles, kind="stable")
    turned = np.deg2rad(angles[order].astype(np.float64))
    steps = np.arange(len(weights))[:, None]
    down, right = (np.ceil(steps * f(turned) - 0.5).astype(int) for f in (np.sin, np.cos))
    n, height, width, channels = images.shape
    (top, bottom), (left, beyond) = (_reach(offsets) for offsets in (down, right))
    # One row more than is looked at, so that pictures laid flat can be shifted within themselves.
    wide = left + width + beyond
    padded = np.zeros((n, top + height + bottom + 1, wide, channels), np.float32)
    inner = padded[:, top : top + height]
    inner[:, :, left : left + width] = images[order]
    inner[:, :, :left] = inner[:, :, left : left + 1]
    inner[:, :, left + width :] = inner[:, :, left + width - 1 : left + width]
    padded[:, :top], padded[:, top + height : -1] = inner[:, :1], inner[:, -1:]
    flat = padded.reshape(n, -1)
    places = ((top + down) * wide + left + right) * channels
    size = height * wide * channels
    # From the last step to the first, what there is so far is scaled down and a step added: each
    # weight is a share of the one before it.
    sums = np.empty((n, size), np.float32)
    for step in range(len(weights) - 1, -1, -1):
        add = step < len(weights) - 1
        if add:
            sums *= np.float32(weights[step + 1] / weights[step])
        for start, stop in _runs(places[step]):
            window = flat[start:stop, places[step, start] : places[step, start] + size]
            if add:
                sums[start:stop] += window
            else:
                sums[start:stop] = window
    sums *= np.float32(weights[0])
    out = np.empty(images.shape, np.float32)
    out[order] = sums.reshape(n, height, wide, channels)[:, :, :width]
    return out


def _reach(offsets: NDArray[np.int_]) -> tuple[int, int]:
    return max(0, -int(offsets.min())), max(0, int(offsets.max()))


def _runs(places: NDArray[np.int_]) -> Iterator[tuple[int, int]]:
    changes = np.flatnonzero(np.diff(places)) + 1
    yield from itertools.pairwise([0, *changes.tolist(), len(places)])
