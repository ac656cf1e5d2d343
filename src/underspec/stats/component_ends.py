"""Intervals of variance components: degrees of freedom, ends, sums and quotients."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.spread import TWO_SIDED, kurtosis
from underspec.stats.totals import deviations

__all__ = ["Estimate", "added", "component_ends", "freedom", "quotient", "stretching", "tailed"]


class Estimate(NamedTuple):
    """A variance with the ends of its interval, and as observed."""

    value: float
    low: float
    high: float
    observed: float


def freedom(weights: Floats, scale: Floats) -> float:
    """Return Satterthwaite's degrees of freedom (1946) of a form under a covariance, at least 1."""
    moved = weights @ scale
    squares = float(np.vdot(moved, moved.T))
    return max(1.0, float(np.trace(moved)) ** 2 / squares) if squares > 0 else 1.0


def tailed(df: float, effects: Floats) -> float:
    """Return degrees of freedom cut for heavy tails of the effects, as those of a spread are."""
    return max(1.0, 2 / (3 * max(0.0, kurtosis(deviations(effects))) / (df + 1) + 2 / df))


def stretching(weights: Floats, between: Floats, scale: Floats, df: float) -> float:
    """Return how much more a component varies than its mean square tells; 1 in balanced layouts."""
    moved, plain = weights @ scale, between @ scale
    size, part = float(np.trace(plain)), float(np.trace(moved))
    told = float(np.vdot(plain, plain.T)) + max(0.0, size - part) ** 2 / df
    return math.sqrt(max(1.0, float(np.vdot(moved, moved.T)) / told)) if told > 0 else 1.0


def component_ends(
    true: float,
    mean_square: float,
    df: float,
    luck: float,
    observed: float,
    floor: float,
    chance: tuple[float, float] = (0.0, 1.0),
    stretch: float = 1.0,
) -> Estimate:
    """Return the ends of `true`, a mean square less what chance brings to it.

    The upper end is at least what chance alone, `floor`, would have given, so that a lucky negative
    estimate claims nothing.

    Args:
        true: the estimate.
        mean_square: what it was taken from.
        df: degrees of freedom of that.
        luck: sampling variance over examples.
        observed: the estimate with noise left in.
        floor: everything in the mean square that is not the component, noise included.
        chance: the mean square that was taken off, and its degrees of freedom.
        stretch: how much wider the ends are because the layout is not balanced.
    """
    from scipy.special import ndtri

    below, above = _reach(df)
    off_below, off_above = _reach(chance[1])
    size, off = max(0.0, mean_square), chance[0]
    extra = float(ndtri(TWO_SIDED)) ** 2 * luck
    low = true - math.sqrt(stretch**2 * ((below * size) ** 2 + (off_above * off) ** 2) + extra)
    high = true + math.sqrt(stretch**2 * ((above * size) ** 2 + (off_below * off) ** 2) + extra)
    return Estimate(true, low, max(high, math.sqrt((above * floor) ** 2 + extra)), observed)


def _reach(df: float) -> tuple[float, float]:
    """Return how far the ends of a variance with `df` degrees of freedom lie from it, in its size."""
    from scipy.special import chdtri

    below = max(0.0, 1 - df / float(chdtri(df, TWO_SIDED)))
    return below, max(0.0, df / float(chdtri(df, 1 - TWO_SIDED)) - 1)


def added(parts: Sequence[Estimate]) -> Estimate:
    """Return a sum of independent estimates, ends put together in squares (MOVER)."""
    value = sum(part.value for part in parts)
    return Estimate(
        value,
        value - math.sqrt(sum((part.value - part.low) ** 2 for part in parts)),
        value + math.sqrt(sum((part.high - part.value) ** 2 for part in parts)),
        sum(part.observed for part in parts),
    )


def quotient(above: Estimate, below: Estimate) -> tuple[float, float]:
    """Return the ends of above / below by MOVER for a ratio (Donner and Zou 2012), uncorrelated."""
    t, s = above.value, below.value
    low = 0.0
    if above.low > 0:
        a, b = t - above.low, below.high - s
        line = t * s + _root(t, s, a, b)
        low = (t**2 - a**2) / line if line > 0 else 0.0
    if below.low <= 0:
        return low, math.inf
    a, b = above.high - t, s - below.low
    return low, max(0.0, t * s + _root(t, s, a, b)) / (s**2 - b**2)


def _root(t: float, s: float, a: float, b: float) -> float:
    return math.sqrt(max(0.0, (s * a) ** 2 + (t * b) ** 2 - (a * b) ** 2))
