"""Distortions by the lens and by movement."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, drawn

__all__ = ["MotionBlur"]


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

    @property
    def graded(self) -> bool:
        """No: for small images the constants of severities 3 and 4 smear equally far."""
        return False

    def distort(self, batch: Batch, constant: tuple[int, float], stream: Stream) -> Floats:
        """Return the pixels smeared."""
        angles = drawn(stream, batch.ids, lambda g: g.uniform(-45.0, 45.0))
        return smeared(batch.pixels, np.asarray(angles), *constant)


def smeared(images: Floats, angles: Floats, radius: int, sd: float) -> Floats:
    """Return the images [n, height, width, channels] blurred along their angles [n], in degrees."""
    steps = range(2 * radius + 1)
    weights = [math.exp(-(i**2) / (2 * sd**2)) for i in steps]
    total = math.fsum(weights)
    # Sorted by angle, pictures with the same offset at a step stand together and move as one.
    order = np.argsort(angles, kind="stable")
    turned = np.deg2rad(angles[order])
    height, width = images.shape[1:3]
    reach = 2 * radius
    padded = np.pad(images[order], ((0, 0), (reach, reach), (0, reach), (0, 0)), mode="edge")
    sums = np.zeros_like(images)
    for i in steps:
        down, right = (np.ceil(i * f(turned) - 0.5).astype(int) for f in (np.sin, np.cos))
        for start, stop in _runs(down, right):
            y, x = reach + int(down[start]), int(right[start])
            window = padded[start:stop, y : y + height, x : x + width]
            sums[start:stop] += (weights[i] / total) * window
    out = np.empty_like(images)
    out[order] = sums
    return out


def _runs(down: NDArray[np.int_], right: NDArray[np.int_]) -> Iterator[tuple[int, int]]:
    changes = np.flatnonzero((np.diff(down) != 0) | (np.diff(right) != 0)) + 1
    bounds = [0, *changes.tolist(), len(down)]
    yield from itertools.pairwise(bounds)
