"""The interval of the true spread: over the variants' luck and over the examples' luck."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.split import split
from underspec.stats.strata import examples_within, pooled, strata
from underspec.stats.totals import Totals, deviations

__all__ = ["TWO_SIDED", "Ends", "SpreadFit", "fit_spread", "kurtosis", "skewness", "spread_ends"]

TWO_SIDED = 0.025
"""What each end of a 95 % interval leaves out."""


class Ends(NamedTuple):
    """Ends of an interval on the squared scale, not clipped at 0."""

    low: float
    high: float


class SpreadFit(NamedTuple):
    """What the interval of a true spread is made of.

    Attributes:
        k: variants.
        observed: variance of the variants' means.
        noise: what the choice of examples adds to it.
        kurtosis: unbiased excess kurtosis of the variants' means, 0 under four variants.
        dominance: share of the observed variance that one variant holds alone.
        examples: sampling variance of the true variance that comes from the examples.
        unseen: what three clusters more, parting the variants in halves, would add to the noise.
        skewness: unbiased skewness of the variants' means, 0 under three variants.
    """

    k: int
    observed: float
    noise: float
    kurtosis: float
    dominance: float
    examples: float
    unseen: float
    skewness: float = 0.0

    @property
    def true(self) -> float:
        """The true variance over variants, signed."""
        return self.observed - self.noise

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the observed variance, fewer for heavy tails."""
        return max(1.0, 2 / (3 * max(0.0, self.kurtosis) / self.k + 2 / (self.k - 1)))


def fit_spread(totals: Totals, bounds: tuple[float, float]) -> SpreadFit:
    """Return what the interval needs, from two variants and two clusters or more.

    Args:
        totals: contributions by cluster.
        bounds: least and largest possible contribution; infinite where there is none.
    """
    k, n = totals.k, totals.n
    observed, noise, _ = split(totals)
    apart = deviations(totals.means)
    squares = np.square(apart)
    total = float(squares.sum())
    low, high = bounds if totals.truth is None else totals.truth.bounds
    width = high - low
    # Rule of three: what no cluster in M showed may still happen in 3 of M.
    unseen = 0.75 * width**2 * float(np.square(totals.sizes).mean()) / n**2
    return SpreadFit(
        k=k,
        observed=observed,
        noise=noise,
        kurtosis=kurtosis(apart),
        dominance=float(squares.max()) / total if total > 0 else 0.0,
        examples=_examples(totals, apart, observed),
        unseen=unseen if math.isfinite(unseen) else 0.0,
        skewness=skewness(apart),
    )


def spread_ends(fit: SpreadFit, alpha: float = TWO_SIDED) -> Ends:
    """Return the ends for the true variance that each leave out `alpha` (at most a half).

    The limits of the *observed* variance are chi-square ones with degrees of freedom cut for heavy
    tails; the noise is taken off after, so that they stand at zero spread too. The examples' part
    is added in squares (MOVER: Zou and Donner 2008). The upper end is at least what pure noise of
    this size would have given, so that a lucky negative estimate claims nothing.
    """
    from scipy.special import chdtri, ndtri

    free = fit.freedom
    below = max(0.0, 1 - free / float(chdtri(free, alpha)))
    above = max(0.0, free / float(chdtri(free, 1 - alpha)) - 1)
    extra = float(ndtri(alpha)) ** 2 * fit.examples
    low = fit.true - math.sqrt((below * fit.observed) ** 2 + extra)
    high = fit.true + math.sqrt((above * fit.observed) ** 2 + extra)
    floor = math.sqrt((above * (fit.noise + fit.unseen)) ** 2 + extra)
    return Ends(low, max(high, floor))


def kurtosis(apart: Floats) -> float:
    """Return the unbiased excess kurtosis (G2 of Joanes and Gill 1998) of centred values."""
    k = len(apart)
    second = float(np.mean(apart**2))
    if k < 4 or second == 0:
        return 0.0
    plain = float(np.mean((apart**2 / second) ** 2)) - 3
    return (k - 1) / ((k - 2) * (k - 3)) * ((k + 1) * plain + 6)


def skewness(apart: Floats) -> float:
    """Return the unbiased skewness (G1 of Joanes and Gill 1998) of centred values."""
    k = len(apart)
    second = float(np.mean(apart**2))
    if k < 3 or second == 0:
        return 0.0
    plain = float(np.mean((apart / math.sqrt(second)) ** 3))
    return math.sqrt(k * (k - 1)) / (k - 2) * plain


def _examples(totals: Totals, apart: Floats, observed: float) -> float:
    """Return the sampling variance of the true variance over clusters.

    The delete-one-cluster jackknife in closed form, less what it counts a second time: the spread
    of the h_c = Cov_v(a_v, T_vc) that comes from there being only k variants.
    """
    k, n, m, within = totals.k, totals.n, totals.sizes, totals.within
    along: Floats = apart @ totals.apart / (k - 1)
    count = len(m)
    if count < 3:
        # Two clusters leave one behind, which has no spread of its own.
        return 0.0
    if totals.strata is not None and totals.truth is None:
        known = strata(pooled(totals.strata), m, totals.apart, within)
        return examples_within(known, m, totals.apart, within, apart)
    pairs = (n - m) ** 2 - (np.square(m).sum() - m**2)
    without = (n**2 * observed - 2 * n * along + within - (within.sum() - within)) / pairs
    jackknife = (count - 1) / count * float(np.square(without - without.mean()).sum())
    twice = 4 / n**2 * float((observed * within + along**2).sum()) / (k - 1)
    return max(0.0, jackknife - twice)
