"""Ratio of two true spreads, and the ratio that one common skill would give by itself."""

import math
from typing import NamedTuple

from underspec.stats.spread import TWO_SIDED, SpreadFit, spread_ends

__all__ = ["RatioEnds", "exceeds", "null_ratio", "ratio_ends"]

# Excess kurtosis over squared skewness: 1.5 in gamma distributions, the exponential's among them,
# and as much again by a third since a sample's skewness is too low. Found by simulation.
_SKEWED = 2.0


class RatioEnds(NamedTuple):
    """Ratio of standard deviations.

    Attributes:
        value: None where the lower one's spread is not told from 0.
        low: at least 0.
        high: infinite where `value` is None.
    """

    value: float | None
    low: float
    high: float


def ratio_ends(above: SpreadFit, below: SpreadFit, alpha: float = TWO_SIDED) -> RatioEnds:
    """Return the true spread of `above` over that of `below`, each end leaving out `alpha`.

    The method of variance estimates recovery for a ratio (Donner and Zou 2012) on the variances,
    with their ends not clipped, so that it holds at negative estimates too. The two are taken as
    uncorrelated: the covariance of two sample variances is never negative, so that shared variants
    make the interval wider than need be, never narrower. What is below the line has an upper end of
    its own, see `_end_below`.
    """
    low_above, high_above = spread_ends(above, alpha)
    low_below, high_below = spread_ends(below, alpha).low, _end_below(below, alpha)
    t, s = above.true, below.true
    low = 0.0
    if low_above > 0:
        low = (t**2 - (t - low_above) ** 2) / (t * s + _root(t, s, t - low_above, high_below - s))
    if low_below <= 0:
        return RatioEnds(None, math.sqrt(low), math.inf)
    a, b = high_above - t, s - low_below
    high = max(0.0, t * s + _root(t, s, a, b)) / (s**2 - b**2)
    return RatioEnds(math.sqrt(max(0.0, t) / s), math.sqrt(low), math.sqrt(high))


def exceeds(above: SpreadFit, below: SpreadFit, bound: float, alpha: float) -> bool:
    """Say whether the ratio's lower end is beyond `bound`, which is positive.

    The same as ``ratio_ends(...).low > bound``, without the division.
    """
    t, s = above.true, below.true
    far = t - spread_ends(above, alpha).low
    wide = bound**2 * (_end_below(below, alpha) - s)
    return t - bound**2 * s > math.hypot(far, wide)


def null_ratio(here: float, holdout: float, *, n_here: float, n_holdout: float) -> float:
    """Return the ratio of spreads that one skill gives two proportions, at least 1.

    If every variant differs by one shift on the probit scale, a proportion moves by φ(Φ⁻¹(mean))
    times that: more near one half than near 0 or 1. The proportions are drawn in by half an
    example, since at exactly 0 or 1 nothing would seem to move.

    Args:
        here: mean of the proportion on the probe.
        holdout: mean of the proportion on the holdout.
        n_here: examples of the probe.
        n_holdout: examples of the holdout.
    """
    from scipy.special import ndtri

    steep_here = float(ndtri((n_here * here + 0.5) / (n_here + 1)))
    steep_holdout = float(ndtri((n_holdout * holdout + 0.5) / (n_holdout + 1)))
    return max(1.0, math.exp((steep_holdout**2 - steep_here**2) / 2))


def _end_below(fit: SpreadFit, alpha: float) -> float:
    """Return the upper end of a variance below the line, at least that of its own interval.

    A sample of skewed effects that lacks their tail has too little variance and too little kurtosis
    at once: its upper end is too low just where that makes a ratio look large, and on every probe
    of a study alike. Less is lost of the skewness, and what tail it stands for is known: in gamma
    distributions (Pearson's type III) excess kurtosis is 1.5 times its square. The kurtosis is
    taken to be at least twice that square.
    """
    tail = max(fit.kurtosis, _SKEWED * fit.skewness**2)
    return spread_ends(fit._replace(kurtosis=tail), alpha).high


def _root(t: float, s: float, a: float, b: float) -> float:
    """Return the root of the quadratic's discriminant, never negative but for rounding."""
    return math.sqrt(max(0.0, (s * a) ** 2 + (t * b) ** 2 - (a * b) ** 2))
