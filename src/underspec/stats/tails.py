"""How sure a claim beyond a bound is, from the 95 % ends: p-values that are never too small.

A claim about many probes at once must be surer than what one interval's end gives. Ends at other
levels need the fit, which a study's findings do not hold. Its part from the variants can be had
from their means; the width at 2.5 %, sqrt(a(α)² + z(α)² E), then tells the part E from the examples.
Without the means it is not known how the width divides, and the division that widens most is taken.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.evidence import smallest_alpha
from underspec.stats.gap import fit_gap, gap_ends
from underspec.stats.spread import TWO_SIDED, SpreadFit, kurtosis, spread_ends
from underspec.stats.totals import Totals, deviations

__all__ = ["LEAST", "Told", "gap_tail", "mean_tail", "ratio_tail"]

LEAST = 1e-12
"""The smallest p-value that is given."""

# Below it a gap's lower end is at most the spread's (`underspec.stats.gap`); files round.
_BLURRED = 0.9 + 1e-6
_DIVISIONS = 1001


def mean_tail(value: float, end: float, bound: float, k: int) -> float:
    """Return the one-sided p-value that a mean or drop is beyond a bound; exact.

    Args:
        value: the estimate.
        end: of its 95 % interval, on the side of the bound.
        bound: what is claimed to be passed.
        k: variants, two or more.
    """
    from scipy.special import stdtr, stdtrit

    width = abs(value - end)
    if width <= 0:
        return LEAST
    times = abs(value - bound) / width
    return max(LEAST, float(stdtr(k - 1, float(stdtrit(k - 1, TWO_SIDED)) * times)))


class Told(NamedTuple):
    """What is told of a probe's spread, on the squared scale.

    Attributes:
        k: variants, two or more.
        observed: variance of their means.
        true: the same without noise.
        low: lower end of `true` at 2.5 %; 0 where it is not above.
        means: of the variants, if these are to be had.
    """

    k: int
    observed: float
    true: float
    low: float
    means: Floats | None = None

    @property
    def fit(self) -> SpreadFit | None:
        """The fit that gives this lower end; None where the means are not those of this spread."""
        if self.means is None or self.low <= 0 or len(self.means) != self.k:
            return None
        apart = deviations(self.means)
        if not math.isclose(float(apart @ apart) / (self.k - 1), self.observed, rel_tol=1e-6):
            return None
        bare = SpreadFit(
            k=self.k,
            observed=self.observed,
            noise=self.observed - self.true,
            kurtosis=kurtosis(apart),
            dominance=0.0,
            examples=0.0,
            unseen=0.0,
        )
        from scipy.special import ndtri

        variants = self.true - spread_ends(bare).low
        rest = max(0.0, (self.true - self.low) ** 2 - variants**2)
        return bare._replace(examples=rest / float(ndtri(TWO_SIDED)) ** 2)


def gap_tail(value: float, low: float, bound: float, spread: Told) -> float:
    """Return a p-value, not too small, that a squared gap is above a bound.

    Without the variants' means their part is G² (1 - exp(-t_{k-1}(α) error)), with G the observed
    mean difference, of which is known that G² is at most 4/3 (1 + 1/k) S² (Cauchy and Schwarz on
    the ranks); the larger it is, the faster the part grows. The lower end is then taken to be at
    most that of the spread, as it is at reliabilities under .9.

    Args:
        value: the squared gap.
        low: its lower end at 2.5 %, above 0.
        bound: squared, under `low`.
        spread: of the same probe.
    """
    fit = spread.fit
    if fit is not None and spread.means is not None:
        alone = Totals(spread.means[:, None], np.ones(1), np.array([""]))
        gap = fit_gap(alone, fit)._replace(true=value)
        return smallest_alpha(lambda alpha: gap_ends(gap, alpha).low > bound)
    k = spread.k
    most = 4 / 3 * (1 + 1 / k) * spread.observed
    parts = np.linspace(0.0, min(value - low, most * (1 - 1e-9)), _DIVISIONS)
    left = np.log1p(-parts / most)

    def moved(alpha: float) -> Floats:
        part: Floats = -most * np.expm1(left * _t(alpha, k))
        return part

    def beyond(alpha: float) -> bool:
        return value - _widest(value - low, parts, moved, alpha) > bound

    p = smallest_alpha(beyond)
    if spread.true >= _BLURRED * spread.observed:
        return p
    wider = _below(spread)
    return max(p, smallest_alpha(lambda alpha: spread.true - wider(alpha) > bound))


def ratio_tail(low: float, bound: float, spread: Told, holdout: tuple[float, float]) -> float:
    """Return a p-value, not too small, that a ratio of true spreads is above a bound.

    The ratio's lower end (`underspec.stats.ratio`) hangs on the lower end of the variance above the
    line and on the upper end of that below it, of which the distance is read off the ratio's own
    lower end. This widens most where it is from the variants alone, S² (ν / χ²_ν(α) - 1).

    Args:
        low: the ratio's lower end at 2.5 %.
        bound: 0 or more, under `low`.
        spread: on the probe, with a lower end above 0.
        holdout: true and observed variance there.
    """
    (t, end), (s, lab) = (spread.true, spread.low), holdout
    wide = math.sqrt(max(0.0, (t - low**2 * s) ** 2 - (t - end) ** 2)) / low**2
    wider, growth = _below(spread), _growth(wide / lab if lab > 0 else 0.0)
    # A spread that is mostly noise may come to be held up by the floor of its upper end.
    held_up = max(0.0, s) if s < lab / 2 else 0.0

    def beyond(alpha: float) -> bool:
        if alpha >= TWO_SIDED:
            return True
        times = growth(alpha)
        far = times * wide + (times - 1) * held_up
        return t - bound**2 * s > math.hypot(wider(alpha), bound**2 * far)

    return smallest_alpha(beyond)


def _below(spread: Told) -> Callable[[float], float]:
    """Return how far, at most, a variance's lower end is from its estimate, as alpha falls.

    The variants' part is S² (1 - ν / χ²_ν(1 - α)), with ν from 1 to k - 1.
    """
    from scipy.special import chdtri

    fit = spread.fit
    if fit is not None:
        return lambda alpha: spread.true - spread_ends(fit, min(alpha, TWO_SIDED)).low
    free = np.geomspace(1, spread.k - 1, _DIVISIONS)
    width = spread.true - spread.low

    def at(alpha: float, free: Floats) -> Floats:
        part: Floats = spread.observed * np.maximum(0.0, 1 - free / chdtri(free, alpha))
        return part

    parts = at(TWO_SIDED, free)
    # No part is larger than the whole; with all k - 1 it is smallest, and the file rounds.
    parts[-1] = min(parts[-1], width)
    free, parts = free[parts <= width], parts[parts <= width]
    return lambda alpha: _widest(width, parts, lambda level: at(level, free), alpha)


def _widest(width: float, parts: Floats, moved: Callable[[float], Floats], alpha: float) -> float:
    """Return the largest width at `alpha` over all divisions of `width`, that at 2.5 %."""
    from scipy.special import ndtri

    if alpha >= TWO_SIDED:
        return width
    examples = (float(ndtri(alpha)) / float(ndtri(TWO_SIDED))) ** 2
    rest = np.maximum(0.0, width**2 - parts**2)
    return math.sqrt(float((moved(alpha) ** 2 + examples * rest).max()))


def _t(alpha: float, k: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(k - 1, alpha)) / float(stdtrit(k - 1, TWO_SIDED))


def _growth(share: float) -> Callable[[float], float]:
    """Return by what the upper distance of a variance grows as alpha falls from 2.5 %.

    Args:
        share: the distance at 2.5 % over the observed variance.
    """
    from scipy.special import chdtri

    def distance(free: float, alpha: float) -> float:
        return max(0.0, free / float(chdtri(free, 1 - alpha)) - 1)

    # Fewer degrees of freedom grow faster; an interval has at least one.
    low, high = 0.0, math.log(1e6)
    for _ in range(60):
        middle = (low + high) / 2
        wider = distance(math.exp(middle), TWO_SIDED) > share
        low, high = (middle, high) if wider else (low, middle)
    free = math.exp(low)
    unit = distance(free, TWO_SIDED)
    return lambda alpha: distance(free, alpha) / unit
