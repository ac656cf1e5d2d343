"""Draws the studies of a cell and counts."""

import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from underspec.core.findings import ProbeFinding
from underspec.core.streams import stream
from underspec.testing.calibration.cells import Cell
from underspec.testing.worlds import Audited, Truth, audit

__all__ = ["INTERVALS", "OF_POOLS", "Calls", "Counted", "Covered", "count"]

INTERVALS = ("spread", "gap", "ratio", "mean", "drop")
"""What is held against the truth in a study of one probe."""

OF_POOLS = ("lab mean", "mean", "drop")
"""The same where a pool was selected."""

_SEED = 20


@dataclass(frozen=True)
class Covered:
    """One interval over the studies of a cell.

    Attributes:
        studies: in which there was an interval.
        above: of these, how many had their lower end above the truth.
        below: how many had their upper end below it.
        width: median width; infinite where half have no upper end.
        true: what it should hold, in the last study.
    """

    studies: int
    above: int
    below: int
    width: float
    true: float

    @property
    def share(self) -> float:
        """Share of the studies whose interval held the truth."""
        return 1 - (self.above + self.below) / self.studies if self.studies else math.nan


@dataclass(frozen=True)
class Calls:
    """Verdicts over the studies of a cell.

    Attributes:
        called: studies with any probe called.
        able: studies in which enough variants were kept to call anything.
        probes: probes with a p-value.
        low: of these, with p at most 2.5 %.
        within: of these, with p at most 5 %.
        reliability: mean reliability of the holdout's spread.
    """

    called: int
    able: int
    probes: int
    low: int
    within: int
    reliability: float


@dataclass(frozen=True)
class Counted:
    """What came of a cell.

    Attributes:
        name: of the cell.
        studies: drawn.
        seconds: of processor time.
        covered: by statistic; empty where only verdicts were counted.
        calls: None where only intervals were held against the truth.
    """

    name: str
    studies: int
    seconds: float
    covered: dict[str, Covered] = field(default_factory=dict)
    calls: Calls | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` takes; an infinite width is written as None."""
        flat = asdict(self)
        for one in flat["covered"].values():
            one["width"] = one["width"] if math.isfinite(one["width"]) else None
        return flat

    @classmethod
    def from_json(cls, flat: dict[str, Any]) -> "Counted":
        """Return what `to_json` wrote."""
        covered = {
            name: Covered(**{**one, "width": math.inf if one["width"] is None else one["width"]})
            for name, one in flat["covered"].items()
        }
        calls = None if flat["calls"] is None else Calls(**flat["calls"])
        return cls(flat["name"], flat["studies"], flat["seconds"], covered, calls)


def count(cell: Cell, studies: int | None = None) -> Counted:
    """Draw a cell's studies and count; the same everywhere, however cells are dealt out.

    Args:
        cell: which.
        studies: how many, the cell's own number where not given. Fewer are the first of more.
    """
    began, number = time.process_time(), studies or cell.studies
    root = stream(_SEED, "calibration", cell.name)
    drawn = (audit(cell.world, root.child(i), selection=cell.selection) for i in range(number))
    if cell.kind in ("coverage", "kept"):
        covered = _covered(drawn, INTERVALS if cell.kind == "coverage" else OF_POOLS)
        return Counted(cell.name, number, time.process_time() - began, covered)
    calls = _calls(drawn)
    return Counted(cell.name, number, time.process_time() - began, calls=calls)


def _covered(drawn: Any, names: tuple[str, ...]) -> dict[str, Covered]:
    missed: dict[str, list[tuple[bool, bool, float]]] = {name: [] for name in names}
    truths = dict.fromkeys(names, math.nan)
    for study in drawn:
        lab, found = study.findings
        truth: Truth = study.drawn.truths[found.name]
        for name in names:
            ends = _ends(lab if name == "lab mean" else found, name.removeprefix("lab "))
            true = study.drawn.holdout_truth.mean if name == "lab mean" else getattr(truth, name)
            truths[name] = true
            if ends is not None:
                low, high = ends
                missed[name].append((low > true, high < true, high - low))
    covered = {}
    for name, rows in missed.items():
        above, below, width = zip(*rows, strict=True) if rows else ((), (), (math.nan,))
        middle = float(np.median(width))
        covered[name] = Covered(len(rows), sum(above), sum(below), middle, truths[name])
    return covered


def _ends(found: ProbeFinding, name: str) -> tuple[float, float] | None:
    """Return the ends of an interval; without bound where it says so, None where there is none."""
    interval = getattr(found, name)
    if interval.low is None and interval.high is None:
        return None
    return interval.low or 0.0, math.inf if interval.high is None else interval.high


def _calls(drawn: Any) -> Calls:
    called = able = 0
    p: list[float] = []
    reliability: list[float] = []
    for study in drawn:
        one: Audited = study
        probes = one.findings[1:]
        called += any(probe.spread_verdict == "yes" for probe in probes)
        able += len(one.kept) >= 10
        p += [probe.p for probe in probes if probe.p is not None]
        reliability.append(one.findings[0].spread.reliability or 0.0)
    values = np.array(p)
    return Calls(
        called=called,
        able=able,
        probes=len(p),
        low=int((values <= 0.025).sum()),
        within=int((values <= 0.05).sum()),
        reliability=float(np.mean(reliability)),
    )
