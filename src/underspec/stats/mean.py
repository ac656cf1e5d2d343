"""Means and differences of means over variants and clusters, both taken as random."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.stats.split import covariance, split
from underspec.stats.spread import TWO_SIDED
from underspec.stats.strata import pooled
from underspec.stats.totals import Totals, shared

__all__ = ["MeanEnds", "drop_ends", "mean_ends"]


class MeanEnds(NamedTuple):
    """A mean or a difference with its interval, and what the interval is made of.

    Attributes:
        value: the estimate.
        low: lower end.
        high: upper end.
        variants: variance that comes from the variants; it shrinks with more of them.
        examples: variance that comes from the examples; it shrinks with more of these.
    """

    value: float
    low: float
    high: float
    variants: float
    examples: float


def mean_ends(
    totals: Totals,
    bounds: tuple[float, float],
    alpha: float = TWO_SIDED,
    moved: float = 0.0,
) -> MeanEnds:
    """Return the mean over variants and examples, of two variants and two clusters or more.

    ``Var = true²/k + V``, V the variance of the average variant's mean over clusters: the two-way
    crossed random-effects variance. It is never less than S²/k; quantile t with k - 1.

    Args:
        totals: of the variants whose mean it is.
        bounds: least and largest possible contribution; infinite where there is none.
        alpha: what each end leaves out.
        moved: variance that the variants' having been selected hides, see `stats.centre`.
    """
    observed, _, true = split(totals)
    error = _Error(observed, true, _examples(_residuals(totals)) + _unseen(totals, bounds))
    return _ends(float(totals.means.mean()), error, totals.k, alpha, moved)


def drop_ends(
    holdout: Totals,
    probe: Totals,
    bounds: tuple[float, float],
    sign: float = 1.0,
    alpha: float = TWO_SIDED,
    moved: float = 0.0,
) -> MeanEnds:
    """Return ``sign * (mean on the holdout - mean on the probe)`` of the same variants.

    Variants are paired; so are the clusters that both hold, whether all, some or none.

    Args:
        holdout: of the yardstick.
        probe: of the probe.
        bounds: least and largest possible contribution; infinite where there is none.
        sign: 1 where more is better, -1 where less is.
        alpha: what each end leaves out.
        moved: variance that the variants' having been selected hides, see `stats.centre`.
    """
    a, b = split(holdout), split(probe)
    both = covariance(holdout, probe)
    error = _Error(
        observed=max(0.0, a.observed + b.observed - 2 * both.observed),
        true=a.true + b.true - 2 * both.true,
        examples=_examples_of_difference(holdout, probe)
        + _unseen(holdout, bounds)
        + _unseen(probe, bounds),
    )
    value = sign * float((holdout.means - probe.means).mean())
    return _ends(value, error, holdout.k, alpha, moved)


class _Error(NamedTuple):
    observed: float
    true: float
    examples: float


def _ends(value: float, error: _Error, k: int, alpha: float, moved: float) -> MeanEnds:
    from scipy.special import stdtrit

    # The observed part carries its own share of the examples' luck: floor, not sum.
    variants = max(error.true, 0.0) / k + moved
    examples = max(error.examples, (error.observed - max(error.true, 0.0)) / k, 0.0)
    reach = -float(stdtrit(k - 1, alpha)) * math.sqrt(variants + examples)
    return MeanEnds(value, value - reach, value + reach, variants, examples)


def _residuals(totals: Totals) -> Floats:
    """Return each cluster's pull on the average variant's mean, summing to 0, within strata if any."""
    average, count = totals.average, len(totals.sizes)
    if totals.strata is not None and totals.truth is None:
        return _residuals_within(totals, pooled(totals.strata))
    pull: Floats = (average - totals.sizes * (average.sum() / totals.n)) / totals.n
    return pull * math.sqrt(count / (count - 1))


def _residuals_within(totals: Totals, codes: NDArray[np.intp]) -> Floats:
    average, sizes = totals.average, totals.sizes
    counts = np.bincount(codes)
    rates = np.bincount(codes, average) / np.bincount(codes, sizes)
    # One cluster alone says nothing of what is left within: the mean of all stands in for its own.
    rates[counts < 2] = average.sum() / totals.n
    pull: Floats = (average - sizes * rates[codes]) / totals.n
    more = np.sqrt(counts / np.maximum(counts - 1, 1))
    more[counts < 2] = 1.0
    return pull * more[codes]


def _examples(residuals: Floats) -> float:
    return float(residuals @ residuals)


def _examples_of_difference(p: Totals, q: Totals) -> float:
    a, b = _residuals(p), _residuals(q)
    at_p, at_q = shared(p.names, q.names)
    return max(0.0, float(a @ a + b @ b - 2 * (a[at_p] @ b[at_q])))


def _unseen(totals: Totals, bounds: tuple[float, float]) -> float:
    """Return the variance that one cluster more at either bound would bring.

    A probe whose few examples all came out alike would seem to have no error at all.
    """
    centre = float(totals.means.mean())
    bounds = bounds if totals.truth is None else totals.truth.bounds
    reach = (centre - bounds[0]) ** 2 + (bounds[1] - centre) ** 2
    extra = reach * float(np.square(totals.sizes).mean()) / totals.n**2
    return extra if math.isfinite(extra) else 0.0
