"""The object nearer or farther away."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.streams import Stream
from underspec.stress.images.pictures import Batch, Pixels, check_examples
from underspec.stress.images.pose.pose import Pose, hundredths
from underspec.stress.images.pose.warp import background

__all__ = ["Scale", "scaled"]


@dataclass(frozen=True)
class Scale(Pose):
    """Shrinks or enlarges each picture about its centre; its size stays.

    Interpolated linearly, and shrunk with weights that reach as far as the shrinking, so that fine
    lines do not break up. Around a shrunk picture stands its background: per channel, the median of
    its outermost pixels. Nothing is random.

    Attributes:
        factors: from 0.1 (a tenth as wide) to 10, not 1; the factor is the probe's severity.
        examples: use so many images, the same ones in every image stress test; all where None.
    """

    family: ClassVar[str] = "scale"
    source: ClassVar[str] = "ours; studied by Azulay & Weiss (JMLR 2019)"
    factors: tuple[float, ...] = (0.5, 0.7, 1.4, 2)
    examples: int | None = None

    def __post_init__(self) -> None:
        said = "Factors are numbers", 0.1, 10, "factors: [0.5, 2]"
        object.__setattr__(self, "factors", hundredths(self.factors, *said))
        if 1 in self.factors:
            raise UsageError("A factor of 1 changes nothing: it is the holdout. Leave it out.")
        check_examples(self.examples)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The factors."""
        return self.factors

    def title(self, number: float) -> str:
        """Return, say, ``scale, 0.5 times``."""
        return f"scale, {number:g} times"

    def move(self, batch: Batch, number: float, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels shrunk or enlarged."""
        return scaled(batch.pixels, number)


def scaled(images: Pixels, factor: float) -> Pixels:
    """Return the images [n, height, width, channels] so many times as large, in their frame."""
    behind = background(images)
    made = _along(_along(images - behind, 1, factor), 2, factor)
    made += behind
    return made


def _along(x: Pixels, axis: int, factor: float) -> Pixels:
    """Return x stretched along an axis, zeros coming in from outside."""
    side = x.shape[axis]
    centre = (side - 1) / 2
    places = (np.arange(side) - centre) / factor + centre
    reach = max(1.0, 1 / factor)
    first = np.ceil(places - reach).astype(np.intp)
    taps = first + np.arange(int(2 * reach) + 1)[:, None]
    weights = np.maximum(0, 1 - np.abs(taps - places) / reach)
    weights /= weights.sum(axis=0)
    weights[(taps < 0) | (taps >= side)] = 0
    out = np.zeros_like(x)
    shape = [-1 if a == axis else 1 for a in range(x.ndim)]
    for tap, weight in zip(np.clip(taps, 0, side - 1), weights, strict=True):
        if weight.any():
            out += np.take(x, tap, axis=axis) * weight.astype(x.dtype).reshape(shape)
    return out
