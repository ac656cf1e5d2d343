"""The epsilon curve: who is kept and what is called, over the same epsilons one above the other."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from underspec.core.findings import EpsilonCurve, EpsilonPoint, Findings
from underspec.report.html.scale import nice
from underspec.report.numbers import Estimate, Units, finite
from underspec.report.shown import Shown, plain
from underspec.report.words import VERDICTS

__all__ = ["CallRow", "Curve", "Mark", "Panel", "PointRow", "curve"]

WIDTH, LEFT, RIGHT, TOP, PANEL, BETWEEN, BOTTOM = 560, 46, 24, 26, 128, 40, 48
CALLED = ("underspecified", "both")
_FEW, _TICKS = 10, 6


@dataclass(frozen=True)
class Mark:
    """One epsilon in one panel."""

    x: float
    y: float
    own: bool
    said: str


@dataclass(frozen=True)
class Panel:
    """One count over epsilon: its title, its line and its ticks."""

    title: str
    top: float
    bottom: float
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def line(self) -> str:
        """The path through all marks."""
        return " ".join(f"{mark.x:g},{mark.y:g}" for mark in self.marks)


@dataclass(frozen=True)
class PointRow:
    """One epsilon as a row of the table."""

    epsilon: str
    own: bool
    kept: str
    few: bool
    mean_gap: str
    worst: str
    worst_gap: Estimate
    verdicts: str


@dataclass(frozen=True)
class CallRow:
    """One stress test that is found underspecified at some epsilon, and from where to where."""

    title: str
    between: str
    beyond: str


@dataclass(frozen=True)
class Curve:
    """The picture with its tables; no panels where there is no curve."""

    panels: tuple[Panel, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    own: float = 0
    own_said: str = ""
    few: float = 0
    rows: tuple[PointRow, ...] = ()
    calls: tuple[CallRow, ...] = ()
    never: int = 0
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = TOP + 2 * PANEL + BETWEEN
    height: int = TOP + 2 * PANEL + BETWEEN + BOTTOM


def curve(findings: Findings, seen: Shown, units: Units) -> Curve:
    """Return the picture; without panels under two epsilons."""
    found = findings.epsilon_curve
    known = [] if found is None else [p for p in found.points if (finite(p.epsilon) or 0.0) > 0]
    if found is None or len(known) < 2 or known[0].epsilon >= known[-1].epsilon:
        return Curve()
    x = _across(known)
    tests = max(sum(point.verdicts.values()) for point in known)
    kept = _panel("Variants kept", 0, [p.kept for p in known], findings.study.variants.trained)
    called = _panel("Stress tests found underspecified", 1, [_called(p) for p in known], tests)
    panels = [
        Panel(title, top, bottom, tuple(_marks(known, ys, x, found.own, units)), ticks)
        for title, top, bottom, ys, ticks in (kept, called)
    ]
    scale = 100 if units.share else 1
    few = [point.epsilon for point in known if point.kept < _FEW]
    enough = [point.epsilon for point in known if point.kept >= _FEW]
    edge = float(LEFT)
    if few:
        edge = x(math.sqrt(few[-1] * enough[0])) if enough and enough[0] > few[-1] else x(few[-1])
    return Curve(
        panels=tuple(panels),
        ticks=tuple(
            (x(at / scale), f"{at:g}")
            for at in _decades(known[0].epsilon * scale, known[-1].epsilon * scale)
        ),
        own=x(found.own) if (finite(found.own) or 0.0) > 0 else 0,
        own_said=units.difference(found.own),
        few=edge,
        rows=tuple(_row(point, found.own, seen, units) for point in known),
        calls=_calls(found, seen, units),
        never=sum(one.first is None for one in found.probes if one.probe in seen.names),
    )


def _across(points: Sequence[EpsilonPoint]) -> Callable[[float], float]:
    low, high = math.log(points[0].epsilon), math.log(points[-1].epsilon)

    def x(epsilon: float) -> float:
        share = min(max((math.log(epsilon) - low) / (high - low), 0.0), 1.0)
        return round(LEFT + 14 + share * (WIDTH - RIGHT - LEFT - 28), 1)

    return x


def _panel(
    title: str, at: int, counts: Sequence[int], most: int
) -> tuple[str, float, float, list[float], tuple[tuple[float, str], ...]]:
    top = TOP + at * (PANEL + BETWEEN)
    whole = max(most, *counts, 1)

    def y(count: float) -> float:
        return round(top + PANEL - count / whole * PANEL, 1)

    ticks = tuple((y(tick), f"{tick:g}") for tick in nice(0, whole, 4) if tick == round(tick))
    return title, top, top + PANEL, [y(count) for count in counts], ticks


def _marks(
    points: Sequence[EpsilonPoint],
    ys: Sequence[float],
    x: Callable[[float], float],
    own: float,
    units: Units,
) -> list[Mark]:
    return [
        Mark(
            x=x(point.epsilon),
            y=y,
            own=point.epsilon == own,
            said=f"epsilon {_digits(point.epsilon, units)}{units.points}: {point.kept} kept, "
            f"{_called(point)} stress tests found underspecified",
        )
        for point, y in zip(points, ys, strict=True)
    ]


def _decades(low: float, high: float) -> list[float]:
    """Return 1, 2, 5 times powers of ten from `low` to `high`; of many the powers alone."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    found = [value for value in found if low * 0.999 <= value <= high * 1.001]
    # Letters grow on a phone, where more would run into each other.
    whole = [value for value in found if math.log10(value) == round(math.log10(value))]
    return whole if len(found) > _TICKS and len(whole) > 1 else found


def _row(point: EpsilonPoint, own: float, seen: Shown, units: Units) -> PointRow:
    worst = seen.titles.get(point.worst or "", "")
    return PointRow(
        epsilon=_digits(point.epsilon, units),
        own=point.epsilon == own,
        kept=str(point.kept),
        few=point.kept < _FEW,
        mean_gap="–" if point.mean_gap is None else units.bare(point.mean_gap),
        worst=worst,
        worst_gap=units.differences(point.worst_gap) if worst else Estimate("–", ""),
        verdicts=_words(point.verdicts),
    )


def _digits(epsilon: float, units: Units) -> str:
    """Return an epsilon to the digits that tell neighbours apart."""
    return f"{(100 if units.share else 1) * epsilon:.3g}"


def _words(verdicts: Mapping[str, int]) -> str:
    order = [str(word) for word in VERDICTS]
    known = sorted(verdicts.items(), key=lambda one: _place(order, one[0]))
    return ", ".join(f"{count} {plain(word, 30)}" for word, count in known if count) or "–"


def _place(order: Sequence[str], word: str) -> int:
    """Return where a word stands; words that this version does not know come last."""
    return order.index(word) if word in order else len(order)


def _called(point: EpsilonPoint) -> int:
    return sum(point.verdicts.get(word, 0) for word in CALLED)


def _calls(found: EpsilonCurve, seen: Shown, units: Units) -> tuple[CallRow, ...]:
    last = found.points[-1].epsilon
    rows = []
    for one in found.probes:
        if one.first is None or one.last is None or one.probe not in seen.names:
            continue
        first, end = _digits(one.first, units), _digits(one.last, units)
        beyond = f"still at {_digits(last, units)}, the largest tried"
        if one.critical is not None:
            beyond = f"no longer at {_digits(one.critical, units)}"
        sort = math.inf if one.critical is None else one.critical
        row = CallRow(
            seen.titles.get(one.probe, plain(one.probe)),
            f"between {first} and {end}" if first != end else f"at {first}",
            beyond,
        )
        rows.append((-sort, row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))
