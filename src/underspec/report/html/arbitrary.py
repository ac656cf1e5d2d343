"""How arbitrary single decisions are: figures by probe and group, and what abstaining would buy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from underspec.core.findings import (
    Abstention,
    Arbitrariness,
    Findings,
    GroupArbitrariness,
    Interval,
    ScoreRange,
)
from underspec.report.html.scale import nice
from underspec.report.numbers import Estimate, estimate, finite, number
from underspec.report.shown import SMALLEST_GROUP, Shown, plain

__all__ = ["Arbitrary", "Decisions", "arbitrary"]

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 560, 270, 46, 28, 20, 40
# More rows would make the page too big to open at once.
_MOST_GROUPS = 60
_UNKNOWN = Interval(None, None, None)


@dataclass(frozen=True)
class Decisions:
    """One probe; shares in per cent."""

    probe: str
    title: str
    k: int
    disagreement: Estimate
    self_consistency: Estimate
    ambiguity: Estimate
    fewer: str
    discrepancy: Estimate
    errors: Estimate | None
    viable: Estimate | None
    viable_high: str
    capacity: Estimate | None
    capacity_high: str
    answered: Estimate | None
    right: Estimate | None
    at: str
    notes: tuple[str, ...]

    @property
    def more(self) -> bool:
        """Whether there is more than the first four figures."""
        return self.answered is not None


@dataclass(frozen=True)
class GroupRow:
    """One group of a probe's examples; shares in per cent."""

    probe: str
    name: str
    n: int
    k: int
    disagreement: Estimate
    ambiguity: Estimate
    discrepancy: Estimate


@dataclass(frozen=True)
class Point:
    """One share of variants that must agree: where it stands, its interval, and in words."""

    x: float
    y: float
    low: float
    high: float
    said: str


@dataclass(frozen=True)
class Curve:
    """What answering only where variants agree gives on one probe."""

    title: str
    tone: str
    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Curves:
    """The picture: accuracy over share answered."""

    curves: tuple[Curve, ...]
    xs: tuple[tuple[float, str], ...]
    ys: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Arbitrary:
    """Everything that the section shows."""

    rows: tuple[Decisions, ...]
    groups: tuple[GroupRow, ...]
    suppressed: int
    curves: Curves | None
    alpha: str
    smallest: int = SMALLEST_GROUP


def arbitrary(findings: Findings, seen: Shown) -> Arbitrary:
    """Return the section: all probes, and the holdout and the worst probe in detail."""
    known = {one.probe: one for one in findings.arbitrariness if one.probe in seen.names}
    told = _told(known, seen)
    rules = [one.selective for one in known.values() if one.selective is not None]
    return Arbitrary(
        rows=tuple(_row(one, seen) for one in known.values()),
        groups=tuple(_group(one, part, seen) for one in told for part in one.groups)[:_MOST_GROUPS],
        suppressed=sum(one.suppressed for one in told),
        curves=_curves(told, seen),
        alpha=f"{100 * rules[0].alpha:g}" if rules else "",
    )


def _told(known: dict[str, Arbitrariness], seen: Shown) -> list[Arbitrariness]:
    """Return the holdout and the stress test with the most disagreement, as far as there are."""
    stressed = [known[p.name] for p in seen.stressed if p.name in known]
    resolved = [one for one in stressed if finite(one.disagreement) is not None]
    worst = sorted(resolved, key=lambda one: -(one.disagreement or 0.0))[:1]
    home = known.get(seen.holdout.name) if seen.holdout is not None else None
    return [one for one in (home, *worst) if one is not None]


def _row(one: Arbitrariness, seen: Shown) -> Decisions:
    ends, rule = one.ends, one.selective
    return Decisions(
        probe=one.probe,
        title=_title(one, seen),
        k=one.k,
        disagreement=_share(ends.disagreement if ends else _bare(one.disagreement)),
        self_consistency=_share(ends.self_consistency if ends else _bare(one.self_consistency)),
        ambiguity=_share(ends.ambiguity if ends else _bare(one.ambiguity)),
        fewer=", ".join(f"{number(at.share.value, 1, 100)} at {at.k}" for at in one.ambiguity_at),
        discrepancy=_share(ends.discrepancy if ends else _bare(one.discrepancy)),
        errors=None if one.error_consistency is None else _plain(2)(one.error_consistency),
        viable=None if one.viable_range is None else _plain(2)(one.viable_range.mean),
        viable_high=_high(one.viable_range),
        capacity=None if one.capacity is None else _plain(2)(one.capacity.mean),
        capacity_high=_high(one.capacity),
        answered=None if rule is None else _share(rule.coverage),
        right=None if rule is None or rule.accuracy is None else _share(rule.accuracy),
        at=""
        if rule is None
        else f"{rule.votes} of {one.k}"
        if rule.votes is not None
        else "too few",
        notes=one.notes,
    )


def _group(one: Arbitrariness, part: GroupArbitrariness, seen: Shown) -> GroupRow:
    return GroupRow(
        probe=_title(one, seen),
        name=plain(f"{part.column} {part.group}", 80),
        n=part.n,
        k=one.k,
        disagreement=_share(part.disagreement),
        ambiguity=_share(part.ambiguity),
        discrepancy=_share(part.discrepancy),
    )


def _curves(told: Sequence[Arbitrariness], seen: Shown) -> Curves | None:
    drawn = [(one, _known(one.abstention)) for one in told]
    drawn = [(one, points) for one, points in drawn if len(points) > 1]
    if not drawn:
        return None
    ends = [finite(y) for _, points in drawn for p in points for y in _ends(p)]
    values = [finite(p.coverage.value) or 0.0 for _, points in drawn for p in points]
    xs = _axis(min(values), LEFT, WIDTH - RIGHT)
    ys = _axis(min(y for y in ends if y is not None), HEIGHT - BOTTOM, TOP)
    tones = ("yard", "worst")
    curves = []
    for at, (one, points) in enumerate(drawn):
        stops = tuple(_point(p, xs, ys) for p in points)
        path = " ".join(f"{stop.x:g},{stop.y:g}" for stop in stops)
        home = seen.holdout is not None and one.probe == seen.holdout.name
        curves.append(
            Curve(_title(one, seen), tones[0] if home else tones[min(at + 1, 1)], path, stops)
        )
    return Curves(tuple(curves), _ticks(xs), _ticks(ys))


def _known(points: Sequence[Abstention]) -> list[Abstention]:
    return [
        p
        for p in points
        if p.accuracy is not None
        and finite(p.accuracy.value) is not None
        and finite(p.coverage.value) is not None
    ]


def _ends(point: Abstention) -> tuple[float | None, ...]:
    accuracy = point.accuracy or _UNKNOWN
    return accuracy.value, accuracy.low


@dataclass(frozen=True)
class _Axis:
    low: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = min(max((value - self.low) / (1 - self.low), 0.0), 1.0)
        return round(self.start + part * (self.end - self.start), 1)


def _axis(least: float, start: float, end: float) -> _Axis:
    # From the round number under the least to all.
    low = min(max(0.0, least - 0.05 * (1 - least)), 0.98)
    return _Axis(low, start, end)


def _ticks(axis: _Axis) -> tuple[tuple[float, str], ...]:
    return tuple((axis(tick / 100), f"{tick:g}") for tick in nice(100 * axis.low, 100.0, 5))


def _point(point: Abstention, xs: _Axis, ys: _Axis) -> Point:
    accuracy = point.accuracy or _UNKNOWN
    value = finite(accuracy.value) or 0.0
    low, high = finite(accuracy.low), finite(accuracy.high)
    must = f"{100 * point.agree:g} % must agree" if point.agree else "always answering"
    return Point(
        x=xs(finite(point.coverage.value) or 0.0),
        y=ys(value),
        low=ys(value if low is None else low),
        high=ys(value if high is None else high),
        said=f"{must}: answered {_share(point.coverage)} %, right there {_share(accuracy)} %, "
        f"disagreement left {_share(point.disagreement)} %",
    )


def _title(one: Arbitrariness, seen: Shown) -> str:
    return seen.titles.get(one.probe, plain(one.probe))


def _bare(value: float | None) -> Interval:
    return Interval(value, None, None)


def _share(of: Interval) -> Estimate:
    return estimate(of, lambda value: number(value, 1, 100))


def _plain(decimals: int) -> Callable[[Interval], Estimate]:
    return lambda of: estimate(of, lambda value: number(value, decimals))


def _high(of: ScoreRange | None) -> str:
    return "" if of is None else number(of.high.value, 2)
