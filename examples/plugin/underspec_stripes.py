"""Black stripes across pictures, as blinds, wires or a dirty scanner lay them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress import Stress

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
        if not set(self.severities) <= set(range(1, 10)):
            raise UsageError(f"Severities are from 1 to 9; got {list(self.severities)}.")

    @property
    def graded(self) -> bool:
        """More stripes move more pixels."""
        return True

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a severity, such as ``stripes-3``.

        Raises:
            UsageError: the inputs are no images.
        """
        if np.ndim(data.inputs) != 4:
            raise UsageError("'stripes' wants images [examples, height, width, channels].")
        for severity in self.severities:
            stream = key.child("stripes", severity)
            images = np.array(data.inputs)  # a copy: the data stay as they are
            height = images.shape[1]
            for image, name in zip(images, data.ids, strict=True):
                # The example's own part of the stream: what becomes of a picture depends neither
                # on the others nor on their order.
                rows = stream.example(str(name)).permutation(height)
                image[rows[: max(1, severity * height // 10)]] = 0
            yield Probe(
                name=f"stripes-{severity}",
                kind=self.kind,
                family="stripes",
                severity=float(severity),
                data=data.with_inputs(images),
                title=f"stripes, severity {severity}",
            )
