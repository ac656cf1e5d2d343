"""How good variants are on a probe, and how much worse than on the holdout."""

from underspec.core.findings import Interval
from underspec.measure._protocol import Scaled
from underspec.stats.mean import MeanEnds, drop_ends, mean_ends
from underspec.stats.totals import Totals

__all__ = ["NOTHING", "drop_estimate", "drop_fit", "mean_finding"]

NOTHING = Interval(None, None, None)


def mean_finding(totals: Totals, metric: Scaled) -> Interval:
    """Return the mean, without an interval under two variants or clusters, None for nothing."""
    if totals.n == 0 or totals.k == 0:
        return NOTHING
    if not totals.resolved:
        return Interval(float(totals.means.mean()), None, None)
    mean = mean_ends(totals, metric.range)
    low, high = metric.range
    return Interval(mean.value, max(low, mean.low), min(high, mean.high))


def drop_fit(holdout: Totals, probe: Totals, metric: Scaled) -> MeanEnds:
    """Return the drop of a probe, positive for worse, from two variants and clusters in both."""
    return drop_ends(holdout, probe, metric.range, _sign(metric))


def drop_estimate(holdout: Interval, probe: Interval, metric: Scaled) -> Interval:
    """Return the drop without an interval, where there is too little for one."""
    if holdout.value is None or probe.value is None:
        return NOTHING
    return Interval(_sign(metric) * (holdout.value - probe.value), None, None)


def _sign(metric: Scaled) -> float:
    return 1.0 if metric.greater_is_better else -1.0
