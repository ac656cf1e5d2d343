"""Accuracy on the line: a straight line between two probes' accuracies on the probit scale."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.clustering import RELIABLE
from underspec.stats.mean import drop_ends
from underspec.stats.paired import paired
from underspec.stats.relation import Joint, correlate
from underspec.stats.spread import TWO_SIDED, fit_spread, spread_ends
from underspec.stats.totals import Totals, deviations, shared

__all__ = ["Line", "Triple", "fit_line", "probit"]

_ENDLESS = (-math.inf, math.inf)


class Triple(NamedTuple):
    """An estimate and its ends; NaN where it is not resolved."""

    value: float
    low: float
    high: float


class Line(NamedTuple):
    """The line of a probe's probit accuracy against the holdout's, with noise taken out of both.

    Attributes:
        slope: covariance over variance, both true.
        intercept: height of the line at accuracy .5 on the holdout, probits.
        determination: squared correlation of the true accuracies.
        residual: variance over variants that is neither line nor noise; signed, ends not clipped.
        reliability: of the holdout's spread on this scale.
        apart: each variant's height above the line, probits, [variants].
        error: standard error of it from the examples alone, [variants].
    """

    slope: Triple
    intercept: Triple
    determination: Triple
    residual: Triple
    reliability: float
    apart: Floats
    error: Floats


def probit(totals: Totals) -> Totals:
    """Return totals whose mean is the probit of each variant's accuracy, exactly.

    Contributions are carried over to first order: ``z + (C - a) / φ(z)``, ``z = Φ⁻¹(a)``. No
    variant may be right on all examples or on none.
    """
    from scipy.special import ndtri

    a = totals.means[:, None]
    z = ndtri(a)
    steep = np.exp(z**2 / 2) * math.sqrt(2 * math.pi)
    values = totals.values * steep + totals.sizes * (z - a * steep)
    return Totals(values, totals.sizes, totals.names)


def fit_line(x: Totals, y: Totals) -> Line | None:
    """Return the line of `y` on `x`, None where the spread of `x` is too noisy to lay one through.

    Errors in both: ``slope = cov_true / var_true(x)``, with the examples that both share taken out
    (method of moments; Fuller 1987, section 1.2). Its interval inverts the test that ``y - b x`` has
    no true covariance with x; without noise it is that of least squares.

    Args:
        x: probit totals of the holdout, four variants and two clusters or more.
        y: the same of the probe.
    """
    k, moments = x.k, paired(x, y)
    observed, true = moments.observed, moments.true
    if true[0, 0] <= 0 or true[0, 0] < RELIABLE * observed[0, 0]:
        return None
    slope = _slope(moments, k)
    related = correlate(moments, np.array([0]), np.array([1]))
    ends = float(related.low[0]), float(related.high[0])
    squares = sorted(end**2 for end in ends)
    least = 0.0 if ends[0] <= 0 <= ends[1] else squares[0]
    b = slope.value
    left = float(true[1, 1] - 2 * b * true[0, 1] + b**2 * true[0, 0])
    residual = _residual(_rest(x, y, b), left)
    # Nothing beside the line is R² = 1, which Fisher's z never reaches.
    most = 1.0 if residual.low <= 0 and not math.isnan(squares[1]) else squares[1]
    return Line(
        slope=slope,
        intercept=_intercept(x, y, slope),
        determination=Triple(float(related.value[0]) ** 2, least, most),
        residual=residual,
        reliability=float(true[0, 0] / observed[0, 0]),
        apart=deviations(y.means) - b * deviations(x.means),
        error=_error(x, y, b),
    )


def _slope(moments: Joint, k: int) -> Triple:
    """Return the slope with the roots b of ``(c - b v)² = t² Var(c - b v)``.

    ``Var = det(S) / (k - 2) + 2 M² / (k - 1)`` for normal effects, M = N_xy - b N_xx the covariance
    of the noise of x with that of ``y - b x``.
    """
    from scipy.special import stdtrit

    s, t = moments.observed, moments.true
    v, c = float(t[0, 0]), float(t[0, 1])
    common, own = float(s[0, 1]) - c, float(s[0, 0]) - v
    square = float(stdtrit(k - 2, 1 - TWO_SIDED)) ** 2
    more = 2 * square / (k - 1)
    det = max(0.0, float(s[0, 0] * s[1, 1] - s[0, 1] ** 2))
    a = v**2 - more * own**2
    b = v * c - more * common * own
    free = b**2 - a * (c**2 - square * det / (k - 2) - more * common**2)
    if a <= 0 or free < 0:
        return Triple(c / v, math.nan, math.nan)
    reach = math.sqrt(free)
    return Triple(c / v, (b - reach) / a, (b + reach) / a)


def _intercept(x: Totals, y: Totals, slope: Triple) -> Triple:
    """Return the height at 0: that over the middle, less the way there along an unsure slope."""
    scaled = Totals(x.values * slope.value, x.sizes, x.names)
    middle = drop_ends(scaled, y, _ENDLESS, sign=-1.0)
    centre = float(x.means.mean())
    steeper, flatter = centre * (slope.high - slope.value), centre * (slope.value - slope.low)
    below, above = (steeper, flatter) if centre > 0 else (flatter, steeper)
    reach = middle.high - middle.value
    return Triple(
        middle.value,
        middle.value - math.hypot(reach, below),
        middle.value + math.hypot(reach, above),
    )


def _residual(rest: Totals, left: float) -> Triple:
    """Return the true variance of what the line leaves, k - 2 degrees of freedom.

    Args:
        rest: totals of it.
        left: its true variance by the joint moments, k - 1 degrees of freedom.
    """
    fit = fit_spread(rest, _ENDLESS)
    fit = fit._replace(
        k=fit.k - 1,
        observed=fit.observed * (fit.k - 1) / (fit.k - 2),
        noise=max(0.0, fit.observed - left),
    )
    return Triple(fit.true, *spread_ends(fit))


def _error(x: Totals, y: Totals, slope: float) -> Floats:
    """Return the standard error over clusters of each variant's ``y - slope * x``, [variants].

    Less what the average variant shares of it, which moves the line and nobody's place on it.
    """
    a, b = _pulls(x) * slope, _pulls(y)
    at_a, at_b = shared(x.names, y.names)
    both = np.einsum("vc,vc->v", a[:, at_a], b[:, at_b])
    squares = np.square(a).sum(axis=1) + np.square(b).sum(axis=1) - 2 * both
    error: Floats = np.sqrt(np.maximum(squares, 0.0))
    return error


def _pulls(totals: Totals) -> Floats:
    count, own = len(totals.sizes), totals.apart.sum(axis=1) / totals.n
    pulls: Floats = (totals.apart - totals.sizes * own[:, None]) / totals.n
    return pulls * math.sqrt(count / (count - 1))


def _rest(x: Totals, y: Totals, slope: float) -> Totals:
    """Return totals whose mean is ``y - slope * x``, over the clusters of both.

    Each cluster's size is its average share of the two probes.
    """
    if np.array_equal(x.names, y.names) and np.array_equal(x.sizes, y.sizes):
        return Totals(y.values - slope * x.values, y.sizes, y.names)
    names = np.unique(np.concatenate([x.names, y.names]))
    values, sizes = np.zeros((y.k, len(names))), np.zeros(len(names))
    for one, factor in ((x, -slope), (y, 1.0)):
        at = np.searchsorted(names, one.names)
        values[:, at] += factor * one.values * (y.n / one.n)
        sizes[at] += one.sizes * (y.n / one.n) / 2
    return Totals(values, sizes, names)
