"""Distortions by how the camera is held."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import (
    Batch,
    check_examples,
    chosen,
    distorted,
    drawn,
    pictures,
)

__all__ = ["Rotate"]


@dataclass(frozen=True)
class Rotate(Stress):
    """Turns each picture about its centre, to the left or the right as its own stream says.

    Interpolated linearly; the size stays. Corners that come from outside the picture get its
    background: per channel, the median of its outermost pixels. (Repeating the edge instead would
    draw an object that touches it out into streaks.)

    Attributes:
        angles: in degrees, above 0 up to 180; the angle is the probe's severity.
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    angles: tuple[float, ...] = (15, 30, 45, 60, 90)
    examples: int | None = None

    def __post_init__(self) -> None:
        given: Any = self.angles
        angles = (given,) if isinstance(given, int | float) else tuple(given)
        # To a hundredth of a degree, so that each angle has a name of its own.
        fine = [round(angle * 100) for angle in angles]
        exact = all(abs(angle * 100 - f) < 1e-6 for angle, f in zip(angles, fine, strict=True))
        if (
            not exact
            or not fine
            or len(set(fine)) < len(fine)
            or min(fine) < 1
            or max(fine) > 18000
        ):
            raise UsageError(
                f"Angles are degrees from 0.01 to 180 in hundredths, each once; got {list(angles)}. "
                f"Write angles: [15, 30, 45]."
            )
        object.__setattr__(self, "angles", angles)
        check_examples(self.examples)

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe an angle, such as ``rotate-45``.

        Raises:
            UsageError: the inputs are no images.
        """
        source = chosen(data, self.examples, key)
        pictures(source, "rotate")
        for angle in self.angles:
            stream = key.child("rotate", f"{angle:g}")
            yield Probe(
                name=f"rotate-{angle:g}",
                kind=self.kind,
                family="rotate",
                severity=float(angle),
                data=distorted(source, partial(_turned, angle=angle, stream=stream)),
                title=f"rotate, {angle:g} degrees",
            )


def _turned(batch: Batch, angle: float, stream: Stream) -> Floats:
    left = np.asarray(drawn(stream, batch.ids, lambda g: g.random() < 0.5), dtype=np.bool_)
    out = np.empty_like(batch.pixels)
    out[left] = rotated(batch.pixels[left], angle)
    out[~left] = rotated(batch.pixels[~left], -angle)
    return out


def rotated(images: Floats, degrees: float) -> Floats:
    """Return the images [n, height, width, channels] turned left by so many degrees."""
    n, height, width, channels = images.shape
    # Rounded, so that a right angle hits pixels exactly and every machine has the same weights.
    cos, sin = (round(f(math.radians(degrees)), 12) for f in (math.cos, math.sin))
    y, x = np.mgrid[:height, :width].reshape(2, -1)
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    from_y = cos * y + sin * x + (height - 1) / 2
    from_x = cos * x - sin * y + (width - 1) / 2
    top, near = np.floor(from_y).astype(np.intp), np.floor(from_x).astype(np.intp)
    part_y, part_x = (from_y - top)[:, None], (from_x - near)[:, None]
    background = _background(images)
    # What lies outside is the background: the differences to it, with zeros around, are turned.
    padded = np.zeros((n, height + 2, width + 2, channels))
    padded[:, 1:-1, 1:-1] = images - background
    flat = padded.reshape(n, (height + 2) * (width + 2), channels)
    out = np.zeros((n, height * width, channels))
    for down, weight_y in ((0, 1 - part_y), (1, part_y)):
        for right, weight_x in ((0, 1 - part_x), (1, part_x)):
            row = np.clip(top + down + 1, 0, height + 1)
            column = np.clip(near + right + 1, 0, width + 1)
            corner = np.take(flat, row * (width + 2) + column, axis=1)
            corner *= weight_y * weight_x
            out += corner
    return out.reshape(images.shape) + background


def _background(images: Floats) -> Floats:
    border = np.ones(images.shape[1:3], dtype=np.bool_)
    border[1:-1, 1:-1] = False
    median: Floats = np.median(images[:, border], axis=1)[:, None, None]
    return median
