"""The object away from the middle of the picture."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, get_args

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.pictures import Batch, Pixels, check_examples, drawn
from underspec.stress.images.pose.pose import Pose, hundredths
from underspec.stress.images.pose.warp import background

__all__ = ["Translate", "translated"]

Direction: TypeAlias = Literal["random", "horizontal", "vertical"]
_DEGREES = {"random": (0.0, 360.0), "horizontal": (0.0, 180.0), "vertical": (90.0, 270.0)}


@dataclass(frozen=True)
class Translate(Pose):
    """Moves each picture in a direction of its own; interpolated linearly.

    What comes in from outside is the picture's background: per channel, the median of its outermost
    pixels.

    Attributes:
        fractions: how far, in shorter sides of the picture, from 0.01 to 0.99; the probe's severity.
        direction: ``random`` (any), ``horizontal`` (left or right) or ``vertical`` (up or down).
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    family: ClassVar[str] = "translate"
    source: ClassVar[str] = "ours; studied by Azulay & Weiss (JMLR 2019)"
    fractions: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3)
    direction: Direction = "random"
    examples: int | None = None

    def __post_init__(self) -> None:
        said = "Fractions are of the side,", 0.01, 0.99, "fractions: [0.1, 0.2]"
        object.__setattr__(self, "fractions", hundredths(self.fractions, *said))
        if self.direction not in get_args(Direction):
            raise UsageError(one_of("direction", self.direction, get_args(Direction)))
        check_examples(self.examples)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The fractions."""
        return self.fractions

    def title(self, number: float) -> str:
        """Return, say, ``translate, 0.1 of the side``."""
        return f"translate, {number:g} of the side"

    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:
        """Return the pixels moved."""
        way, back = _DEGREES[self.direction]

        def angle(generator: np.random.Generator) -> float:
            if self.direction == "random":
                return generator.uniform(way, back)
            return way if generator.random() < 0.5 else back

        angles = [math.radians(degrees) for degrees in drawn(stream, batch.ids, angle)]
        length = number * min(batch.pixels.shape[1:3])
        # Rounded, so that whole pixels stay whole and every machine has the same weights.
        steps = [[round(length * f(a), 9) for a in angles] for f in (math.sin, math.cos)]
        return translated(batch.pixels, *np.asarray(steps))


def translated(images: Pixels, down: Floats, right: Floats) -> Pixels:
    """Return the images [n, height, width, channels] moved by so many pixels [n] each way."""
    n, height, width, channels = images.shape
    behind = background(images)
    rows, columns = np.floor(down).astype(int), np.floor(right).astype(int)
    reach_y, reach_x = (int(np.abs(steps).max()) + 1 for steps in (rows, columns))
    framed = np.zeros((n, height + 2 * reach_y, width + 2 * reach_x, channels), images.dtype)
    np.subtract(
        images, behind, out=framed[:, reach_y : reach_y + height, reach_x : reach_x + width]
    )
    out = np.zeros_like(images)
    for i in range(n):
        for far_y, weight_y in _two(float(down[i] - rows[i])):
            for far_x, weight_x in _two(float(right[i] - columns[i])):
                y, x = reach_y - rows[i] - far_y, reach_x - columns[i] - far_x
                window = framed[i, y : y + height, x : x + width]
                out[i] += window * images.dtype.type(weight_y * weight_x)
    out += behind
    return out


def _two(part: float) -> list[tuple[int, float]]:
    return [(0, 1 - part), (1, part)] if part else [(0, 1.0)]
