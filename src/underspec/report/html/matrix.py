"""The second picture: how being good on one probe goes with being good on another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from underspec.core.findings import Findings, ProbeFinding, Relation
from underspec.report.numbers import estimate, finite, number
from underspec.report.shown import Shown, plain, title
from underspec.report.together import brief

__all__ = ["Cell", "Label", "Matrix", "matrix"]

MOST = 46
# A letter is about so wide at the labels' size; columns' labels rise at 48 degrees.
LETTER, RISE, RUN = 6.6, 0.743, 0.669


@dataclass(frozen=True)
class Cell:
    """One pair; `look` is pos, neg or noisy, `strength` the absolute correlation."""

    x: float
    y: float
    look: str
    strength: float
    sure: bool
    text: str
    said: str


@dataclass(frozen=True)
class Label:
    """A probe beside its row and above its column; `starts` a new family, or group where there are."""

    text: str
    full: str
    at: float
    starts: bool


@dataclass(frozen=True)
class Matrix:
    """The lower triangle of all pairs, or why there is none."""

    absent: str = ""
    cells: tuple[Cell, ...] = ()
    labels: tuple[Label, ...] = ()
    side: float = 0
    size: float = 0
    left: float = 0
    right: float = 0
    top: float = 0
    note: str = ""
    noisy: int = 0


def matrix(findings: Findings, seen: Shown) -> Matrix:
    """Return the picture of the relations between probes that readers see."""
    related = {name for one in findings.relations for name in (one.a, one.b)}
    everyone = [p for p in (seen.holdout, *seen.stressed) if p is not None and p.name in related]
    probes = everyone
    if len(everyone) > MOST:
        few = {p.name for p in seen.worst(MOST - 1)}
        probes = [p for p in everyone if p.kind == "holdout" or p.name in few]
    numbers = _numbers(findings)
    if numbers:
        # Those that were not grouped come last, in their own order.
        probes = sorted(probes, key=lambda p: numbers.get(p.name, (1 << 30, 0)))
    if len(probes) < 2:
        return Matrix(absent="No relation was resolved; relations need 10 kept variants.")
    side = min(max(735 // len(probes), 16), 56)
    pairs = {frozenset((one.a, one.b)): one for one in findings.relations}
    cells = tuple(_cells(probes, pairs, side))
    labels = tuple(_labels(probes, side, numbers))
    left_out = len(everyone) - len(probes)
    return Matrix(
        cells=cells,
        labels=labels,
        left=round(LETTER * max(len(one.text) for one in labels) + 16),
        right=round(
            max(one.at + RUN * LETTER * len(one.text) for one in labels) - side * len(labels) + 8
        ),
        top=round(max(RISE * LETTER * len(one.text) - one.at for one in labels) + 8),
        side=side,
        size=side * len(probes),
        note=f"One probe a family is shown; {left_out} others are in findings.json."
        if left_out
        else "",
        noisy=sum(cell.look == "noisy" for cell in cells),
    )


def _cells(
    probes: Sequence[ProbeFinding], pairs: Mapping[frozenset[str], Relation], side: float
) -> list[Cell]:
    cells = []
    for row, a in enumerate(probes):
        for column, b in enumerate(probes[:row]):
            found = pairs.get(frozenset((a.name, b.name)))
            rho = finite(found.pearson.value) if found else None
            names = f"{plain(title(a), 60)} and {plain(title(b), 60)}"
            sure = found is not None and (finite(found.p_adjusted) or 0.0) <= 0.05
            cells.append(
                Cell(
                    x=column * side,
                    y=row * side,
                    look="noisy" if rho is None else "neg" if rho < 0 else "pos",
                    strength=round(min(abs(rho or 0.0), 1.0), 2),
                    sure=rho is not None and sure and finite(found.p_adjusted) is not None,  # type: ignore[union-attr]
                    text=number(rho, 2).replace("0.", ".")
                    if rho is not None and side >= 40
                    else "",
                    said=f"{names}: {_said(found)}",
                )
            )
    return cells


def _said(found: Relation | None) -> str:
    if found is None:
        return "not looked at"
    if finite(found.pearson.value) is None:
        return plain(found.note or "too noisy", 120)
    return str(estimate(found.pearson, lambda value: number(value, 2)))


def _numbers(findings: Findings) -> dict[str, tuple[int, int]]:
    """Return the number of each probe's group and its place in it; nothing without groups."""
    found = findings.probe_groups
    if found is None:
        return {}
    return {p: (g, at) for g, one in enumerate(found.groups) for at, p in enumerate(one.probes)}


def _labels(
    probes: Sequence[ProbeFinding], side: float, numbers: Mapping[str, tuple[int, int]]
) -> list[Label]:
    labels: list[Label] = []
    last: int | str = ""
    for at, probe in enumerate(probes):
        here: int | str = numbers.get(probe.name, (-1, 0))[0] if numbers else probe.family
        labels.append(
            Label(
                text=brief(probe),
                full=title(probe),
                at=(at + 0.5) * side,
                starts=at > 0 and here != last,
            )
        )
        last = here
    return labels
