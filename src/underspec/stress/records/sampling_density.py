"""Measured less often, as elsewhere or at night."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.tabular.columns import check_names, check_shares, draws, emptied, steps

__all__ = ["SamplingDensity"]


@dataclass(frozen=True)
class SamplingDensity(Stress):
    """Keeps each measured value of some columns with a chance of its own; the others become NaN.

    What is kept at one share is kept at a larger one.

    Attributes:
        columns: what is measured, such as laboratory values.
        shares: of values that are kept, each a probe such as ``sampling_density-0.5``; between 0 and 1.
        examples: use so many examples; all where None.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "records and tables"
    source: ClassVar[str] = "ours"
    columns: tuple[str, ...]
    shares: tuple[float, ...] = (0.75, 0.5, 0.25)
    examples: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", check_names(self.columns, "sampling_density"))
        object.__setattr__(self, "shares", check_shares(self.shares, "sampling_density", one=False))
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a share; its severity is the share that is kept.

        Raises:
            UsageError: a column is missing.
        """
        source = chosen(data, self.examples, key)
        shape = steps(source)
        own = key.child("sampling_density")
        drawn = {name: draws(own.child(name), source.ids, shape) for name in self.columns}
        for share in self.shares:
            gone = {name: of >= share for name, of in drawn.items()}
            yield Probe(
                name=f"sampling_density-{share:g}",
                kind=self.kind,
                family="sampling_density",
                severity=float(share),
                data=source.with_inputs(emptied(source, gone, "sampling_density")),
                title=f"{share:.0%} of measurements kept",
            )
