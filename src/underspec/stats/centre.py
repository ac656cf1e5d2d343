"""What cutting a pool around its own study's centre hides of the variance of the pool's mean."""

import math
from typing import NamedTuple

from underspec.core.records import Floats
from underspec.stats.totals import deviations

__all__ = ["Moved", "moved"]

_WINDOW = 2.25


class Moved(NamedTuple):
    """What keeping only variants near a centre adds to the variance of their mean.

    Attributes:
        variance: of the kept variants' mean, from where the centre came to lie.
        freedom: degrees of freedom of that estimate.
    """

    variance: float
    freedom: int


def moved(everything: Floats, kept: Floats, *, middle: bool) -> Moved:
    """Return what the centre's luck adds, of two trained and two kept variants or more.

    A pool is cut around the middle or the best of *its own* study's variants. Variance over
    variants that the cut removed has not gone: it sits in the centre, which another set of seeds
    would put elsewhere, and the window with it: ``c max(0, S²_all - S²_kept) / k_all``. For normal
    effects c is π/2 for a window that closes around the median, and rises to 2.25 at a width of
    one standard deviation, which is taken for all; ``k π² / (12 log k)`` for their maximum.

    Args:
        everything: the figure of all trained variants, [variants].
        kept: of those in the pool, [variants].
        middle: whether the pool lies around a median or mean; a best is assumed otherwise.
    """
    k = len(everything)
    lost = max(0.0, _variance(everything) - _variance(kept))
    factor = _WINDOW if middle else max(_WINDOW, k * math.pi**2 / (12 * math.log(k)))
    return Moved(factor * lost / k, k - 1)


def _variance(means: Floats) -> float:
    apart = deviations(means)
    return float(apart @ apart) / (len(means) - 1)
