"""Observed spread over variants, split exactly into true spread and the noise of a finite probe."""

from typing import NamedTuple

import numpy as np

from underspec.stats.strata import noise_shared, noise_within, pooled, strata
from underspec.stats.totals import Totals, deviations, shared
from underspec.stats.truth import crossed

__all__ = ["Covariance", "Split", "covariance", "split"]

_ROUNDING = 1e-12


class Split(NamedTuple):
    """Variances over variants: observed = true + noise.

    Attributes:
        observed: of the variants' means.
        noise: what the choice of examples adds; at least 0.
        true: what is left; unbiased, negative by luck.
    """

    observed: float
    noise: float
    true: float


class Covariance(NamedTuple):
    """Covariance over variants of two probes' means, and what is left without shared examples."""

    observed: float
    true: float


def split(totals: Totals) -> Split:
    """Split the variance over variants of a probe with two variants and two clusters or more.

    ``true = (n² S² - sum_c Var_v T_vc) / (n² - sum_c m_c²)`` with cluster totals T and sizes m:
    the variance that two independent examples' contributions share. With one example a cluster it
    is the variance component of the variant in the variant × example analysis of variance, and the
    noise is the interaction mean square over n (Searle, Casella and McCulloch 1992, ch. 4).

    Where the metric is no mean, its `Truth` says what is true, and the rest is noise. Where the
    examples of each stratum were counted off, noise is that within strata.
    """
    n, k = totals.n, totals.k
    means = deviations(totals.means)
    observed = float(means @ means) / (k - 1)
    if totals.truth is None and totals.strata is not None:
        codes = pooled(totals.strata)
        true = observed - noise_within(strata(codes, totals.sizes, totals.apart, totals.within))
    elif totals.truth is None:
        within = float(totals.within.sum())
        true = (n**2 * observed - within) / (n**2 - float(np.square(totals.sizes).sum()))
    else:
        true = totals.truth.variance
    # Only clusters of unequal size, or halves, can make the noise negative; the identity must hold.
    # What is left of two equal numbers is a rounding, whose root would not look like one.
    true = 0.0 if abs(true) <= _ROUNDING * observed else min(true, observed)
    return Split(observed, observed - true, true)


def covariance(p: Totals, q: Totals) -> Covariance:
    """Return the covariance over the same two or more variants of two probes' means.

    ``true = (n_p n_q Cov_v(a_p, a_q) - sum_c Cov_v(T_pc, T_qc)) / (n_p n_q - sum_c m_pc m_qc)``
    over the clusters that both hold, within strata where both have them; with none in common the
    two are the same. Of metrics that are no means, the halves of the one go with the other halves
    of the other.
    """
    size, k = p.n * q.n, p.k
    observed = float(deviations(p.means) @ deviations(q.means)) / (k - 1)
    at_p, at_q = shared(p.names, q.names)
    if len(p.names[at_p]) and (true := crossed(p.truth, q.truth)) is not None:
        return Covariance(observed, true)
    if p.strata is not None and q.strata is not None:
        noise = noise_shared(
            (p.strata, q.strata), (p.sizes, q.sizes), (p.apart, q.apart), (at_p, at_q)
        )
        if noise is not None:
            return Covariance(observed, observed - noise)
    within = float(np.einsum("vc,vc->", p.apart[:, at_p], q.apart[:, at_q])) / (k - 1)
    free = size - float(p.sizes[at_p] @ q.sizes[at_q])
    return Covariance(observed, (size * observed - within) / free if free > 0 else observed)
