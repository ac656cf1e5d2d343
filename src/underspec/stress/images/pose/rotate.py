"""The camera, or the object, turned in the plane of the picture."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from underspec.core.streams import Stream
from underspec.stress.images.pictures import Batch, Pixels, check_examples, drawn
from underspec.stress.images.pose.pose import Pose, hundredths
from underspec.stress.images.pose.warp import Taps, taken, taps, within

__all__ = ["Rotate", "rotated"]


@dataclass(frozen=True)
class Rotate(Pose):
    """Turns each picture about its centre, to the left or the right as its own stream says.

    Interpolated linearly; the size stays. Corners that come from outside the picture get its
    background: per channel, the median of its outermost pixels.

    Attributes:
        angles: in degrees, above 0 up to 180; the angle is the probe's severity.
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    family: ClassVar[str] = "rotate"
    source: ClassVar[str] = "ours; ObjectNet controls the same (Barbu et al., NeurIPS 2019)"
    angles: tuple[float, ...] = (15, 30, 45, 60, 90)
    examples: int | None = None

    def __post_init__(self) -> None:
        said = "Angles are degrees", 0.01, 180, "angles: [15, 30, 45]"
        object.__setattr__(self, "angles", hundredths(self.angles, *said))
        check_examples(self.examples)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The angles."""
        return self.angles

    def title(self, number: float) -> str:
        """Return, say, ``rotate, 45 degrees``."""
        return f"rotate, {number:g} degrees"

    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:
        """Return the pixels turned."""
        left = np.asarray(drawn(stream, batch.ids, lambda g: g.random() < 0.5), dtype=np.bool_)
        out = np.empty_like(batch.pixels)
        for way, rows in ((number, left), (-number, ~left)):
            if rows.any():
                out[rows] = rotated(batch.pixels[rows], way)
        return out


def rotated(images: Pixels, degrees: float) -> Pixels:
    """Return the images [n, height, width, channels] turned left by so many degrees."""
    height, width = images.shape[1:3]
    return taken(images, _turned(height, width, degrees))


@lru_cache(maxsize=8)
def _turned(height: int, width: int, degrees: float) -> Taps:
    # Rounded, so that a right angle hits pixels exactly and every machine has the same weights.
    cos, sin = (round(f(math.radians(degrees)), 12) for f in (math.cos, math.sin))
    y, x = within(height, width)
    from_y, from_x = cos * y + sin * x, cos * x - sin * y
    return taps(from_y + (height - 1) / 2, from_x + (width - 1) / 2, height, width)
