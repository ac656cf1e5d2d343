"""The calibration page: every figure on it is counted, none is typed."""

import math
from collections.abc import Callable, Mapping, Sequence

from underspec.testing.calibration.cells import Cell
from underspec.testing.calibration.count import INTERVALS, OF_POOLS, Calls, Counted, Covered
from underspec.testing.calibration.summary import summary

__all__ = ["page"]

_HEAD = """# Calibration

Written by `make calibration` (`scripts/make_calibration.py`); every figure was counted by it, with
fixed seeds. All data is synthetic: studies are drawn from worlds whose truth is known
(`underspec.testing.worlds`), variants and examples anew in each, and put through the product.
[What the statistics are](statistics.md).

A percentage counted over N studies has a Monte Carlo error of `sqrt(p (1 - p) / N)`, given as ±.
*Worst counted* is the worst of all intervals of all cells that a promise is about, and by luck worse
than its truth; *within two errors* is short of the target by no more than twice its error.

## What was promised

"""

_COVERAGE = """## Coverage of the 95 % intervals

No selection; one probe a study. In the lab a true spread of 1 point at an accuracy of 92 %, in the
field 2 points at 85 %, effects of the shape given in both; AUC 90 % in the lab, 85 % in the field.
*Covered* is in % of the studies with an interval; in brackets the two ways to miss, lower end above
the truth / upper end below it. ± is the error at the lowest figure of the row. More than 95 is
over-covered: wider than need be. A row's target is its first column's: *93* for normal effects, *88*
for others at 20 variants or more, none below.

"""

_WIDTHS = """### Width

Median width of the interval over what it is of (spread, gap, ratio), in points for mean and drop.

"""

_KEPT = """## Mean and drop of kept pools

Half the holdout selects the variants within 1 point of the median; the other half and the probe are
reported. Effects are normal, so that the mean over all variants that could have been trained and would
pass around the true median is the mean over all. *Lab mean* is that of the pool on the holdout.

"""

_FALSE = """## Studies with a false call of spread

50 variants unless said, 15 probes, 3,000 images; half the holdout selects. A study counts if any probe
is called `underspecified` or `both` that is not so. *p <= .025*: share of single probes with an
unadjusted p that small, 2.5 % at most if exact. *Able*: studies with the 10 kept variants a call needs.

"""

_POWER = """## Power

20 variants, all kept; one probe whose true spread is three times that in the lab, epsilon 1.25 times
the lab's. Before the correction for many probes, which lowers it.

"""


def page(table: Sequence[tuple[Cell, Counted]], made: str) -> str:
    """Return the page.

    Args:
        table: cells with what was counted, in the order of the page.
        made: a sentence on how it was made: versions, time.
    """
    of = {kind: [row for row in table if row[0].kind == kind] for kind in _SECTIONS}
    parts = [_HEAD + summary(table), made + "\n"]
    parts += [write(of[kind]) for kind, write in _SECTIONS.items() if of[kind]]
    return "\n".join(parts)


def _coverage(rows: Sequence[tuple[Cell, Counted]]) -> str:
    names = INTERVALS
    cover = _table(
        ("effects", "k", "n", "studies", *names, "±", "target"),
        [
            (
                cell.what,
                f"{cell.k}",
                f"{cell.n:,}",
                f"{done.studies:,}",
                *(_share(done.covered[name]) for name in names),
                _error(done.covered),
                _target(cell),
            )
            for cell, done in rows
        ],
    )
    width = _table(
        ("effects", "k", "n", *names),
        [
            (cell.what, f"{cell.k}", f"{cell.n:,}", *(_width(done.covered[n], n) for n in names))
            for cell, done in rows
        ],
    )  # fmt: skip
    return _COVERAGE + cover + "\n" + _WIDTHS + width


def _kept(rows: Sequence[tuple[Cell, Counted]]) -> str:
    return _KEPT + _table(
        ("effects", "k", "n", "studies", *OF_POOLS, "±", "target"),
        [
            (
                cell.what,
                f"{cell.k}",
                f"{cell.n:,}",
                f"{done.studies:,}",
                *(_share(done.covered[name]) for name in OF_POOLS),
                _error(done.covered),
                _target(cell),
            )
            for cell, done in rows
        ],
    )


def _false(rows: Sequence[tuple[Cell, Counted]]) -> str:
    return _FALSE + _table(
        ("world", "k", "studies", "false, %", "±", "p <= .025, %", "able, %", "target"),
        [
            (
                cell.what,
                f"{cell.k}",
                f"{done.studies:,}",
                f"{100 * calls.called / done.studies:.1f}",
                f"{100 * _luck(calls.called, done.studies):.1f}",
                f"{100 * calls.low / calls.probes:.2f}" if calls.probes else "",
                f"{100 * calls.able / done.studies:.0f}",
                _target(cell, "at most"),
            )
            for cell, done, calls in _called(rows)
        ],
    )


def _power(rows: Sequence[tuple[Cell, Counted]]) -> str:
    return _POWER + _table(
        (
            "world",
            "n",
            "studies",
            "estimated reliability",
            "p <= .05, %",
            "p <= .025, %",
            "±",
            "target",
        ),
        [
            (
                cell.what,
                f"{cell.n:,}",
                f"{done.studies:,}",
                f"{calls.reliability:.2f}",
                f"{100 * calls.within / done.studies:.1f}",
                f"{100 * calls.low / done.studies:.1f}",
                f"{100 * _luck(calls.within, done.studies):.1f}",
                _target(cell),
            )
            for cell, done, calls in _called(rows)
        ],
    )


_SECTIONS: Mapping[str, Callable[[Sequence[tuple[Cell, Counted]]], str]] = {
    "coverage": _coverage,
    "kept": _kept,
    "false": _false,
    "power": _power,
}


def _called(rows: Sequence[tuple[Cell, Counted]]) -> list[tuple[Cell, Counted, Calls]]:
    return [(cell, done, done.calls) for cell, done in rows if done.calls is not None]


def _share(one: Covered) -> str:
    if not one.studies:
        return "none"
    above, below = (100 * count / one.studies for count in (one.above, one.below))
    return f"{100 * one.share:.1f} ({above:.1f}/{below:.1f})"


def _error(covered: Mapping[str, Covered]) -> str:
    worst = min((one for one in covered.values() if one.studies), key=lambda one: one.share)
    return f"{100 * _luck(worst.above + worst.below, worst.studies):.1f}"


def _luck(count: int, studies: int) -> float:
    share = count / studies
    return math.sqrt(share * (1 - share) / studies)


def _width(one: Covered, name: str) -> str:
    if math.isinf(one.width):
        return "no upper end"
    if name in ("mean", "drop"):
        return f"{100 * one.width:.1f}"
    return f"{one.width / one.true:.2f} ×"


def _target(cell: Cell, word: str = "") -> str:
    return "" if cell.target is None else f"{word} {100 * cell.target:.0f}".strip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
