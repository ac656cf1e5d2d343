"""What more variants or more examples would make of a study, and what it could have seen."""

import math
from collections.abc import Callable
from itertools import product

import numpy as np

from underspec.stats.gap import GapFit
from underspec.stats.mean import MeanEnds
from underspec.stats.spread import TWO_SIDED, SpreadFit

__all__ = ["grow_gap", "grow_mean", "grow_spread", "least", "power"]

_QUANTILES = 64
# Mean of max(0, G2) over its standard error, and k times what the skewness adds to that mean below
# the line of a ratio, for normal effects; within a tenth of simulated means for k from 10 to 200.
_BY_KURTOSIS, _BY_SKEW = 0.37, 5.4


def grow_spread(fit: SpreadFit, variants: float = 1.0, examples: float = 1.0) -> SpreadFit:
    """Return what to expect of a spread with so many times the variants and examples.

    The true spread (0 where its estimate is negative), the noise an example and the shape stay.
    """
    noise = fit.noise / examples
    return fit._replace(
        k=round(fit.k * variants),
        observed=max(0.0, fit.true) + noise,
        noise=noise,
        examples=fit.examples / examples,
        unseen=fit.unseen / examples**2,
    )


def grow_gap(fit: GapFit, variants: float = 1.0, examples: float = 1.0) -> GapFit:
    """Return what to expect of a gap with so many times the variants and examples."""
    true = max(0.0, fit.true)
    return GapFit(
        raw=true + max(0.0, fit.raw - fit.true) / examples,
        true=true,
        error=fit.error / math.sqrt(variants),
        spread=grow_spread(fit.spread, variants, examples),
    )


def grow_mean(
    mean: MeanEnds, k: int, variants: float = 1.0, examples: float = 1.0
) -> tuple[float, float]:
    """Return the ends to expect of a mean or drop over `k` variants, that many times more."""
    from scipy.special import stdtrit

    error = math.sqrt(mean.variants / variants + mean.examples / examples)
    reach = -float(stdtrit(round(k * variants) - 1, TWO_SIDED)) * error
    return mean.value - reach, mean.value + reach


def least(enough: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least whole number from `low` to `high` that is enough, None if none is.

    Args:
        enough: once true it stays true for larger numbers.
        low: first candidate.
        high: last candidate.
    """
    if low > high or not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def power(
    probe: SpreadFit,
    holdout: SpreadFit | None,
    epsilon: float,
    null_ratio: float = 0.0,
    alpha: float = 0.05,
) -> float | None:
    """Return the chance of finding a true spread twice what is allowed, with normal effects.

    Allowed is the larger of the spread whose gap is `epsilon` and `null_ratio` times the holdout's
    true spread; without a holdout it is the former, and its test the only one. The chance is that both one-sided tests at `alpha` pass, with the numbers of
    variants and the noise of this study; the examples' part of the intervals is left out. Samples
    of normal effects have some kurtosis and skewness by chance, which costs degrees of freedom:
    half the samples are taken to have none, half twice the mean.

    Returns:
        None where nothing is allowed: epsilon is 0 and the holdout shows no spread.
    """
    from scipy.special import chdtrc, chdtri

    if holdout is None:
        return _power_of_gap(probe, epsilon, alpha)
    wanted = max(0.0, holdout.true)
    allowed = max(epsilon**2 * math.pi / 4, null_ratio**2 * wanted)
    if allowed == 0:
        return None
    # The holdout's observed variance, by its quantiles; the ratio's test is then a quadratic.
    free, free_below = probe.k - 1, holdout.k - 1
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    below = (wanted + holdout.noise) * chdtri(free_below, at) / free_below
    start = probe.noise + null_ratio**2 * (below - holdout.noise)
    found = []
    for cut, cut_below in product(_cuts(probe.k, 0.0), _cuts(holdout.k, _BY_SKEW)):
        shrink = cut / float(chdtri(cut, alpha))
        stretch = cut_below / float(chdtri(cut_below, 1 - alpha)) - 1
        wide = null_ratio**2 * stretch * np.maximum(below, holdout.noise)
        far = (1 - shrink) ** 2
        at_ratio = (start + np.sqrt(far * start**2 + (1 - far) * wide**2)) / (1 - far)
        at_gap = (epsilon**2 * math.pi / 4 + probe.noise) / shrink
        least_observed = np.maximum(at_ratio, at_gap)
        observed = 4 * allowed + probe.noise
        found.append(float(np.mean(chdtrc(free, free * least_observed / observed))))
    return sum(found) / len(found)


def _power_of_gap(probe: SpreadFit, epsilon: float, alpha: float) -> float | None:
    from scipy.special import chdtrc, chdtri

    allowed = epsilon**2 * math.pi / 4
    if allowed == 0:
        return None
    free, found = probe.k - 1, []
    for cut in _cuts(probe.k, 0.0):
        least_observed = (allowed + probe.noise) * float(chdtri(cut, alpha)) / cut
        found.append(float(chdtrc(free, free * least_observed / (4 * allowed + probe.noise))))
    return sum(found) / len(found)


def _cuts(k: int, by_skew: float) -> tuple[float, float]:
    """Return the degrees of freedom that normal effects are left with, each in half the studies.

    In half there is no kurtosis by chance, in the other half twice its mean.
    """
    if k < 4:
        return k - 1.0, k - 1.0
    error = math.sqrt(24 * k * (k - 1) ** 2 / ((k - 3) * (k - 2) * (k + 3) * (k + 5)))
    kurtosis = 2 * (_BY_KURTOSIS * error + by_skew / k)
    return k - 1.0, max(1.0, 2 / (3 * kurtosis / k + 2 / (k - 1)))
