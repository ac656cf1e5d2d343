"""The winner's curse: what the half that chose says of a pick, against what the pick is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from underspec.choose.blend import Blend
from underspec.choose.split import Positions, Split
from underspec.choose.sure import Figure, interval
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
    both = [told for told in (_both(pick, probe) for pick in picks) if told is not None]
    optimism = interval([_figure(seen - worth, clusters) for seen, worth, clusters in both])
    decided = interval([_figure(seen, clusters) for seen, _, clusters in both])
    reported = interval([_figure(worth, clusters) for _, worth, clusters in both])
    return WinnersCurse(
        probe=probe,
        decided=decided if greater_is_better else _turned(decided),
        reported=reported if greater_is_better else _turned(reported),
        optimism=optimism,
        splits=len(both),
    )


def _both(pick: Picked, probe: str) -> tuple[Floats, Floats, float] | None:
    """Return the merit of a pick on the deciding and the reporting half, [1 + draws], and clusters.

    None where the picked answer together and a half does not define their merit.
    """
    one = next(tally for tally in pick.split.probes if tally.name == probe)
    if pick.blends is not None:
        blend = pick.blends[probe]
        return (blend.deciding(), blend.reporting(), one.clusters) if blend.known else None
    s, rows = pick.split.number, pick.split.pool[pick.positions]
    return one.deciding(s)[rows].mean(axis=0), one.reporting(s)[rows].mean(axis=0), one.clusters


def _figure(values: Floats, clusters: float) -> Figure:
    with np.errstate(invalid="ignore"):
        return Figure(values, np.array([values[1:].var(ddof=1)]), np.array([clusters]))


def _turned(found: Interval) -> Interval:
    def back(value: float | None) -> float | None:
        return None if value is None else -value

    return Interval(back(found.value), back(found.high), back(found.low))
