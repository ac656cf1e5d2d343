"""The headline: how far two near-equal variants typically differ on a probe."""

import math

from underspec.core.findings import Gap
from underspec.measure._protocol import Scaled
from underspec.stats.gap import FORM, GapFit, gap_ends

__all__ = ["NO_GAP", "gap_finding"]

NO_GAP = Gap(None, None, None, FORM)


def gap_finding(fit: GapFit, metric: Scaled) -> Gap:
    """Return the record of a fitted gap; the upper end is None where infinite."""
    low, high = gap_ends(fit)
    value = math.sqrt(max(0.0, fit.true))
    # Two draws from within a range differ by half its width at most, on average.
    widest = max((metric.range[1] - metric.range[0]) / 2, value)
    upper = min(math.sqrt(max(0.0, high)), widest)
    return Gap(value, math.sqrt(max(0.0, low)), upper if math.isfinite(upper) else None, FORM)
