"""The report as plain text, and the same in colour on a terminal."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from underspec.core.errors import UsageError
from underspec.core.findings import ProbeFinding
from underspec.report._protocol import Dossier
from underspec.report.answer import answer, ships
from underspec.report.attribution import attribution_said
from underspec.report.errors import error_rows
from underspec.report.numbers import Units, number
from underspec.report.pairs import FLIPS, against, flip_rows, flips_said, level
from underspec.report.rules import told
from underspec.report.shown import SMALLEST_GROUP, Further, Shown, plain, shown, title
from underspec.report.words import VERDICTS, WHOSE_GAIN, open_axis, ranges

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

__all__ = ["Text", "terminal"]


@dataclass(frozen=True)
class Text:
    """The report as plain text.

    Attributes:
        width: characters a line.
    """

    width: int = 100

    def __post_init__(self) -> None:
        if not 60 <= self.width <= 1000:
            raise UsageError(
                f"The report 'text' got width={self.width}. Give 60 to 1000 characters a line."
            )

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        return "txt"

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the report as plain text."""
        from rich.console import Console

        paper = io.StringIO()
        console = Console(
            file=paper,
            width=self.width,
            color_system=None,
            force_terminal=False,
            force_jupyter=False,
            legacy_windows=False,
            _environ={},
        )
        terminal(dossier, console)
        lines = [line.rstrip() for line in paper.getvalue().splitlines()]
        return "\n".join(lines).strip("\n") + "\n"


def terminal(dossier: Dossier, console: "Console") -> None:
    """Print the report on a console, in colour where it can show some."""
    for part in _parts(dossier, wide=console.width >= 96):
        console.print(part, markup=False, emoji=False, highlight=False)


def _parts(dossier: Dossier, *, wide: bool) -> Iterator["RenderableType"]:
    from rich.text import Text as Line

    dossier = told(dossier)
    findings = dossier.findings
    seen, units, said = shown(findings), Units(findings.study.metric), answer(dossier)
    yield Line(plain(findings.study.name), style="bold")
    if dossier.synthetic:
        yield Line(f"Synthetic data: {plain(dossier.synthetic)}.", style="bold yellow")
    yield Line()
    yield Line(said.headline, style=f"bold {VERDICTS[said.verdict].colour}")
    for topic, text in said.sentences:
        yield Line.assemble((f"{topic}. ", "bold"), text)
    yield Line()
    if seen.holdout or seen.stressed:
        yield _verdicts(seen, units, wide)
        yield from _below(dossier, seen, units)
    for further in seen.further:
        yield from _further(further, wide)
    yield from _flips(dossier, seen)
    if sources := attribution_said(dossier, seen):
        yield Line(f"Sources: {sources}", style="dim")
    for row in error_rows(findings):
        yield Line(
            f"Corruption error, {row.suite}: {row.mean} {row.unit}; relative {row.relative}; "
            f"gap {row.gap}." + (f" {row.note}" if row.note else "")
        )
    if findings.choices:
        yield Line()
        yield _choices(dossier, units)
        yield Line(WHOSE_GAIN, style="dim")
    yield Line()
    yield from _pool(dossier, units)
    yield Line(ranges(findings), style="dim")
    for note in findings.notes:
        yield Line(f"Note: {plain(note, 1000)}")


def _table(*names: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        left = name in _LEFT
        table.add_column(name, justify="left" if left else "right", no_wrap=not left)
    return table


# Columns of words; these may wrap.
_LEFT = frozenset({"Stress test", "Verdict", "Rule", "Would ship"})


def _verdicts(seen: Shown, units: Units, wide: bool) -> "Table":
    table = _table("Stress test", "Verdict", units.heading, "Drop", "Gap", "Spread")
    first = [seen.holdout] if seen.holdout else []
    for family in (first, *(list(family.probes) for family in seen.families)):
        for probe in family:
            _row(table, probe, wide)
        if family:
            table.add_section()
    return table


def _row(table: "Table", probe: ProbeFinding, wide: bool) -> None:
    from rich.text import Text as Line

    still = open_axis(probe).removesuffix(" undecided")
    word = VERDICTS[probe.verdict]
    verdict = Line(word.text + (f"; {still}?" if still else ""), style=word.colour)
    table.add_row(Line(plain(title(probe), 60)), verdict, *_figures(probe, wide))


def _figures(probe: ProbeFinding, wide: bool) -> Iterator["RenderableType"]:
    from rich.text import Text as Line

    units, yard = Units(probe.metric), probe.kind == "holdout"
    gap = units.differences(probe.gap)
    pairs = probe.kind == "contrastive"
    yield Line(level(probe).main if pairs else units.level(probe.mean.value))
    yield Line("" if yard else units.differences(probe.drop).main)
    yield Line(str(gap) if wide else gap.main)
    yield Line(against(probe).main)


def _further(further: Further, wide: bool) -> Iterator["RenderableType"]:
    """Yield what is told under a metric that does not judge, under its name."""
    from rich.text import Text as Line

    units = Units(further.metric)
    yield Line()
    yield Line(f"Also reported: {plain(units.name, 80)}", style="bold")
    table = _table("Stress test", plain(units.heading, 40), "Drop", "Gap", "Spread")
    for probe in further.probes:
        table.add_row(Line(plain(title(probe), 60)), *_figures(probe, wide))
    yield table
    yield Line(f"Drop and gap in {plain(units.unit, 80)}; not judged.", style="dim")


def _flips(dossier: Dossier, seen: Shown) -> Iterator["RenderableType"]:
    """Yield which pairs of contrastive probes variants flip; nothing where there are none."""
    from rich.text import Text as Line

    rows = flip_rows(dossier.findings, seen)
    if not rows:
        return
    yield Line()
    yield Line.assemble(("Flips. ", "bold"), flips_said(dossier.findings, seen))
    table = _table("Stress test", "Up", "Down", "Overlap", "By chance")
    for row in rows:
        cells = (str(row.up), str(row.down), str(row.overlap), row.by_chance)
        table.add_row(Line(plain(row.probe, 60)), *(Line(cell) for cell in cells))
    yield table
    yield Line(FLIPS, style="dim")


def _below(dossier: Dossier, seen: Shown, units: Units) -> Iterator["RenderableType"]:
    from rich.text import Text as Line

    study = dossier.findings.study
    yield Line(
        f"Drop and gap in {units.unit}; near-equal is within {units.difference(study.epsilon)}. Spread: "
        "true spread against that on the holdout. A question mark: undecided.",
        style="dim",
    )
    if seen.suppressed:
        yield Line(
            f"Not shown: {seen.suppressed} groups with fewer than {SMALLEST_GROUP} examples.",
            style="dim",
        )


def _choices(dossier: Dossier, units: Units) -> "Table":
    from rich.text import Text as Line

    table = _table("Rule", "Would ship", "Gain over a random pick", "Transfer")
    for choice in dossier.findings.choices:
        best = choice.rule == dossier.findings.recommended
        table.add_row(
            Line(plain(choice.rule, 40) + (" (recommended)" if best else "")),
            Line(ships(choice, dossier.findings)),
            Line(str(units.differences(choice.gain))),
            Line(str(units.differences(choice.transfer))),
            style="bold" if best else None,
        )
    return table


def _pool(dossier: Dossier, units: Units) -> Iterator["RenderableType"]:
    from rich.text import Text as Line

    study, pool = dossier.findings.study, dossier.findings.pool
    counted = study.variants
    yield Line(
        f"Pool: {counted.kept} kept of {counted.trained} trained; {counted.failed} failed of "
        f"{counted.asked} asked for. Smallest margin that could be certified: "
        f"{units.difference(study.smallest_margin)}."
    )
    if pool.note:
        yield Line(plain(pool.note, 1000))
    failed = [row for row in dossier.variants if row.status == "failed"]
    for row in failed[:10]:
        yield Line(f"Failed: {plain(row.id, 40)}: {plain(row.error or 'no reason', 200)}")
    if len(failed) > 10:
        yield Line(f"and {number(len(failed) - 10, 0)} more failed")
