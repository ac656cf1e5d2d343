"""A column that some write in another unit."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.names import part
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.tabular.columns import check_shares, draws, numbers, replaced

__all__ = ["UnitSlip"]


@dataclass(frozen=True)
class UnitSlip(Stress):
    """Multiplies one column by a factor for some clusters, all of their examples and steps alike.

    Such as creatinine in umol/l instead of mg/dl: ``factor: 88.4``. The probes are named after the
    column, ``unit_slip_creatinine-0.1``. Clusters that slip at one share slip at a larger one.

    Attributes:
        column: of numbers.
        factor: the new unit's value of one old unit.
        offset: added after that, as for degrees: ``factor: 1.8, offset: 32``.
        shares: of clusters that slip, each a probe; above 0, at most 1.
        examples: use so many examples; all where None.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "tables and records"
    source: ClassVar[str] = "ours"
    column: str
    factor: float
    offset: float = 0.0
    shares: tuple[float, ...] = (0.1, 0.5)
    examples: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.column, str):
            raise UsageError(
                f"'column' of 'unit_slip' is the name of one column, got {self.column!r}."
            )
        given: tuple[Any, ...] = (self.factor, self.offset)
        numeric = all(
            isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
            for v in given
        )
        if not numeric or self.factor == 0 or given == (1, 0):
            raise UsageError(
                "'unit_slip' wants a factor other than 0 that changes the values, such as factor: 88.4, and a "
                f"finite offset; got factor {self.factor!r} and offset {self.offset!r}."
            )
        object.__setattr__(self, "shares", check_shares(self.shares, "unit_slip", one=True))
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a share.

        Raises:
            UsageError: there is no such column, or it holds no numbers.
        """
        source = chosen(data, self.examples, key)
        before = numbers(source, self.column, "unit_slip")
        clusters, at = np.unique(source.clusters, return_inverse=True)
        drawn = draws(key.child("unit_slip", self.column), clusters, ())[at]
        family = f"unit_slip_{part(self.column)}"
        for share in self.shares:
            slips = (drawn < share).reshape(-1, *[1] * (before.ndim - 1))
            after = np.where(slips, before * self.factor + self.offset, before)
            yield Probe(
                name=f"{family}-{share:g}",
                kind=self.kind,
                family=family,
                severity=float(share),
                data=source.with_inputs(replaced(source, {self.column: after}, "unit_slip")),
                title=f"{self.column} in another unit for {share:.0%}",
            )
