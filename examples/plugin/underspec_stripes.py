"""Black stripes across pictures, as blinds, wires or a dirty scanner lay them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress import Stress
from underspec.stress.called import each_example

__all__ = ["Stripes"]


@dataclass(frozen=True)
class Stripes(Stress):
    """Blackens rows of each picture, at heights of its own.

    Attributes:
        severities: from 1 to 9, each a probe; so many tenths of the rows are black.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "images"
    source: ClassVar[str] = "the example plugin of underspec"
    severities: tuple[int, ...] = (1, 3, 5)

    def __post_init__(self) -> None:
        given: Any = self.severities  # a study file may hold a number, a list, or anything else
        severities = tuple(given) if isinstance(given, list | tuple) else (given,)
        known = all(type(s) is int and 1 <= s <= 9 for s in severities)
        if not known or not 0 < len(set(severities)) == len(severities):
            raise UsageError(
                f"Severities of 'stripes' are whole numbers from 1 to 9, each once; got {list(severities)}."
            )
        object.__setattr__(self, "severities", severities)

    @property
    def graded(self) -> bool:
        """More stripes move more pixels."""
        return True

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a severity, such as ``stripes-3``.

        Raises:
            UsageError: the inputs are no images.
        """
        if getattr(data.inputs, "ndim", 0) != 4:
            raise UsageError("'stripes' wants images [examples, height, width, channels].")
        for severity in self.severities:
            yield Probe(
                name=f"stripes-{severity}",
                kind=self.kind,
                family="stripes",
                severity=float(severity),
                # Picture by picture, and not before a model asks for it where they are read from files.
                data=each_example(data, _striped, severity, key.child("stripes", severity)),
                title=f"stripes, severity {severity}",
            )


def _striped(image: NDArray[Any], severity: int, rng: np.random.Generator) -> NDArray[Any]:
    # The example's own generator: what becomes of a picture depends neither on the others nor on
    # their order.
    height = len(image)
    image[rng.permutation(height)[: max(1, severity * height // 10)]] = 0
    return image
