"""Another viewpoint: the picture as a plane that is turned away from the camera."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, TypeAlias, get_args

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.parameters import is_number
from underspec.stress.images.pictures import Batch, Pixels, check_examples, drawn
from underspec.stress.images.pose.pose import Pose, hundredths
from underspec.stress.images.pose.warp import Taps, taken, taps, within

__all__ = ["Perspective", "seen"]

Axis: TypeAlias = Literal["random", "horizontal", "vertical"]
_WAYS = {"random": (0.0, 360.0), "horizontal": (0.0, 180.0), "vertical": (90.0, 270.0)}


@dataclass(frozen=True)
class Perspective(Pose):
    """Shows each picture as a plane turned about an axis through its centre, from a pinhole camera.

    The camera looks straight at the centre, and the picture at 0 degrees would fill the frame.
    Interpolated linearly, so that fine lines may break up beyond 60 degrees. What is seen beside the plane is its background: per channel, the median
    of its outermost pixels. A picture is flat, so that no hidden side comes into view: this is a
    part of what another viewpoint of a solid object changes.

    Attributes:
        angles: by which the plane is turned, in degrees from 0.01 to 80; the probe's severity.
        axis: ``vertical`` (to the left or right), ``horizontal`` (up or down), or ``random``, one
            of its own for each picture.
        distance: of the camera from the centre, in longer sides of the picture, from 1 to a million. The
            nearer, the more nearer parts grow.
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    family: ClassVar[str] = "perspective"
    source: ClassVar[str] = "ours; ObjectNet controls viewpoint (Barbu et al., NeurIPS 2019)"
    angles: tuple[float, ...] = (15, 30, 45, 60)
    axis: Axis = "random"
    distance: float = 2.0
    examples: int | None = None

    def __post_init__(self) -> None:
        said = "Angles are degrees", 0.01, 80, "angles: [15, 30, 45]"
        object.__setattr__(self, "angles", hundredths(self.angles, *said))
        if self.axis not in get_args(Axis):
            raise UsageError(one_of("axis", self.axis, get_args(Axis)))
        if not (is_number(self.distance) and 1 <= self.distance <= 1e6):
            raise UsageError(
                f"The distance is in longer sides of the picture, up to a million and at least 1; got {self.distance!r}. "
                f"Write distance: 2."
            )
        check_examples(self.examples)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The angles."""
        return self.angles

    def title(self, number: float) -> str:
        """Return, say, ``perspective, 30 degrees``."""
        return f"perspective, {number:g} degrees"

    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:
        """Return the pixels as seen."""
        low, high = _WAYS[self.axis]

        def axis(generator: np.random.Generator) -> float:
            if self.axis == "random":
                return generator.uniform(low, high)
            return low if generator.random() < 0.5 else high

        height, width = batch.pixels.shape[1:3]
        axes = np.asarray(drawn(stream, batch.ids, axis))
        if self.axis == "random":
            return taken(batch.pixels, seen(height, width, number, axes, self.distance))
        out = np.empty_like(batch.pixels)
        for way in np.unique(axes):
            rows = axes == way
            one = _seen(height, width, number, float(way), self.distance)
            out[rows] = taken(batch.pixels[rows], one)
        return out


def seen(height: int, width: int, degrees: float, axes: Floats, distance: float) -> Taps:
    """Return from where each pixel comes when the picture is turned out of its plane.

    A point of the plane at p across the axis goes to depth p sin θ behind the centre; seen from D,
    it stands at D p cos θ / (D + p sin θ), and what lies along the axis shrinks by
    D / (D + p sin θ). Here solved for p.

    Args:
        height: of the pictures.
        width: of the pictures.
        degrees: θ; the other way is that about an axis in the opposite direction.
        axes: direction of each picture's axis in degrees, [pictures]: 0 is to the right, 90 down.
        distance: of the camera, in longer sides.
    """
    # Rounded, so that every machine has the same weights.
    cos, sin = (round(f(math.radians(degrees)), 12) for f in (math.cos, math.sin))
    right, down = (
        np.asarray([[round(f(math.radians(axis)), 12)] for axis in axes])
        for f in (math.cos, math.sin)
    )
    far = distance * max(height, width)
    y, x = within(height, width)
    along, across = x * right + y * down, y * right - x * down
    depth = far * cos - across * sin
    # Beyond the horizon of the plane there is nothing to be seen.
    times = far / np.where(depth > 1e-6 * far, depth, 1e-6 * far)
    along, across = along * (times * cos), across * times
    from_x = along * right - across * down + (width - 1) / 2
    from_y = along * down + across * right + (height - 1) / 2
    return taps(from_y, from_x, height, width)


@lru_cache(maxsize=8)
def _seen(height: int, width: int, degrees: float, axis: float, distance: float) -> Taps:
    return seen(height, width, degrees, np.asarray([axis]), distance)
