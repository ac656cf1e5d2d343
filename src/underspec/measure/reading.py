"""From evidence to cluster totals, sorting clusters once where probes share their images."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.measure._protocol import Evidence
from underspec.stats.totals import Grouping, Totals, group, total

__all__ = ["Reader", "kept_ids"]


@dataclass
class Reader:
    """Reads evidence into totals; remembers the last grouping, which most probes share."""

    _last: tuple[NDArray[np.str_], Grouping] | None = field(default=None, repr=False)

    def __call__(self, evidence: Evidence, variants: tuple[str, ...]) -> Totals:
        """Return the totals of `variants`, in that order."""
        if self._last is None or not np.array_equal(self._last[0], evidence.clusters):
            self._last = evidence.clusters, group(evidence.clusters)
        chosen, truth = evidence.contributions, evidence.truth
        if variants != evidence.variants:
            rows = evidence.rows(variants)
            chosen, truth = chosen[rows], None if truth is None else truth.only(rows)
        return total(chosen, self._last[1], truth, evidence.strata, evidence.weights)


def kept_ids(kept: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the pool.

    Raises:
        UsageError: one comes twice.
    """
    if len(set(kept)) != len(kept):
        raise UsageError("The pool names a variant twice: name each kept variant once.")
    return tuple(kept)
