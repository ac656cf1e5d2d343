"""Something in front of the object."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, get_args

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.pictures import Batch, Pixels, check_examples, drawn
from underspec.stress.images.pose.pose import Pose, hundredths

__all__ = ["Occlude", "patches"]

Fill: TypeAlias = Literal["grey", "median", "noise"]


@dataclass(frozen=True)
class Occlude(Pose):
    """Covers a share of each picture by a patch of the picture's form, at a place of its own.

    The patch lies inside the picture anywhere, evenly; pixels at its edges are covered in part, so
    that the share is exact.

    Attributes:
        shares: covered part of the area, from 0.01 to 0.99; the probe's severity.
        fill: ``grey`` (half of the range), ``median`` (the picture's own, per channel) or ``noise``
            (even over the range, each value by itself).
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    family: ClassVar[str] = "occlude"
    source: ClassVar[str] = "ours; a grey patch as in Zeiler & Fergus (ECCV 2014)"
    shares: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    fill: Fill = "grey"
    examples: int | None = None

    def __post_init__(self) -> None:
        said = "Shares of the area are", 0.01, 0.99, "shares: [0.1, 0.2]"
        object.__setattr__(self, "shares", hundredths(self.shares, *said))
        if self.fill not in get_args(Fill):
            raise UsageError(one_of("fill", self.fill, get_args(Fill)))
        check_examples(self.examples)

    @property
    def graded(self) -> bool:
        """A larger patch moves more pixels."""
        return True

    @property
    def numbers(self) -> tuple[float, ...]:
        """The shares."""
        return self.shares

    def title(self, number: float) -> str:
        """Return, say, ``occlude, 20 % of the area``."""
        return f"occlude, {100 * number:g} % of the area"

    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:
        """Return the pixels with a patch over them."""
        pixels = batch.pixels
        places = np.asarray(drawn(stream, batch.ids, lambda g: g.random(2)))
        height, width = pixels.shape[1:3]
        over = patches(height, width, number, places).astype(np.float32)[..., None]
        return pixels + over * (self._filled(batch, stream) - pixels)

    def _filled(self, batch: Batch, stream: Stream) -> Pixels:
        pixels = batch.pixels
        if self.fill == "grey":
            return np.full((1, 1, 1, 1), 0.5, dtype=np.float32)
        if self.fill == "median":
            median: Pixels = np.median(pixels, axis=(1, 2), keepdims=True)
            return median
        shape = pixels.shape[1:]
        noise = stream.child("noise")
        return np.stack(drawn(noise, batch.ids, lambda g: g.random(shape, np.float32)))


def patches(height: int, width: int, share: float, places: Floats) -> Floats:
    """Return how much of each pixel is covered, [n, height, width], each picture's sum `share` of it.

    Args:
        height: of the pictures.
        width: of the pictures.
        share: of the area.
        places: [n, 2] from 0 (top, left) to 1 (bottom, right).
    """
    across = []
    for side, place in zip((height, width), places.T, strict=True):
        long = math.sqrt(share) * side
        start = (place * (side - long))[:, None]
        edge = np.arange(side)
        overlap = np.minimum(edge + 1, start + long) - np.maximum(edge, start)
        across.append(np.maximum(overlap, 0))
    covered: Floats = across[0][:, :, None] * across[1][:, None, :]
    return covered
