"""How good variants are on a probe, and how much worse than on the holdout."""

from underspec.core.findings import Interval
from underspec.core.records import Floats
from underspec.measure._protocol import Scaled
from underspec.stats.centre import moved
from underspec.stats.mean import MeanEnds, drop_ends, mean_ends
from underspec.stats.totals import Totals

__all__ = ["NOTHING", "drop_estimate", "drop_fit", "mean_finding", "mean_fit"]

NOTHING = Interval(None, None, None)


def mean_finding(
    totals: Totals, metric: Scaled, everyone: Totals | None = None, *, middle: bool = True
) -> Interval:
    """Return the mean, without an interval under two variants or clusters, None for nothing.

    Args:
        totals: of the kept variants.
        metric: its scale.
        everyone: of all trained variants, where the kept ones were selected out of these.
        middle: whether the pool lies around a middle, not a best.
    """
    if totals.n == 0 or totals.k == 0:
        return NOTHING
    if not totals.resolved:
        return Interval(float(totals.means.mean()), None, None)
    mean = mean_fit(totals, metric, everyone, middle=middle)
    low, high = metric.range
    return Interval(mean.value, max(low, mean.low), min(high, mean.high))


def mean_fit(
    totals: Totals, metric: Scaled, everyone: Totals | None = None, *, middle: bool = True
) -> MeanEnds:
    """Return what the interval of `mean_finding` is made of, from two variants and clusters."""
    hidden = 0.0 if everyone is None else _hidden(everyone.means, totals.means, middle)
    return mean_ends(totals, metric.range, moved=hidden)


def drop_fit(
    holdout: Totals,
    probe: Totals,
    metric: Scaled,
    everyone: tuple[Totals, Totals] | None = None,
    *,
    middle: bool = True,
) -> MeanEnds:
    """Return the drop of a probe, positive for worse, from two variants and clusters in both.

    Args:
        holdout: of the kept variants.
        probe: likewise.
        metric: its scale.
        everyone: both of all trained variants, where the kept ones were selected out of these.
        middle: whether the pool lies around a middle, not a best.
    """
    hidden = 0.0
    if everyone is not None:
        every = everyone[0].means - everyone[1].means
        hidden = _hidden(every, holdout.means - probe.means, middle)
    return drop_ends(holdout, probe, metric.range, _sign(metric), moved=hidden)


def _hidden(everyone: Floats, kept: Floats, middle: bool) -> float:
    """Return the variance of a kept mean that having been selected hides, 0 where all are kept."""
    if len(everyone) == len(kept):
        return 0.0
    return moved(everyone, kept, middle=middle).variance


def drop_estimate(holdout: Interval, probe: Interval, metric: Scaled) -> Interval:
    """Return the drop without an interval, where there is too little for one."""
    if holdout.value is None or probe.value is None:
        return NOTHING
    return Interval(_sign(metric) * (holdout.value - probe.value), None, None)


def _sign(metric: Scaled) -> float:
    return 1.0 if metric.greater_is_better else -1.0
