"""Difference between two sets of variants, over variants and clusters, paired where they share."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.centre import Moved
from underspec.stats.split import covariance, split
from underspec.stats.spread import TWO_SIDED
from underspec.stats.totals import Totals, shared

__all__ = ["POWER", "Difference", "difference", "unpaired"]

POWER = 0.8
"""The chance of finding the least difference that is called detectable."""


class Difference(NamedTuple):
    """Mean of A less mean of B, with its interval and what the interval is made of.

    Attributes:
        value: the estimate.
        low: lower end.
        high: upper end.
        p: two-sided, of no difference.
        freedom: degrees of freedom of the error.
        variants: variance that comes from the variants; it shrinks with more of them.
        examples: variance that comes from the examples; it shrinks with more of these.
        luck: what moves all variants of a side alike: examples that favour it, a pool's centre.
        detectable: the difference that would have been found with 80 % power.
    """

    value: float
    low: float
    high: float
    p: float
    freedom: float
    variants: float
    examples: float
    luck: float
    detectable: float


def unpaired(totals: Totals) -> Totals:
    """Return totals whose clusters are other ones than those of the same name elsewhere."""
    names = np.char.add("another ", totals.names)
    return Totals(totals.values, totals.sizes, names, totals.truth)


def difference(
    a: Totals,
    b: Totals,
    bounds: tuple[float, float],
    *,
    paired_variants: bool = False,
    centres: tuple[Moved, ...] = (),
    alpha: float = TWO_SIDED,
) -> Difference:
    """Return mean of A less mean of B; clusters that bear one name are paired.

    ``Var = true²_A/k_A + true²_B/k_B + V``, V the variance over clusters of the difference of the two
    average variants: the two-way crossed random-effects variance (Cornfield and Tukey 1956). V is
    at least what the interaction alone brings. Degrees of freedom by Satterthwaite (1946): k - 1
    for the observed variance of each side, one less than the clusters for V. Without any spread of
    variants it is the paired t-test over clusters, without any of clusters Welch's over variants.

    Args:
        a: two variants and two clusters or more.
        b: likewise.
        bounds: least and largest possible contribution; infinite where there is none.
        paired_variants: whether row v of A and row v of B share their seeds.
        centres: what pools add, from `moved`; none for variants that were not selected.
        alpha: what each end leaves out.
    """
    observed, true, freedom = _variants(a, b, paired_variants)
    noise = observed - true
    own = _squared(a), _squared(b)
    common = _common(a, b)
    spread = max(0.0, own[0] + own[1] - 2 * common)
    examples = max(spread + _unseen(a, bounds) + _unseen(b, bounds), noise)
    variance = true + examples
    clusters = len(a.sizes) - 1, len(b.sizes) - 1
    # Shared clusters make one sample of differences, others two samples.
    scatter = (
        own[0] ** 2 / clusters[0] + own[1] ** 2 / clusters[1]
        if common == 0
        else spread**2 / min(clusters)
    )
    scatter += freedom + sum(part.variance**2 / part.freedom for part in centres)
    apart = sum(part.variance for part in centres)
    true, variance = true + apart, variance + apart
    return _ended(
        float(a.means.mean() - b.means.mean()),
        variance,
        variance**2 / scatter if scatter > 0 else math.inf,
        true,
        examples,
        max(0.0, examples - noise) + apart,
        alpha,
    )


def _variants(a: Totals, b: Totals, paired: bool) -> tuple[float, float, float]:
    """Return observed and true variance of the means' difference, and Satterthwaite's terms."""
    p, q = split(a), split(b)
    if paired:
        both = covariance(a, b)
        observed = max(0.0, p.observed + q.observed - 2 * both.observed) / a.k
        true = min(max(0.0, p.true + q.true - 2 * both.true) / a.k, observed)
        return observed, true, observed**2 / (a.k - 1)
    parts = [(one.observed / of.k, of.k - 1) for one, of in ((p, a), (q, b))]
    true = max(0.0, p.true) / a.k + max(0.0, q.true) / b.k
    return sum(v for v, _ in parts), true, sum(v**2 / free for v, free in parts)


def _ended(
    value: float,
    variance: float,
    freedom: float,
    variants: float,
    examples: float,
    luck: float,
    alpha: float,
) -> Difference:
    from scipy.special import ndtri, stdtr, stdtrit

    error = math.sqrt(variance)
    if error == 0:
        p = 1.0 if value == 0 else 0.0
        return Difference(value, value, value, p, freedom, variants, examples, luck, 0.0)
    if math.isinf(freedom):
        at, found = -float(ndtri(alpha)), float(ndtri(POWER))
    else:
        at, found = -float(stdtrit(freedom, alpha)), float(stdtrit(freedom, POWER))
    return Difference(
        value,
        value - at * error,
        value + at * error,
        2 * float(stdtr(min(freedom, 1e9), -abs(value) / error)),
        freedom,
        variants,
        examples,
        luck,
        (at + found) * error,
    )


def _pull(totals: Totals) -> Floats:
    """Return each cluster's pull on the average variant's mean, summing to 0."""
    count = len(totals.sizes)
    pull: Floats = (totals.average - totals.sizes * (totals.average.sum() / totals.n)) / totals.n
    return pull * math.sqrt(count / (count - 1))


def _squared(totals: Totals) -> float:
    pull = _pull(totals)
    return float(pull @ pull)


def _common(a: Totals, b: Totals) -> float:
    at_a, at_b = shared(a.names, b.names)
    return float(_pull(a)[at_a] @ _pull(b)[at_b])


def _unseen(totals: Totals, bounds: tuple[float, float]) -> float:
    """Return the variance that one cluster more at either bound would bring, as in a drop."""
    centre = float(totals.means.mean())
    reach = (centre - bounds[0]) ** 2 + (bounds[1] - centre) ** 2
    extra = reach * float(np.square(totals.sizes).mean()) / totals.n**2
    return extra if math.isfinite(extra) else 0.0
