"""Is there any spread at all: do the variants differ by more than the choice of examples?"""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stats.split import split
from underspec.stats.strata import as_if_equal, pooled
from underspec.stats.totals import Totals
from underspec.stats.truth import Truth

__all__ = ["FEW", "Dispersion", "overdispersion"]

FEW = 50
"""Clusters with any disagreement under which the test permutes."""

_PERMUTATIONS, _AT_ONCE = 1999, 200


class Dispersion(NamedTuple):
    """How far the observed spread is beyond noise.

    Attributes:
        phi: observed variance over what equal variants would show, 1 in expectation for these.
        p: chance of a larger phi among equal variants; NaN where it cannot be said.
    """

    phi: float
    p: float


def overdispersion(totals: Totals, key: Stream) -> Dispersion | None:
    """Test that all variants, two or more, are equal in truth.

    ``phi = n² S² / sum_c Var_v T_vc``, and (k - 1) phi is chi-square with k - 1 degrees of freedom
    (the variant × cluster form of Cochran's Q, 1950). Where fewer than 50 clusters show any
    disagreement, the variants' totals are permuted within each cluster instead: whole clusters,
    because rows of one image are not independent. Of a metric that is no mean phi is the observed
    variance over its noise; there is a p-value where that noise comes from a formula and the rarest
    class from 50 clusters or more.

    Where the examples of each stratum were counted off, the totals in the denominator have the
    variants' means of the strata replaced by their means over all: what they trade off between
    strata is no luck. The permutations leave strata aside, which finds less, not more.

    Args:
        totals: contributions by cluster.
        key: stream of the permutations.

    Returns:
        None where the variants agree on every cluster: there is nothing to test.
    """
    if totals.truth is not None:
        return _whole(totals, totals.truth)
    parted = totals.within > 0
    count = int(parted.sum())
    if count == 0:
        return None
    free, chance = totals.k - 1, totals.within
    observed = float(np.square(totals.apart.sum(axis=1)).sum())
    many = count >= FEW
    if many and totals.strata is not None:
        alike = as_if_equal(pooled(totals.strata), totals.sizes, totals.apart)
        chance = np.einsum("vc,vc->c", alike, alike) / free
    phi = observed / free / float(chance.sum())
    if many:
        from scipy.special import chdtrc

        return Dispersion(phi, float(chdtrc(free, free * phi)))
    return Dispersion(phi, _permuted(totals.apart[:, parted], observed, key))


def _whole(totals: Totals, truth: Truth) -> Dispersion | None:
    observed, noise, _ = split(totals)
    if noise <= 0:
        return None
    free, phi = totals.k - 1, observed / noise
    if not truth.exact or truth.clusters < FEW:
        return Dispersion(phi, math.nan)
    from scipy.special import chdtrc

    return Dispersion(phi, float(chdtrc(free, free * phi)))


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
