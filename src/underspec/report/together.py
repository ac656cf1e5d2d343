"""Probes held side by side, as readers see them: groups, what the holdout foretells, the line."""

from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings import (
    AccuracyLine,
    Findings,
    GroupRelation,
    HoldoutRank,
    Interval,
    ProbeFinding,
    ProbeGroups,
    RankAgreement,
)
from underspec.report.numbers import Estimate, Units, chance, estimate, finite, number
from underspec.report.shown import Shown, listed, plain

__all__ = ["GroupRow", "LineRow", "RankRow", "Together", "brief", "together"]

# More rows would make the page too big to open at once.
_MOST, _NAMED = 200, 4
_SURE = 0.05
_EMPTY = Estimate("", "")


@dataclass(frozen=True)
class GroupRow:
    """One group of probes.

    Attributes:
        tests: its probes, those of one family together.
        count: how many.
        inside: mean correlation within, with the smallest.
        again: how much of it comes out again in resamples.
        sure: whether it is told from luck, empty for a single probe.
        apart: what it has least to do with, and how little.
    """

    tests: str
    count: int
    inside: str
    again: str
    sure: str
    apart: str


@dataclass(frozen=True)
class RankRow:
    """What the holdout foretells of one probe.

    Attributes:
        probe: its title.
        chance: that the better on the holdout is the better here, per cent, all trained variants.
        rank: rank correlation over them.
        p: adjusted p-value.
        kept: the chance among kept variants.
    """

    probe: str
    chance: Estimate
    rank: Estimate
    p: str
    kept: Estimate


@dataclass(frozen=True)
class LineRow:
    """A probe's accuracy as a line of the holdout's."""

    probe: str
    slope: Estimate
    share: Estimate
    residual: Estimate
    off: str
    note: str


@dataclass(frozen=True)
class Together:
    """Everything of the section; empty where a study has none of it.

    Attributes:
        groups: one row a group.
        said: the groups in a sentence.
        left_out: probes that were not grouped.
        strata: how many are groups of the examples of others, which are not grouped.
        ranks: one row a probe for which it can be told.
        untold: for how many it cannot.
        lines: one row a probe through which a line can be laid.
    """

    groups: tuple[GroupRow, ...]
    said: str
    left_out: str
    strata: int
    ranks: tuple[RankRow, ...]
    untold: int
    lines: tuple[LineRow, ...]


def together(findings: Findings, seen: Shown) -> Together:
    """Return what readers see of the findings that hold probes side by side."""
    found = findings.probe_groups
    known = {p.name: p for p in (seen.holdout, *seen.stressed) if p is not None}
    # A group of another probe's examples is alike to it by itself: nothing is told by that.
    whole = {name: probe for name, probe in known.items() if probe.kind != "stratified"}
    left_out = () if found is None else [one for one in found.left_out if one in whole]
    stressed = {probe.name for probe in seen.stressed}
    ranks = [one for one in findings.holdout_ranks if one.probe in stressed]
    told = [one for one in ranks if finite(one.trained.chance.value) is not None]
    return Together(
        groups=_groups(found, whole) if found and len(whole) > 1 else (),
        said=_said(found, whole) if found and len(whole) > 1 else "",
        left_out=_tests(left_out, whole),
        strata=len(known) - len(whole),
        ranks=tuple(_rank(one, seen.titles[one.probe]) for one in told[:_MOST]),
        untold=len(ranks) - len(told),
        lines=tuple(
            _line(one, seen.titles[one.probe], findings)
            for one in findings.accuracy_lines[:_MOST]
            if one.probe in stressed and finite(one.slope.value) is not None
        ),
    )


def brief(probe: ProbeFinding) -> str:
    """Return a short name of a probe for pictures and lists."""
    if probe.severity is None:
        return plain(probe.title or probe.name, 26)
    return plain(f"{probe.family.replace('_', ' ')} {probe.severity:g}", 26)


def _tests(names: tuple[str, ...] | list[str], known: Mapping[str, ProbeFinding]) -> str:
    """Return probes as text, severities of one family after its name: ``fog 1, 3, 5``."""
    families: dict[str, list[str]] = {}
    for name in names:
        probe = known.get(name)
        if probe is None:
            continue
        if probe.severity is None:
            families[brief(probe)] = []
        else:
            family = plain(probe.family.replace("_", " "), 40)
            families.setdefault(family, []).append(f"{probe.severity:g}")
    return "; ".join(
        f"{family} {', '.join(sorted(degrees, key=float))}" if degrees else family
        for family, degrees in families.items()
    )


def _groups(found: ProbeGroups, known: Mapping[str, ProbeFinding]) -> tuple[GroupRow, ...]:
    rows = []
    for at, group in enumerate(found.groups[:_MOST]):
        tests, count = _tests(group.probes, known), _count(group.probes, known)
        if not tests:
            continue
        inside = ""
        if count > 1:
            inside = f"{number(group.correlation, 2)}, least {number(group.least, 2)}"
        rows.append(
            GroupRow(
                tests=tests,
                count=count,
                inside=inside,
                again=f"{number(group.stability, 0, 100)} %",
                sure="" if not inside else "yes" if group.sure else "no",
                apart=_apart(at, found, known),
            )
        )
    return tuple(rows)


def _count(names: tuple[str, ...], known: Mapping[str, ProbeFinding]) -> int:
    return sum(name in known for name in names)


def _apart(at: int, found: ProbeGroups, known: Mapping[str, ProbeFinding]) -> str:
    """Return the group with which the one at `at` has the least in common, by the farther end."""
    pairs = [
        one
        for one in found.between
        if at in (one.a, one.b)
        and _far(one.pearson) is not None
        and _count(found.groups[one.a + one.b - at].probes, known)
    ]
    if not pairs:
        return "not resolved" if len(found.groups) > 1 else ""
    least = min(pairs, key=lambda one: _far(one.pearson) or 0.0)
    other = found.groups[least.a + least.b - at]
    return f"{_tests(other.probes, known)}: {_correlation(least)}"


def _far(ends: Interval) -> float | None:
    low, high = finite(ends.low), finite(ends.high)
    return None if low is None or high is None else max(abs(low), abs(high))


def _correlation(one: GroupRelation) -> str:
    return str(estimate(one.pearson, lambda value: number(value, 2)))


def _said(found: ProbeGroups, known: Mapping[str, ProbeFinding]) -> str:
    sure = [g for g in found.groups if g.sure and _count(g.probes, known) > 1]
    if not found.groups:
        return "No test is told from noise well enough to say which go together."
    if not sure:
        return (
            "No group of tests is surely alike: a choice by one test cannot be counted on for the others. "
            "Single pairs are in the picture above."
        )
    names = listed([_tests(g.probes, known).replace("; ", " with ") for g in sure[:_NAMED]])
    more = f" and {len(sure) - _NAMED} groups more" if len(sure) > _NAMED else ""
    return f"Surely alike, so that a variant good on one is good on the others: {names}{more}."


def _rank(one: HoldoutRank, title: str) -> RankRow:
    return RankRow(
        probe=title,
        chance=estimate(one.trained.chance, _per_cent),
        rank=estimate(one.trained.spearman, lambda value: number(value, 2)),
        p=chance(one.trained.p_adjusted),
        kept=_kept(one.kept),
    )


def _kept(among: RankAgreement | None) -> Estimate:
    return _EMPTY if among is None else estimate(among.chance, _per_cent)


def _line(one: AccuracyLine, title: str, findings: Findings) -> LineRow:
    units = Units(findings.study.metric)
    names = [f"{plain(v.variant, 24)} ({_signed(v.points, units)})" for v in one.off[:_NAMED]]
    more = f" and {len(one.off) - _NAMED} more" if len(one.off) > _NAMED else ""
    return LineRow(
        probe=title,
        slope=estimate(one.slope, lambda value: number(value, 2)),
        share=estimate(one.determination, _per_cent),
        residual=estimate(one.residual, lambda value: number(value, 3)),
        off=", ".join(names) + more if names else "none",
        note=plain(one.note or "", 200),
    )


def _signed(value: float, units: Units) -> str:
    return ("+" if value > 0 else "") + units.bare(value)


def _per_cent(value: float | None) -> str:
    return number(value, 0, 100)
