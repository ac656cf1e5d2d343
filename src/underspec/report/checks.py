"""Findings held against thresholds, one row each: as a table on a terminal and as Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from underspec.report.markdown import lines, safe
from underspec.report.numbers import Units, estimate, number
from underspec.report.shown import SMALLEST_GROUP, plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "Check",
    "Checks",
    "Outcome",
    "Quantity",
    "amount",
    "left_out",
    "limit",
    "markdown",
    "terminal",
]

Outcome: TypeAlias = Literal["fails", "undecided", "holds"]
Quantity: TypeAlias = Literal["gap", "drop", "ratio", "mean"]

_ROWS, _FOLDED = 30, 150
_MARKS = {"fails": ("✗", "red"), "undecided": ("?", "yellow"), "holds": ("✓", "green")}


@dataclass(frozen=True)
class Check:
    """One probe held against one threshold.

    Attributes:
        probe: its name.
        title: how readers see it called.
        name: of the threshold, as it was given.
        quantity: what is held.
        bound: the threshold, in the quantity's units.
        value: the estimate.
        low: lower end of its 95 % interval.
        high: upper end.
        outcome: what can be said.
        because: why, in a sentence.
        p_adjusted: of the claim that the threshold is passed, None where no end is beyond it.
    """

    probe: str
    title: str
    name: str
    quantity: Quantity
    bound: float
    value: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    because: str
    p_adjusted: float | None = None


@dataclass(frozen=True)
class Checks:
    """All rows, and what they come to.

    Attributes:
        title: what was held, such as ``gate``.
        study: name of the study.
        metric: in whose units gap, drop and mean are.
        rows: probe by probe.
        allow_undecided: whether what is not shown either way is let through.
        basis: how the rows were judged, in a sentence.
    """

    title: str
    study: str
    metric: str
    rows: tuple[Check, ...]
    allow_undecided: bool
    basis: str

    def count(self, outcome: Outcome) -> int:
        """Return how many rows came out so."""
        return sum(row.outcome == outcome for row in self.rows)

    def stops(self, row: Check) -> bool:
        """Say whether a row is against going on."""
        return row.outcome == "fails" or (row.outcome == "undecided" and not self.allow_undecided)

    @property
    def holds(self) -> bool:
        """Whether no row is against going on."""
        return not any(self.stops(row) for row in self.rows)

    @property
    def headline(self) -> str:
        """What they come to, in a sentence."""
        held, failed, open_ = self.count("holds"), self.count("fails"), self.count("undecided")
        allowed = " and allowed" if self.allow_undecided and open_ else ""
        word = "holds" if self.holds else "does not hold"
        checks = "check" if len(self.rows) == 1 else "checks"
        return (
            f"The {self.title} {word}: of {len(self.rows)} {checks}, {held} shown to hold, {failed} shown "
            f"to fail, {open_} undecided{allowed}."
        )


def amount(check: Check, units: Units) -> str:
    """Return what was found, with its interval, and the unit."""
    if check.quantity == "ratio":
        return str(estimate(check, lambda value: number(value, 2) + "×"))
    found = estimate(check, lambda value: _bare(value, units))
    unit = _unit(check, units)
    return f"{found}{unit}" if check.value is not None else str(found)


def limit(check: Check, units: Units) -> str:
    """Return the threshold, with its unit."""
    least = "at least" if check.name.startswith("min") else "at most"
    if check.quantity == "ratio":
        return f"{least} {check.bound:g}×"
    return f"{least} {check.bound * (100 if units.share else 1):.6g}{_unit(check, units)}"


def left_out(suppressed: int) -> str:
    """Return the sentence on groups too small to be shown, with a space before it, or nothing."""
    if not suppressed:
        return ""
    groups = "group" if suppressed == 1 else "groups"
    return f" Not held or shown: {suppressed} {groups} with fewer than {SMALLEST_GROUP} examples."


def _unit(check: Check, units: Units) -> str:
    return units.points if check.quantity != "mean" else " %" if units.share else ""


def _held(check: Check, units: Units) -> str:
    """Return what is held, and of which metric."""
    return f"{check.quantity} of {units.name}"


def _bare(value: float | None, units: Units) -> str:
    return number(value, 2, 100) if units.share else number(value, 4)


def _gravest(checks: Checks) -> Iterator[Check]:
    for outcome in _MARKS:
        yield from (row for row in checks.rows if row.outcome == outcome)


def terminal(checks: Checks, console: "Console") -> None:
    """Print the headline and the gravest rows."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as Line

    units, rows = Units(checks.metric), list(_gravest(checks))
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("Stress test", "Held", "Allowed", "Found", "Outcome"):
        drawn.add_column(name, no_wrap=name == "Allowed")
    for row in rows[:_ROWS]:
        drawn.add_row(
            Line(plain(row.title, 60)),
            Line(_held(row, units)),
            Line(limit(row, units)),
            Line(amount(row, units)),
            Line(row.outcome, style=_MARKS[row.outcome][1]),
        )
    left = len(rows) - _ROWS
    style = "bold green" if checks.holds else "bold red"
    parts = [
        drawn,
        *([Line(f"and {left} more, none graver than these", style="dim")] if left > 0 else []),
        Line(checks.basis, style="dim"),
        Line(checks.headline, style=style),
    ]
    for part in parts:
        console.print(part, markup=False, emoji=False, highlight=False)


def markdown(checks: Checks) -> str:
    """Return the same as GitHub's Markdown, for a pull request."""
    units, rows = Units(checks.metric), list(_gravest(checks))
    most = min(_ROWS, len(rows) - checks.count("holds"))
    grave, rest = rows[:most], rows[most:]
    mark = "✓" if checks.holds else "✗"
    parts = [f"## {mark} {safe(checks.study)}: {safe(checks.headline, 500)}"]
    if grave:
        parts.append(_rows(grave, units, reasons=True))
    if rest:
        folded = _rows(rest[:_FOLDED], units, reasons=False)
        checks_ = "check" if len(rest) == 1 else "checks"
        summary = f"{len(rest)} {f'more {checks_}' if grave else f'{checks_}, shown to hold'}"
        parts.append(f"<details><summary>{summary}</summary>\n\n{folded}\n\n</details>")
    if len(rest) > _FOLDED:
        parts.append(f"{len(rest) - _FOLDED} more checks are not listed.")
    return "\n\n".join([*parts, safe(checks.basis, 1000)]) + "\n"


def _rows(rows: list[Check], units: Units, *, reasons: bool) -> str:
    cells = [
        (
            safe(row.title, 100),
            safe(_held(row, units), 100),
            limit(row, units),
            amount(row, units),
            f"{_MARKS[row.outcome][0]} {row.outcome}",
            *([safe(row.because, 300)] if reasons else []),
        )
        for row in rows
    ]
    names = (
        "Stress test",
        "Held",
        "Allowed",
        "Found",
        "Outcome",
        *(["Because"] if reasons else []),
    )
    return lines(names, cells, left=len(names))
