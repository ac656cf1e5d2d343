"""What was promised, what was counted, and whether that reaches it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from underspec.testing.calibration.cells import Cell
from underspec.testing.calibration.count import Counted

__all__ = ["summary"]

_PROMISES = {
    "coverage, normal effects": "Coverage, normal effects, every interval and cell",
    "coverage, other effects": "Coverage, other effects, 20 variants or more (two kinds 85/15 too)",
    "coverage, kept pools": "Coverage of mean and drop of kept pools",
    "false calls, promised worlds": (
        "Studies with a false call: null, mirror, boundary with normal, exponential and t effects"
    ),
    "false calls, worlds not promised": "The same, boundary with two kinds 85/15",
    "power": "Power, 20 variants, ratio 3, reliability .9, p <= .05 before correction",
}


class _Figure(NamedTuple):
    value: float
    error: float
    where: str
    short: float


def summary(table: Sequence[tuple[Cell, Counted]]) -> str:
    """Return the table of promises with the worst figure counted for each.

    The worst of many figures is worse than their truth by luck alone; a promise missed by up to two
    Monte Carlo errors is called so.
    """
    lines = [
        "| promise | target | worst counted | ± | where | cells short | reached |",
        "|---|---:|---:|---:|---|---:|---|",
    ]
    for promise, said in _PROMISES.items():
        rows = [row for row in table if row[0].promise == promise]
        if not rows:
            continue
        target = rows[0][0].target
        found = [figure for cell, done in rows for figure in _figures(cell, done)]
        worst = max(found, key=lambda figure: figure.short)
        cells = {figure.where for figure in found if target is not None and figure.short > 0}
        sign = "<=" if "false" in promise else ">="
        lines.append(
            f"| {said} | {'' if target is None else f'{sign} {100 * target:.0f} %'} "
            f"| {100 * worst.value:.1f} % | {100 * worst.error:.1f} | {worst.where} "
            f"| {'' if target is None else f'{len(cells)} of {len(rows)}'} "
            f"| {_reached(worst, target)} |"
        )
    return "\n".join(lines) + "\n"


def _figures(cell: Cell, done: Counted) -> list[_Figure]:
    """Return the figures of a cell that its promise is about, with how far each falls short."""
    where = f"{cell.what}, k = {cell.k}, n = {cell.n:,}"
    if done.calls is None:
        aim = cell.target or 0.0
        return [
            _figure(one.share, one.studies, f"{name}: {where}", aim - one.share)
            for name, one in done.covered.items()
            if one.studies
        ]
    if cell.kind == "false":
        share = done.calls.called / done.studies
        return [_figure(share, done.studies, where, share - (cell.target or 0.0))]
    share = done.calls.within / done.studies
    return [_figure(share, done.studies, where, (cell.target or 0.0) - share)]


def _figure(value: float, studies: int, where: str, short: float) -> _Figure:
    return _Figure(value, math.sqrt(value * (1 - value) / studies), where, short)


def _reached(worst: _Figure, target: float | None) -> str:
    if target is None:
        return "no promise"
    if worst.short <= 0:
        return "yes"
    return "within two errors" if worst.short <= 2 * worst.error else "**no**"
