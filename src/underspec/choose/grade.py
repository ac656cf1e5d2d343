"""Grading of choices: decide on one half of the clusters, be graded on the other."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from underspec.choose._protocol import Chooser, Particular, Together, Weights
from underspec.choose.blend import Blend, Blended, blended
from underspec.choose.curse import Picked, curse
from underspec.choose.fits import refuse_unfit
from underspec.choose.gain import gain, gain_together, lead, lead_together
from underspec.choose.split import Positions, Split, families, pick
from underspec.choose.sure import Figure, average, behind, interval
from underspec.choose.tallied import Tallied, tallied
from underspec.choose.tally import Candidate, Halves
from underspec.core.errors import UsageError
from underspec.core.findings import Choice
from underspec.core.records import Booleans
from underspec.core.streams import stream

__all__ = ["choices", "evaluate", "together"]


def evaluate(
    rules: Mapping[str, Chooser],
    variants: Sequence[str],
    probes: Iterable[Candidate] | Callable[[], Iterable[Candidate]],
    pool: Callable[[Booleans], Sequence[int]],
    *,
    seed: int,
    splits: int = 10,
    draws: int = 400,
    greater_is_better: bool = True,
) -> tuple[Choice, ...]:
    """Return what each rule picks, and what the rule gains over a random pick from the pool.

    The clusters are halved in `splits` ways, the same in every probe and the holdout. In each, the
    pool and the picks come from the deciding half and are graded on the other:

    - gain: worst regret over the probes expected of a random pick, less that of the pick. The
      level of regret is inflated by noise, for both alike, and therefore not given. Of variants
      that answer together see `gain.gain_together`.
    - transfer: for each family of stress probes, the pick made without it, its mean merit there
      less the pool's; averaged over the families. A rule that looks at some probes only takes no
      part in families without which it has none.
    - winner's curse: merit of the pick on the half that chose it, and on the other.

    All are in the metric's units, gain and transfer positive where the rule is better, and averaged
    over the splits. Probes that may not be tuned on take part in nothing: the best rule is chosen
    by these figures. They are the rule's: each split has its own pool and pick, and only that of
    split 0 is shipped. Several ids of one rule count as a lottery, unless the rule says that they
    answer together. The 95 % intervals are over clusters, for this pool and these picks, by the
    Bayesian bootstrap with its standard error and t, see `choose.sure`. Splits whose halves do not
    define an ensemble's merit do not count for it.

    Args:
        rules: name to rule.
        variants: ids of all trained variants, the order of axis 0 of every probe.
        probes: the holdout first; one is held at a time. Rules that average scores ask for them
            twice: give what yields them anew, or a list.
        pool: given which examples of the holdout decide, [examples], the positions of the
            variants kept.
        seed: root seed of the study; split 0 is its own, whose picks are what is shipped.
        splits: how many halvings; those whose pool is empty do not count.
        draws: resamples for the intervals.
        greater_is_better: whether the metric is, as merit always is.

    Returns:
        One choice a rule, in the order given; none if the pool of the study itself is empty.

    Raises:
        UsageError: a half of the holdout is empty in the study's own halving, or a rule picked
            nothing, or nobody of the pool, or lacks what it looks at.
    """
    again = probes if callable(probes) else lambda: probes
    whole = any(map(together, rules.values()))
    seen = tallied(again(), pool, seed=seed, splits=splits, draws=draws, whole=whole)
    return choices(rules, variants, seen, again, greater_is_better=greater_is_better)


def choices(
    rules: Mapping[str, Chooser],
    variants: Sequence[str],
    seen: Tallied,
    again: Callable[[], Iterable[Candidate]],
    *,
    greater_is_better: bool = True,
) -> tuple[Choice, ...]:
    """Return what `evaluate` does, from probes that were tallied before.

    Args:
        rules: name to rule.
        variants: ids of all trained variants, the order of axis 0 of every probe.
        seen: from `tallied`; `whole` if any rule's variants answer together.
        again: yields the same probes; asked only for such rules.
        greater_is_better: whether the metric is, as merit always is.

    Raises:
        UsageError: a rule picked nothing, or nobody of the pool, or lacks what it looks at.
    """
    refuse_unfit(rules, seen.offered)
    made = [
        Split(s, kept, tuple(str(variants[at]) for at in kept), seen.tallies)
        for s, kept in enumerate(seen.pools)
        if len(kept)
    ]
    if not made or made[0].number != 0:
        return ()
    picks = {name: _picks(name, rule, made, seen.seed) for name, rule in rules.items()}
    wanted = {
        Blended(name, split.number, without): tuple(sorted(split.ids[at] for at in positions))
        for name, rule in rules.items()
        if together(rule)
        for (split, without), positions in picks[name].items()
    }
    melted = {name for name, rule in rules.items() if isinstance(rule, Weights)}
    blends = _second_pass(again(), seen.halves, variants, wanted, melted) if wanted else {}
    return tuple(
        replace(
            _choice(name, picks[name], seen, blends if together(rule) else None, greater_is_better),
            weights=name in melted,
        )
        for name, rule in rules.items()
    )


def together(rule: Chooser) -> bool:
    """Say whether the variants that a rule picks answer together."""
    return isinstance(rule, Together)


_Picks = dict[tuple[Split, str | None], Positions]


def _picks(name: str, rule: Chooser, splits: Sequence[Split], seed: int) -> _Picks:
    """Return a rule's picks: in each split, by all families, and by all but each one."""
    key = stream(seed, "choose").child(name)
    found: _Picks = {}
    for split in splits:
        at = key.child(split.number)
        picked = pick(name, rule, split, at, without=None)
        if picked is None:
            if split.number == 0:
                looked = rule.probe if isinstance(rule, Particular) else "nothing"
                raise UsageError(
                    f"The choice rule '{name}' looks at '{looked}', which has too few examples to halve. "
                    "Name another probe."
                )
            continue
        found[split, None] = picked
        for family in families(split):
            moved = pick(name, rule, split, at, without=family)
            if moved is not None:
                found[split, family] = moved
    return found


def _second_pass(
    probes: Iterable[Candidate],
    halves: Halves,
    variants: Sequence[str],
    wanted: Mapping[Blended, tuple[str, ...]],
    melted: Collection[str],
) -> dict[str, dict[Blended, Blend]]:
    """Return the ensembles' merit by probe; of the rules `melted`, the mean weights'."""
    found: dict[str, dict[Blended, Blend]] = {}
    for at, probe in enumerate(probes):
        if at and not probe.may_choose:
            continue
        asked = (None, probe.family) if at else (None,)
        own = {key: ids for key, ids in wanted.items() if key.without in asked}
        found[probe.name] = {}
        for weights in (False, True):
            some = {key: ids for key, ids in own.items() if (key.rule in melted) == weights}
            found[probe.name] |= blended(probe, halves, variants, some, weights=weights)
    return found


def _choice(
    name: str,
    picks: _Picks,
    seen: Tallied,
    blends: Mapping[str, Mapping[Blended, Blend]] | None,
    greater_is_better: bool,
) -> Choice:
    gains: list[Figure] = []
    leads: dict[int, list[Figure]] = {}
    chosen: list[Picked] = []
    for (split, family), positions in picks.items():
        key = Blended(name, split.number, family)
        own = None if blends is None else {p: b[key] for p, b in blends.items() if key in b}
        if family is None:
            chosen.append(Picked(split, positions, own))
            gained = gain(split, positions) if own is None else gain_together(split, own)
            gains += [gained] if gained is not None and gained.known else []
        else:
            moved = lead(split, positions, family) if own is None else lead_together(split, own, family)  # fmt: skip
            if moved is not None and moved.known:
                leads.setdefault(split.number, []).append(moved)
    first = chosen[0]
    clusters = behind(gains)
    return Choice(
        rule=name,
        variants=tuple(first.split.ids[at] for at in first.positions),
        # The worst of several regrets is noisy enough: with the halvings it would be too wide.
        gain=interval(gains, halvings=False),
        transfer=interval([average(moved) for moved in leads.values()]),
        splits=len(gains),
        together=blends is not None,
        winners_curse=tuple(
            curse(chosen, probe, greater_is_better=greater_is_better) for probe in seen.watched
        ),
        clusters=clusters if math.isfinite(clusters) else None,
        transfer_splits=len(leads),
    )
