"""Values that were not written down."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.tabular.columns import (
    all_columns,
    check_names,
    check_shares,
    draws,
    emptied,
    steps,
)

__all__ = ["Missing"]


@dataclass(frozen=True)
class Missing(Stress):
    """Takes each value of some columns away with a chance of its own, whatever it is.

    Numbers become NaN, text None. What is gone at one share is gone at a larger one.

    Attributes:
        columns: which; all where empty.
        shares: of values that go, each a probe such as ``missing-0.1``; above 0, at most 1.
        examples: use so many examples; all where None.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "tables and records"
    source: ClassVar[str] = "ours"
    columns: tuple[str, ...] = ()
    shares: tuple[float, ...] = (0.1, 0.3)
    examples: int | None = None

    def __post_init__(self) -> None:
        given: Any = self.columns
        if given not in ((), []):
            object.__setattr__(self, "columns", check_names(self.columns, "missing"))
        object.__setattr__(self, "shares", check_shares(self.shares, "missing", one=True))
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a share.

        Raises:
            UsageError: a column is missing.
        """
        source = chosen(data, self.examples, key)
        names = self.columns or all_columns(source, "missing")
        shape = steps(source)
        # A stream a column, so that naming one more changes no other.
        drawn = {name: draws(key.child("missing", name), source.ids, shape) for name in names}
        for share in self.shares:
            gone = {name: of < share for name, of in drawn.items()}
            yield Probe(
                name=f"missing-{share:g}",
                kind=self.kind,
                family="missing",
                severity=float(share),
                data=source.with_inputs(emptied(source, gone, "missing")),
                title=f"{share:.0%} of values missing",
            )
