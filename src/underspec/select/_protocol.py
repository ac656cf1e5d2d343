"""The contract of a pool rule: who cannot be told apart on the deciding half of the holdout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Evidence", "Selection", "Selector"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The deciding half of the holdout.

    Attributes:
        variants: ids of all trained variants.
        contributions: float64 [variants, examples] of the first metric.
        clusters: text [examples].
        greater_is_better: of the metric.
        proportion: whether differences are told in points.
    """

    variants: Sequence[str]
    contributions: Floats
    clusters: NDArray[np.str_]
    greater_is_better: bool = True
    proportion: bool = True


@dataclass(frozen=True)
class Selection:
    """Ids kept, and ids dropped with the reason of each; together all of the evidence's."""

    kept: tuple[str, ...]
    dropped: dict[str, str]


class Selector(Protocol):
    """Keeps the near-equal variants."""

    @property
    def epsilon(self) -> float:
        """The margin within which variants count as near-equal, in the metric's units."""
        ...

    def __call__(self, evidence: Evidence, /) -> Selection:
        """Return who is near-equal."""
        ...
