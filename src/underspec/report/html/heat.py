"""The picture of the transfer: chosen by one probe, how good on another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from underspec.core.findings import Findings, ProbeFinding, Transfer
from underspec.report.html.matrix import LETTER, RISE, RUN, Cell
from underspec.report.numbers import Units, finite
from underspec.report.shown import Shown, plain, title
from underspec.report.together import brief

__all__ = ["Heat", "heat"]

_MOST, _SURE = 20, 0.05


@dataclass(frozen=True)
class Heat:
    """A table of fields: who chose is the row, where it is used the column.

    Attributes:
        rows: name and height of each row.
        columns: name and place of each column.
        cells: the fields; `strength` is the lead over the largest of its column.
        width: of the fields, pixels.
        height: of the fields, pixels.
        left: room for the rows' names.
        right: room for the last columns' names.
        top: room for the columns' names.
        wide: width of a field.
        high: height of a field.
        note: what was left out.
    """

    rows: tuple[tuple[float, str], ...] = ()
    columns: tuple[tuple[float, str], ...] = ()
    cells: tuple[Cell, ...] = ()
    width: float = 0
    height: float = 0
    left: float = 0
    right: float = 0
    top: float = 0
    wide: float = 0
    high: float = 0
    note: str = ""


def heat(findings: Findings, seen: Shown, units: Units) -> Heat:
    """Return the picture of the leads between probes that readers see; no rows where there is none."""
    pairs = {(one.chosen_on, one.used_on): one for one in findings.transfers}
    used = {one.used_on for one in findings.transfers}
    everyone = [p for p in (seen.holdout, *seen.stressed) if p is not None and p.name in used]
    few = everyone
    if len(everyone) > _MOST:
        worst = {p.name for p in seen.worst(_MOST - 1)}
        few = [p for p in everyone if p.kind == "holdout" or p.name in worst]
    choosing = {one.chosen_on for one in findings.transfers}
    rows = [p for p in few if p.name in choosing]
    if not rows or len(few) < 2:
        return Heat()
    wide, high = min(max(720 // len(few), 34), 64), 30.0
    names = [brief(p) for p in few]
    width = wide * len(few)
    return Heat(
        rows=tuple((round((at + 0.5) * high, 1), brief(p)) for at, p in enumerate(rows)),
        columns=tuple((round((at + 0.5) * wide, 1), name) for at, name in enumerate(names)),
        cells=tuple(_cells(rows, few, pairs, units, wide, high)),
        width=width,
        height=high * len(rows),
        left=round(LETTER * max(len(brief(p)) for p in rows) + 16),
        right=round(
            max((at + 0.5) * wide + RUN * LETTER * len(n) for at, n in enumerate(names)) - width + 8
        ),
        top=round(RISE * LETTER * max(len(name) for name in names) + 16),
        wide=wide,
        high=high,
        note=f"One probe a family is shown; {len(everyone) - len(few)} others are in findings.json."
        if len(few) < len(everyone)
        else "",
    )


def _cells(
    rows: Sequence[ProbeFinding],
    columns: Sequence[ProbeFinding],
    pairs: Mapping[tuple[str, str], Transfer],
    units: Units,
    wide: float,
    high: float,
) -> list[Cell]:
    cells = []
    for column, b in enumerate(columns):
        found = [pairs.get((a.name, b.name)) for a in rows]
        leads = [finite(one.lead.value) if one else None for one in found]
        most = max((abs(lead) for lead in leads if lead is not None), default=0.0) or 1.0
        for row, (a, one, lead) in enumerate(zip(rows, found, leads, strict=True)):
            known = one is not None and lead is not None
            adjusted = finite(one.p_adjusted) if one is not None else None
            said = str(units.differences(one.lead)) if known and one is not None else "not resolved"
            cells.append(
                Cell(
                    x=column * wide,
                    y=row * high,
                    look="noisy" if lead is None else "neg" if lead < 0 else "pos",
                    strength=round(abs(lead or 0.0) / most, 2),
                    sure=adjusted is not None and adjusted <= _SURE,
                    text=units.bare(lead) if lead is not None else "",
                    said=f"chosen by {plain(title(a), 60)}, used on {plain(title(b), 60)}: {said}",
                )
            )
    return cells
