"""Grading of choices: decide on one half of the clusters, be graded on the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from underspec.choose._protocol import Ballot, Chooser
from underspec.choose.tally import Candidate, Halves, Tally, tally
from underspec.core.errors import UsageError, one_of
from underspec.core.findings import Choice, Interval
from underspec.core.records import Booleans, Floats
from underspec.core.streams import Stream, stream

__all__ = ["evaluate", "recommended"]

_BASELINE = "random_pick"

# Standard errors from the estimate to either end of the intervals given, 95 %.
_Z = 1.96


@dataclass(frozen=True, eq=False)
class _Split:
    """One way of halving, with the pool that its deciding half gives."""

    number: int
    pool: NDArray[np.intp]
    ids: tuple[str, ...]
    probes: tuple[Tally, ...]


def evaluate(
    rules: Mapping[str, Chooser],
    variants: Sequence[str],
    probes: Iterable[Candidate],
    pool: Callable[[Booleans], Sequence[int]],
    *,
    seed: int,
    splits: int = 10,
    draws: int = 400,
) -> tuple[Choice, ...]:
    """Return what each rule picks, and what the rule gains over a random pick from the pool.

    The clusters are halved in `splits` ways, the same in every probe and the holdout. In each, the
    pool and the picks come from the deciding half and are graded on the other:

    - gain: worst regret over the probes expected of a random pick, less that of the pick. The
      level of regret is inflated by noise, for both alike, and therefore not given.
    - transfer: for each family of stress probes, the pick made without it, its mean merit there
      less the pool's; averaged over the families.

    Both are in the metric's units, positive where the rule is better, and averaged over the splits.
    Probes that may not be tuned on take part in neither: the best rule is chosen by these figures.
    They are the rule's: each split has its own pool and pick, and only that of split 0 is shipped.
    Several ids of one rule count as a lottery. The 95 % intervals are over clusters, for this pool
    and these picks, by the Bayesian bootstrap with its standard error.

    Args:
        rules: name to rule.
        variants: ids of all trained variants, the order of axis 0 of every probe.
        probes: the holdout first; one is held at a time.
        pool: given which examples of the holdout decide, [examples], the positions of the
            variants kept.
        seed: root seed of the study; split 0 is its own, whose picks are what is shipped.
        splits: how many halvings; those whose pool is empty do not count.
        draws: resamples for the intervals.

    Returns:
        One choice a rule, in the order given; none if the pool of the study itself is empty.

    Raises:
        UsageError: a half of the holdout is empty, or a rule picked nothing, or nobody of the pool.
    """
    halves = Halves(seed, splits, draws)
    pools: list[NDArray[np.intp]] = []
    tallies: list[Tally] = []
    for probe in probes:
        counted, mask = tally(probe, halves)
        if not tallies:
            if np.isnan(counted.decide).any() or np.isnan(counted.report).any():
                raise UsageError(
                    f"The holdout has {len(np.unique(probe.clusters))} clusters, too few to halve: "
                    "a choice is made on one half and graded on the other."
                )
            pools = [np.asarray(pool(half), dtype=np.intp) for half in mask]
        tallies.append(counted)
    made = [
        _Split(s, kept, tuple(str(variants[at]) for at in kept), tuple(tallies))
        for s, kept in enumerate(pools)
        if len(kept)
    ]
    if not made or made[0].number != 0:
        return ()
    key = stream(seed, "choose")
    return tuple(_choice(name, rule, made, key.child(name)) for name, rule in rules.items())


def recommended(choices: Iterable[Choice]) -> str | None:
    """Return the rule with the largest gain among those that surely gain, if any.

    Sure is a gain whose interval, widened for the number of rules compared (Bonferroni, 5 % in all,
    two-sided), is above 0, and a transfer whose interval is not below 0: a rule that does worse
    than a random pick on stress tests it did not see has learnt these tests, not robustness.
    """
    compared = [c for c in choices if c.rule != _BASELINE]
    sure = [
        (-(c.gain.value or 0.0), c.rule)
        for c in compared
        if _gains(c.gain, len(compared)) and (c.transfer.high is None or c.transfer.high >= 0)
    ]
    return min(sure)[1] if sure else None


def _gains(gain: Interval, compared: int) -> bool:
    if gain.value is None or gain.low is None:
        return False
    # Never narrower than what is printed, which is with 1.96 rounded.
    wider = max(NormalDist().inv_cdf(1 - 0.025 / compared) / _Z, 1.0)
    return gain.value - wider * (gain.value - gain.low) > 0


def _choice(name: str, rule: Chooser, splits: Sequence[_Split], key: Stream) -> Choice:
    gains, transfers = [], []
    shipped: tuple[str, ...] = ()
    for split in splits:
        at = key.child(split.number)
        picked = _pick(name, rule, split, at, without=None)
        if split.number == 0:
            shipped = tuple(split.ids[p] for p in picked)
        gains.append(_gain(split, picked))
        moved = [
            _lead(split, _pick(name, rule, split, at, without=family), family)
            for family in _families(split)
        ]
        if moved:
            transfers.append(np.mean(moved, axis=0))
    return Choice(
        rule=name,
        variants=shipped,
        gain=_interval(gains),
        transfer=_interval(transfers),
        splits=len(splits),
    )


def _pick(
    name: str, rule: Chooser, split: _Split, key: Stream, without: str | None
) -> NDArray[np.intp]:
    """Return the positions in the pool that a rule picks, shown all families but one."""
    s, kept = split.number, split.pool
    seen = [
        probe
        for p, probe in enumerate(split.probes)
        if p == 0
        or (probe.may_choose and probe.family != without and not np.isnan(probe.decide[s]).any())
    ]
    ballot = Ballot(
        variants=split.ids,
        merit=np.stack([probe.decide[s, kept] for probe in seen], axis=1),
        disagreement=np.mean([probe.differ[s][np.ix_(kept, kept)] for probe in seen], axis=0),
        key=key if without is None else key.child("without", without),
    )
    picked = rule(ballot)
    if not picked:
        raise UsageError(
            f"The choice rule '{name}' picked nothing: it must return at least one id."
        )
    for variant in picked:
        if variant not in split.ids:
            raise UsageError(
                f"The choice rule '{name}': " + one_of("variant of the pool", variant, split.ids)
            )
    return np.asarray([split.ids.index(variant) for variant in picked], dtype=np.intp)


def _graded(split: _Split, family: str | None = None) -> Floats:
    """Return the merit on the reporting half, [pool, probes, 1 + draws]; first the estimate."""
    s = split.number
    return np.stack(
        [
            np.concatenate([probe.report[s, :, None], probe.resampled[s]], axis=1)[split.pool]
            for p, probe in enumerate(split.probes)
            if (p == 0 or probe.may_choose)
            and (family is None or (p > 0 and probe.family == family))
            and not np.isnan(probe.report[s]).any()
        ],
        axis=1,
    )


def _families(split: _Split) -> list[str]:
    """Return the families of stress probes that the reporting half can grade."""
    s = split.number
    found = (
        probe.family
        for probe in split.probes[1:]
        if probe.may_choose and not np.isnan(probe.report[s]).any()
    )
    return list(dict.fromkeys(found))


def _gain(split: _Split, picked: NDArray[np.intp]) -> Floats:
    merit = _graded(split)
    worst = (merit.max(axis=0) - merit).max(axis=1)
    result: Floats = worst.mean(axis=0) - worst[picked].mean(axis=0)
    return result


def _lead(split: _Split, picked: NDArray[np.intp], family: str) -> Floats:
    merit = _graded(split, family).mean(axis=1)
    result: Floats = merit[picked].mean(axis=0) - merit.mean(axis=0)
    return result


def _interval(over_splits: Sequence[Floats]) -> Interval:
    """Return the mean over splits with its interval, from [1 + draws] values a split."""
    if not over_splits:
        return Interval(None, None, None)
    mean = np.mean(over_splits, axis=0)
    value, error = float(mean[0]), float(np.std(mean[1:], ddof=1))
    return Interval(value, value - _Z * error, value + _Z * error)
