"""Shares, means and quantiles over examples that come in clusters, with intervals inside bounds."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats
from underspec.stats.few import effective
from underspec.stats.mean import mean_ends
from underspec.stats.spread import TWO_SIDED
from underspec.stats.totals import Totals

__all__ = ["Between", "Clustered", "inside", "largest", "over_both", "quantile", "share"]


class Between(NamedTuple):
    """An estimate with its ends; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Clustered:
    """Which cluster each example belongs to.

    Attributes:
        codes: 0 to M - 1, each used, [examples].
        sizes: examples in each, [M].
    """

    codes: NDArray[np.intp]
    sizes: Floats

    @classmethod
    def of(cls, clusters: NDArray[np.str_] | None, n: int) -> "Clustered":
        """Return the clusters of names [examples], each example its own where None."""
        if clusters is None:
            return cls(np.arange(n), np.ones(n))
        _, codes = np.unique(clusters, return_inverse=True)
        return cls(codes, np.bincount(codes).astype(np.float64))

    @property
    def count(self) -> int:
        """Clusters."""
        return len(self.sizes)

    def only(self, rows: Booleans) -> "Clustered":
        """Return the clusters of the examples at `rows`; those left without any go."""
        codes = self.codes[rows]
        sizes = np.bincount(codes, minlength=self.count)
        there = sizes > 0
        return Clustered((np.cumsum(there) - 1)[codes], sizes[there].astype(np.float64))

    def sums(self, values: Floats) -> Floats:
        """Return sums over each cluster of values [..., examples]."""
        if self.count == len(self.codes):
            # The order of clusters is of no account.
            return np.asarray(values, dtype=np.float64)
        order = np.argsort(self.codes, kind="stable")
        starts = np.cumsum(self.sizes).astype(np.intp) - self.sizes.astype(np.intp)
        ordered = np.asarray(values, dtype=np.float64)[..., order]
        sums: Floats = np.add.reduceat(ordered, starts, axis=-1)
        return sums

    def sized(self) -> Floats:
        """Return the sizes in the order of `sums`."""
        return np.ones(self.count) if self.count == len(self.codes) else self.sizes


def inside(
    value: float, error: float, reach: float, clusters: int, top: float = 1.0, lift: float = 0.0
) -> Between:
    """Return an interval between 0 and `top`: symmetric on the scale of ``log(x / (top - x))``.

    What was seen in none of M clusters may still happen in a share of ``1 - .025**(1 / M)``, so the
    upper end is never below that, nor the lower one above the rest.

    Args:
        value: the estimate, from 0 to `top`.
        error: its standard error.
        reach: how many of them an end lies off.
        clusters: that it comes from; under two there is no interval.
        top: largest possible value.
        lift: how much further up a skewed estimate may lie than ``value + reach * error``.
    """
    if clusters < 2:
        return Between(value, math.nan, math.nan)
    unseen = top * -math.expm1(math.log(TWO_SIDED) / clusters)
    low, high = 0.0, top
    part = value / top
    if 0 < part < 1:
        middle = math.log(part) - math.log1p(-part)
        step = reach * error / top / (part * (1 - part))
        low, high = top * _logistic(middle - step), top * _logistic(middle + step)
    elif part <= 0:
        high = 0.0
    else:
        low = top
    high = max(high, value + reach * error + lift) if lift > 0 else high
    return Between(value, min(low, top - unseen), min(top, max(high, unseen)))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def over_both(by_variant: Floats, clustered: Clustered, top: float = 1.0) -> Between:
    """Return a mean over groups of variants and over examples, both taken as random.

    ``Var = true² / k + V``, as for any mean over variants and examples (`mean_ends`), of the
    pseudo-values; t quantile with k - 1, or the degrees of freedom of the sum (Satterthwaite 1946)
    where few clusters leave fewer. The upper end is lifted by the skewness of the pseudo-values
    of variants and clusters: ``(1 + 2 t²) / 3`` times the third cumulant over the variance, twice the
    first-order shift of Hall (1992), since few variants show too little of their skewness.

    Args:
        by_variant: jackknife pseudo-values [variants, examples], whose mean is the estimate.
        clustered: of the examples.
        top: largest possible value.
    """
    from scipy.special import stdtrit

    k, n = by_variant.shape
    value = min(max(float(by_variant.mean()), 0.0), top)
    if k < 3 or clustered.count < 2:
        return Between(value, math.nan, math.nan)
    totals = Totals(clustered.sums(by_variant), clustered.sized(), _NAMELESS)
    fit = mean_ends(totals, (-math.inf, math.inf))
    variance = fit.variants + fit.examples
    reach, lift = -float(stdtrit(k - 1, TWO_SIDED)), 0.0
    if variance > 0:
        few = max(effective(totals.sizes) - 1, 1.0)
        df = variance**2 / (fit.variants**2 / (k - 1) + fit.examples**2 / few)
        reach = -float(stdtrit(min(k - 1, df), TWO_SIDED))
        apart = totals.means - value
        pulls = (totals.average - totals.sizes * value) / n
        third = float((apart**3).sum()) / (k * (k - 1) * (k - 2)) + float((pulls**3).sum())
        lift = max(0.0, third / variance * (1 + 2 * reach**2) / 3)
    return inside(value, math.sqrt(variance), reach, clustered.count, top, lift)


_NAMELESS: NDArray[np.str_] = np.empty(0, dtype=np.str_)


def share(
    values: Floats | Booleans, clustered: Clustered, rows: Booleans | None = None, top: float = 1.0
) -> Between:
    """Return the mean of values [examples] between 0 and `top`, with an interval over clusters only.

    The ratio estimator's linearised variance over clusters; t quantile, with as many degrees of freedom
    as clusters of one size would leave.

    Args:
        values: [examples].
        clustered: of all examples.
        rows: the examples that count; all where None.
        top: largest possible value.
    """
    if rows is not None:
        values, clustered = values[rows], clustered.only(rows)
    if len(values) == 0:
        return Between(math.nan, math.nan, math.nan)
    value = min(max(float(np.mean(values)), 0.0), top)
    error = _error(np.asarray(values, dtype=np.float64), value, clustered)
    return inside(value, error, _reach(clustered), clustered.count, top)


def _error(values: Floats, value: float, clustered: Clustered) -> float:
    count = clustered.count
    if count < 2:
        return math.nan
    left = clustered.sums(values - value)
    return math.sqrt(count / (count - 1) * float(left @ left)) / len(values)


def _reach(clustered: Clustered, alpha: float = TWO_SIDED) -> float:
    from scipy.special import stdtrit

    return -float(stdtrit(max(effective(clustered.sizes) - 1, 1.0), alpha))


def quantile(values: Floats, clustered: Clustered, at: float) -> Between:
    """Return a quantile over examples with Woodruff's interval (1952), over clusters only.

    The interval of the share below it, carried over to the values. Few clusters reach far into a tail,
    too few to show how alike their examples are there: what they have in common is taken to be no less
    than about the median.
    """
    if len(values) == 0:
        return Between(math.nan, math.nan, math.nan)
    value = float(np.quantile(values, at, method="inverted_cdf"))
    if clustered.count < 2:
        return Between(value, math.nan, math.nan)
    below = np.asarray(values <= value, dtype=np.float64)
    error = _error(below, float(below.mean()), clustered)
    half = np.asarray(values <= np.quantile(values, 0.5, method="inverted_cdf"), dtype=np.float64)
    part = float(half.mean())
    if part < 1:
        error = max(
            error, _error(half, part, clustered) * math.sqrt(at * (1 - at) / (part * (1 - part)))
        )
    # The share is `at`, however many examples tie with the quantile itself.
    if error == 0.0:
        error = math.sqrt(at * (1 - at) / clustered.count)
    ends = inside(at, error, _reach(clustered), clustered.count)
    low, high = np.quantile(values, (ends.low, ends.high), method="inverted_cdf")
    return Between(value, float(low), float(high))


def largest(values: Booleans, clustered: Clustered) -> Between:
    """Return the largest of several means over examples, with an interval over clusters only.

    The estimate is the largest observed, which luck makes too large. The upper end is the largest
    of the single upper ends; the lower one the largest of the lower ends at a level divided by their
    number. The largest true mean is then outside in at most 5 %.

    Args:
        values: [means, examples].
        clustered: of the examples.
    """
    from scipy.special import stdtrit

    k, n = values.shape
    means = values.mean(axis=1)
    value, count = float(means.max()), clustered.count
    if count < 2:
        return Between(value, math.nan, math.nan)
    left = clustered.sums(values - means[:, None])
    errors = np.sqrt(count / (count - 1) * np.einsum("vc,vc->v", left, left)) / n
    few = max(effective(clustered.sizes) - 1, 1.0)
    wide, all_at_once = -stdtrit(few, [TWO_SIDED, TWO_SIDED / k])
    pairs = list(zip(means.tolist(), errors.tolist(), strict=True))
    return Between(
        value,
        max(inside(mean, error, float(all_at_once), count).low for mean, error in pairs),
        max(inside(mean, error, float(wide), count).high for mean, error in pairs),
    )
