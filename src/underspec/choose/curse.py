"""The winner's curse: what the half that chose says of a pick, against what the pick is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from underspec.choose.blend import Blend
from underspec.choose.gain import interval
from underspec.choose.split import Positions, Split
from underspec.choose.tally import Tally
from underspec.core.findings import Interval, WinnersCurse
from underspec.core.records import Floats

__all__ = ["Picked", "curse", "watched"]


@dataclass(frozen=True, eq=False)
class Picked:
    """A rule's pick in one split.

    Attributes:
        split: the split.
        positions: in its pool.
        blends: by probe, where the picked answer together.
    """

    split: Split
    positions: Positions
    blends: Mapping[str, Blend] | None = None


def watched(
    tallies: Sequence[Tally], overall: Mapping[str, float], used: Sequence[int]
) -> tuple[str, ...]:
    """Return the holdout, and the stress probe on which all variants together do worst.

    By all variants and both halves, so that neither a rule nor a half has a part in which it is.

    Args:
        tallies: the holdout first.
        overall: probe name to the mean merit of all trained variants on all examples.
        used: the splits that count, in all of which the probe must be known.
    """
    whole = [
        (overall[probe.name], probe.name)
        for probe in tallies[1:]
        if probe.may_choose
        and np.isfinite(overall[probe.name])
        and np.isfinite(probe.decide[used]).all()
        and np.isfinite(probe.report[used]).all()
    ]
    return (tallies[0].name, min(whole)[1]) if whole else (tallies[0].name,)


def curse(picks: Sequence[Picked], probe: str, *, greater_is_better: bool) -> WinnersCurse:
    """Return what a rule's picks look like to who chose them, and what they are worth.

    Args:
        picks: one a split.
        probe: on which.
        greater_is_better: whether the metric itself is, as merit always is.
    """
    both = [_both(pick, probe) for pick in picks]
    optimism = interval([decided - reported for decided, reported in both])
    seen, worth = interval([one for one, _ in both]), interval([other for _, other in both])
    return WinnersCurse(
        probe=probe,
        decided=seen if greater_is_better else _turned(seen),
        reported=worth if greater_is_better else _turned(worth),
        optimism=optimism,
    )


def _both(pick: Picked, probe: str) -> tuple[Floats, Floats]:
    """Return the merit of a pick on the deciding and the reporting half, [1 + draws] each."""
    if pick.blends is not None:
        return pick.blends[probe].deciding(), pick.blends[probe].reporting()
    one = next(tally for tally in pick.split.probes if tally.name == probe)
    s, rows = pick.split.number, pick.split.pool[pick.positions]
    return one.deciding(s)[rows].mean(axis=0), one.reporting(s)[rows].mean(axis=0)


def _turned(found: Interval) -> Interval:
    def back(value: float | None) -> float | None:
        return None if value is None else -value

    return Interval(back(found.value), back(found.high), back(found.low))
