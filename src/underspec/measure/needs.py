"""What would settle the axes of a verdict that are unknown."""

from collections.abc import Callable

from underspec.core.findings import Needs, YesNo
from underspec.measure.spread import misshapen
from underspec.measure.verdict import LEAST_KEPT
from underspec.stats.gap import GapFit, gap_ends
from underspec.stats.mean import MeanEnds
from underspec.stats.planning import grow_gap, grow_mean, grow_spread, least
from underspec.stats.ratio import exceeds, ratio_ends
from underspec.stats.spread import TWO_SIDED, SpreadFit

__all__ = ["needs"]

_MOST_VARIANTS, _MOST_EXAMPLES = 1_000, 1_000_000

_Settled = Callable[[float, float], bool]


def needs(
    *,
    gap: GapFit,
    holdout: SpreadFit | None,
    drop: MeanEnds,
    n: int,
    epsilon: float,
    null: float,
    max_drop: float | None,
    spread_verdict: YesNo,
    drop_verdict: YesNo,
) -> Needs | None:
    """Return how many kept variants, or else how many examples, settle what is unknown.

    The estimates are taken as the truth and only the intervals shrink; the unadjusted 95 % ends
    must cross. Variants are kept ones, the trained ones growing alike; examples are the probe's
    reported ones, the holdout's growing alike. Without a holdout the gap alone decides how far
    variants part.

    Returns:
        None where nothing is unknown, or where only a missing `max_drop` keeps it so.
    """
    k = gap.spread.k
    open_axes: list[_Settled] = []
    if spread_verdict == "unknown":
        open_axes.append(lambda v, e: _spread_settled(gap, holdout, epsilon, null, v, e))
    if drop_verdict == "unknown" and max_drop is not None:
        open_axes.append(lambda v, e: _drop_settled(drop, k, max_drop, v, e))
    if not open_axes:
        return None

    def settled(variants: float, examples: float) -> bool:
        return all(axis(variants, examples) for axis in open_axes)

    first = max(k, LEAST_KEPT) if spread_verdict == "unknown" else k
    return Needs(
        variants=least(lambda count: settled(count / k, 1.0), first, _MOST_VARIANTS),
        examples=least(lambda count: settled(1.0, count / n), n, _MOST_EXAMPLES)
        if first == k
        else None,
    )


def _spread_settled(
    gap: GapFit,
    holdout: SpreadFit | None,
    epsilon: float,
    null: float,
    variants: float,
    examples: float,
) -> bool:
    more = grow_gap(gap, variants, examples)
    low, high = gap_ends(more)
    if holdout is None:
        return low > epsilon**2 or high <= epsilon**2
    yardstick = grow_spread(holdout, variants, examples)
    if low > epsilon**2 and exceeds(more.spread, yardstick, null, TWO_SIDED):
        return True
    if high <= epsilon**2:
        return True
    return not misshapen(holdout) and ratio_ends(more.spread, yardstick).high <= null


def _drop_settled(
    drop: MeanEnds, k: int, max_drop: float, variants: float, examples: float
) -> bool:
    low, high = grow_mean(drop, k, variants, examples)
    return low > max_drop or high <= max_drop
