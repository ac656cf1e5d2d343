"""Spread on a probe over spread on the holdout, with the ratio a common skill would give."""

import math

from underspec.core.findings import Ratio
from underspec.stats.ratio import ratio_ends
from underspec.stats.spread import SpreadFit

__all__ = ["DENOMINATOR", "no_ratio", "ratio_finding"]

DENOMINATOR = "all trained"


def ratio_finding(probe: SpreadFit, holdout: SpreadFit, null: float) -> Ratio:
    """Return the record of the ratio; an end that is infinite is None."""
    value, low, high = ratio_ends(probe, holdout)
    return Ratio(value, low, high if math.isfinite(high) else None, null, DENOMINATOR)


def no_ratio(null: float | None, denominator: str = DENOMINATOR) -> Ratio:
    """Return the record where a spread is undefined, or stands over none."""
    return Ratio(None, None, None, null, denominator)
