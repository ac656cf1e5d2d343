"""A pool of a given size: the best on the holdout."""

import math
from dataclasses import dataclass

import numpy as np

from underspec.core.errors import UsageError
from underspec.select._protocol import Evidence, Selection
from underspec.select.epsilon import amount, check_epsilon, means

__all__ = ["Top"]


@dataclass(frozen=True)
class Top:
    """Keeps the `n` best variants, or the best `fraction` of them; ties go by id.

    Attributes:
        epsilon: the margin that the verdict judges the field by; it does not move this pool.
        n: how many to keep; give this or `fraction`.
        fraction: share of the trained variants to keep, above 0 and up to 1, rounded up.
    """

    epsilon: float
    n: int | None = None
    fraction: float | None = None

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        if (self.n is None) == (self.fraction is None):
            raise UsageError(
                f"top needs either n or fraction, but got n = {self.n!r} and fraction = "
                f"{self.fraction!r}: write {{top: {{epsilon: 0.01, n: 20}}}}."
            )
        if self.n is not None and not _counts(self.n):
            raise UsageError(f"n of top must be a whole number from 1 on, but is {self.n!r}.")
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise UsageError(
                f"fraction of top must be above 0 and at most 1, but is {self.fraction!r}: "
                "0.5 keeps the better half."
            )

    def __call__(self, evidence: Evidence, /) -> Selection:
        """Return the best, and for each other one how far it is behind the last one kept.

        Raises:
            UsageError: no example, or an epsilon of 1 or more for a proportion.
        """
        check_epsilon(self.epsilon, proportion=evidence.proportion)
        scored = means(evidence)
        merit = scored if evidence.greater_is_better else -scored
        ids = [str(variant) for variant in evidence.variants]
        # Rounded, so that a tie is not decided by the order of a sum.
        rank = sorted(
            (at for at in range(len(ids)) if np.isfinite(merit[at])),
            key=lambda at: (-round(float(merit[at]), 12), ids[at]),
        )
        chosen = set(rank[: self._size(len(ids))])
        dropped = {}
        for at, variant in enumerate(evidence.variants):
            if not np.isfinite(merit[at]):
                dropped[variant] = "its metric on the holdout is not a number"
            elif at not in chosen:
                behind = float(merit[rank[len(chosen) - 1]] - merit[at])
                dropped[variant] = self._reason(behind, len(chosen), evidence)
        kept = tuple(v for at, v in enumerate(evidence.variants) if at in chosen)
        return Selection(kept, dropped)

    def _size(self, trained: int) -> int:
        if self.n is not None:
            return self.n
        return math.ceil(round((self.fraction or 0) * trained, 9))

    def _reason(self, behind: float, kept: int, evidence: Evidence) -> str:
        if behind <= 1e-12:
            return f"level with the last of the {kept} kept, but later by name"
        far = amount(behind, proportion=evidence.proportion, digits=2)
        side = "below" if evidence.greater_is_better else "above"
        return f"{far} {side} the last of the {kept} kept"


def _counts(n: object) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and n >= 1
