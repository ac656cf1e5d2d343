"""Is there any spread at all: do the variants differ by more than the choice of examples?"""

from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stats.totals import Totals

__all__ = ["FEW", "Dispersion", "overdispersion"]

FEW = 50
"""Clusters with any disagreement under which the test permutes."""

_PERMUTATIONS, _AT_ONCE = 1999, 200


class Dispersion(NamedTuple):
    """How far the observed spread is beyond noise.

    Attributes:
        phi: observed variance over what equal variants would show, 1 in expectation for these.
        p: chance of a larger phi among equal variants.
    """

    phi: float
    p: float


def overdispersion(totals: Totals, key: Stream) -> Dispersion | None:
    """Test that all variants, two or more, are equal in truth.

    ``phi = n² S² / sum_c Var_v T_vc``, and (k - 1) phi is chi-square with k - 1 degrees of freedom
    (the variant × cluster form of Cochran's Q, 1950). Where fewer than 50 clusters show any
    disagreement, the variants' totals are permuted within each cluster instead: whole clusters,
    because rows of one image are not independent. Pulls on a metric that is no mean are not alike
    for being permuted, so there it is always chi-square.

    Args:
        totals: contributions by cluster.
        key: stream of the permutations.

    Returns:
        None where the variants agree on every cluster: there is nothing to test.
    """
    parted = totals.within > 0
    count = int(parted.sum())
    if count == 0:
        return None
    free = totals.k - 1
    observed = float(np.square(totals.apart.sum(axis=1)).sum())
    phi = observed / free / float(totals.within.sum())
    if count >= FEW or totals.truth is not None:
        from scipy.special import chdtrc

        return Dispersion(phi, float(chdtrc(free, free * phi)))
    return Dispersion(phi, _permuted(totals.apart[:, parted], observed, key))


def _permuted(apart: Floats, observed: float, key: Stream) -> float:
    # Sorted, so that the order of the variants moves no draw.
    apart, generator = np.sort(apart, axis=0), key.generator()
    # Ties must count as reached, whatever the order of summation.
    reached, bar = 0, observed * (1 - 1e-9)
    for start in range(0, _PERMUTATIONS, _AT_ONCE):
        count = min(_AT_ONCE, _PERMUTATIONS - start)
        drawn = generator.permuted(np.broadcast_to(apart, (count, *apart.shape)), axis=1)
        reached += int((np.square(drawn.sum(axis=2)).sum(axis=1) >= bar).sum())
    return (1 + reached) / (1 + _PERMUTATIONS)
