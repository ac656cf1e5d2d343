"""Contrastive probes as readers see them: shares of pairs answered alike, and who flips which."""

from dataclasses import dataclass

from underspec.core.findings import Findings, Interval, ProbeFinding
from underspec.report.numbers import Estimate, Units, estimate, finite, number, times
from underspec.report.shown import Shown, title

__all__ = ["FLIPS", "FlipRow", "against", "flip_rows", "flips_said", "level"]

FLIPS = (
    "A variant flips a pair whose two sides, an example and its edit, it answers differently. Up: with two "
    "classes from the first to the second, with more from a wrong answer to the right one. Overlap: of what "
    "either of two equally good models flips, the share that both do; by chance: what sets of these sizes "
    "would share if they were drawn at random. Per cent throughout."
)
"""Said under the table."""

_MOST = 200


@dataclass(frozen=True)
class FlipRow:
    """One contrastive probe, in per cent.

    Attributes:
        probe: its title.
        up: pairs that flip up.
        down: pairs that flip down.
        overlap: what two variants' flipped pairs have in common.
        by_chance: what they would by chance.
    """

    probe: str
    up: Estimate
    down: Estimate
    overlap: Estimate
    by_chance: str


def level(probe: ProbeFinding) -> Estimate:
    """Return a probe's mean; of a contrastive one, how alike the two sides of its pairs are answered."""
    units = Units(probe.metric)
    if probe.kind != "contrastive":
        return units.levels(probe.mean)
    if probe.flips is None:
        found, word = units.differences(probe.drop), " apart"
    else:
        found, word = Units("agreement").levels(probe.mean), " alike"
    known = finite(probe.mean.value) is not None
    return Estimate(found.main + word * known, found.ends)


def against(probe: ProbeFinding) -> Estimate:
    """Return a probe's spread against the holdout's, empty where there is none to hold it against."""
    if probe.kind in ("holdout", "contrastive"):
        return Estimate("", "")
    return times(probe.ratio)


def flip_rows(findings: Findings, seen: Shown) -> tuple[FlipRow, ...]:
    """Return one row a contrastive probe that may be shown, whatever metric it is told under."""
    return tuple(
        FlipRow(
            probe=title(probe),
            up=_way(probe.flips.up),
            down=_way(probe.flips.down),
            overlap=estimate(probe.flips.jaccard, _per_cent),
            by_chance="–"
            if finite(probe.flips.by_chance) is None
            else _per_cent(probe.flips.by_chance),
        )
        for probe in _flipping(findings, seen)[:_MOST]
        if probe.flips is not None
    )


def flips_said(findings: Findings, seen: Shown) -> str:
    """Return in a sentence whether two models flip the same cases; empty where nobody flips any."""
    known = [p for p in _flipping(findings, seen) if p.flips and _known(p.flips.jaccard)]
    if not known:
        return ""
    apart = [p for p in known if _end(p, "high") < 0.5]
    alike = [p for p in known if _end(p, "low") > 0.5]
    said = []
    if apart:
        said.append(f"two equally good models flip largely different cases{_on(apart, known)}")
    if alike:
        said.append(f"two equally good models flip largely the same cases{_on(alike, known)}")
    left = len(known) - len(apart) - len(alike)
    if left:
        where = "" if left == len(known) == 1 else f" on {left} of {len(known)} tests"
        said.append(f"whether two equally good models flip the same cases stays open{where}")
    sentence = "; ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _on(some: list[ProbeFinding], known: list[ProbeFinding]) -> str:
    """Return where, with the figures of the probe with the least overlap."""
    least = min(some, key=lambda p: (p.flips and finite(p.flips.jaccard.value)) or 0.0)
    assert least.flips is not None  # noqa: S101 - as chosen
    shared = estimate(least.flips.jaccard, _per_cent)
    ends = f"{shared.ends}; " if shared.ends else ""
    many = "" if len(known) == 1 else f" on {len(some)} of {len(known)} tests,"
    lead = ":" if len(known) == 1 else " such as"
    return (
        f"{many}{lead} on “{title(least)}” they have {shared.main} % of their flipped pairs in common "
        f"({ends}{_per_cent(least.flips.by_chance)} by chance)"
    )


def _flipping(findings: Findings, seen: Shown) -> list[ProbeFinding]:
    return [p for p in findings.probes if p.flips is not None and p.name in seen.names]


def _known(of: Interval) -> bool:
    return finite(of.value) is not None


def _end(probe: ProbeFinding, name: str) -> float:
    """Return an end of the overlap; the one that says nothing where it is not there."""
    found = None if probe.flips is None else finite(getattr(probe.flips.jaccard, name))
    return {"low": 0.0, "high": 1.0}[name] if found is None else found


def _way(of: Interval | None) -> Estimate:
    return Estimate("no labels", "") if of is None else estimate(of, _per_cent)


def _per_cent(value: float | None) -> str:
    return number(value, 1, 100)
