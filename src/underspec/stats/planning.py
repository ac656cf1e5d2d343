"""What more variants or more examples would make of a study, and what it could have seen."""

import math
from collections.abc import Callable

import numpy as np

from underspec.stats.gap import GapFit
from underspec.stats.mean import MeanEnds
from underspec.stats.spread import TWO_SIDED, SpreadFit

__all__ = ["grow_gap", "grow_mean", "grow_spread", "least", "power"]

_QUANTILES = 64


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
    probe: SpreadFit, holdout: SpreadFit, epsilon: float, null_ratio: float, alpha: float = 0.05
) -> float | None:
    """Return the chance of finding a true spread twice what is allowed, with normal effects.

    Allowed is the larger of the spread whose gap is `epsilon` and `null_ratio` times the holdout's
    true spread. The chance is that both one-sided tests at `alpha` pass, with the numbers of
    variants and the noise of this study; the examples' part of the intervals is left out.

    Returns:
        None where nothing is allowed: epsilon is 0 and the holdout shows no spread.
    """
    from scipy.special import chdtrc, chdtri

    wanted = max(0.0, holdout.true)
    allowed = max(epsilon**2 * math.pi / 4, null_ratio**2 * wanted)
    if allowed == 0:
        return None
    free, free_below = probe.k - 1, holdout.k - 1
    shrink = free / float(chdtri(free, alpha))
    at_gap = (epsilon**2 * math.pi / 4 + probe.noise) / shrink
    # The holdout's observed variance, by its quantiles; the ratio's test is then a quadratic.
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    below = (wanted + holdout.noise) * chdtri(free_below, at) / free_below
    stretch = free_below / float(chdtri(free_below, 1 - alpha)) - 1
    wide = null_ratio**2 * stretch * np.maximum(below, holdout.noise)
    start = probe.noise + null_ratio**2 * (below - holdout.noise)
    far = (1 - shrink) ** 2
    at_ratio = (start + np.sqrt(far * start**2 + (1 - far) * wide**2)) / (1 - far)
    least_observed = np.maximum(at_ratio, at_gap)
    observed = 4 * allowed + probe.noise
    return float(np.mean(chdtrc(free, free * least_observed / observed)))
