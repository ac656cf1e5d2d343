"""Which source the spread comes from, as readers see it; the same in every format."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings import Attribution, Findings
from underspec.report._protocol import Dossier
from underspec.report.numbers import Estimate, Units, chance, estimate, finite, number
from underspec.report.shown import Shown, listed, plain, title

__all__ = ["SourceRow", "attribution_rows", "attribution_said"]

# More rows would make the page too big to open at once.
_MOST = 600
_NAMED, _SURE = 3, 0.05


@dataclass(frozen=True)
class SourceRow:
    """What one source brings to the spread on one probe.

    Attributes:
        probe: the probe's title, empty where the row above has it too.
        title: the probe's title.
        source: the source.
        rest: whether it is what no source explains by itself.
        share: of the spread's variance, per cent.
        spread: what it brings, in the metric's units.
        test: F with its degrees of freedom.
        p: p-value for examples like these, and adjusted.
        note: what to bear in mind.
    """

    probe: str
    title: str
    source: str
    rest: bool
    share: Estimate
    spread: Estimate
    test: str
    p: Estimate
    note: str


def attribution_rows(findings: Findings, seen: Shown, units: Units) -> tuple[SourceRow, ...]:
    """Return the rows of the probes that are shown, in their order."""
    rows: list[SourceRow] = []
    last = None
    for one in findings.attribution:
        if one.probe in seen.names and len(rows) < _MOST:
            named = seen.titles.get(one.probe, plain(one.probe))
            rows.append(_row(one, named, units, first=one.probe != last))
            last = one.probe
    return tuple(rows)


def attribution_said(dossier: Dossier, seen: Shown) -> str:
    """Return in a sentence which source brings most, or why that cannot be told; else nothing."""
    found = dossier.findings.attribution
    if not found:
        vary = dossier.study.get("vary")
        sources = vary.get("sources", ()) if isinstance(vary, Mapping) else ()
        if isinstance(vary, Mapping) and vary.get("design") == "joint" and len(sources) > 1:
            return (
                "Not told: all sources vary at once (design joint). The designs one_at_a_time, crossed "
                "and nested tell them apart."
            )
        return ""
    stressed = {probe.name for probe in seen.stressed}
    most: dict[str, Attribution] = {}
    for one in found:
        share = finite(one.share.value)
        if one.probe in stressed and share is not None:
            before = most.get(one.probe)
            if before is None or share > (before.share.value or 0.0):
                most[one.probe] = one
    if not most:
        return "The spread is too small or too noisy to be divided among the sources."
    counted = Counter(plain(one.source, 60) for one in most.values()).most_common()
    parts = [f"{source} on {count}" for source, count in counted]
    sure = Counter(
        plain(one.source, 60)
        for one in found
        if one.probe in stressed and one.p_adjusted is not None and one.p_adjusted <= _SURE
    ).most_common()
    told = listed(f"{source} on {count}" for source, count in sure) if sure else "none"
    return (
        f"By estimate the largest share of the spread comes from {listed(parts)} of {len(stressed)} "
        f"stress test{'s' if len(stressed) != 1 else ''}{_untold(seen, most)}. Told from luck "
        f"(adjusted p ≤ {_SURE}): {told}."
    )


def _untold(seen: Shown, most: Mapping[str, Attribution]) -> str:
    """Return on which stress tests the spread is not divided, as the rest of a sentence."""
    rest = [f"“{title(probe)}”" for probe in seen.stressed if probe.name not in most]
    if not rest:
        return ""
    named = listed(rest) if len(rest) <= _NAMED else f"{len(rest)} others"
    return f"; on {named} it is too small or too noisy to be divided"


def _row(one: Attribution, named: str, units: Units, *, first: bool) -> SourceRow:
    below = "∞" if finite(one.df_below) is None else f"{one.df_below:g}"
    test = "" if finite(one.f) is None else f"{number(one.f, 2)} ({number(one.df, 0)}, {below})"
    return SourceRow(
        probe=named if first else "",
        title=named,
        source=plain(one.source, 80),
        rest=one.kind == "rest",
        share=estimate(one.share, _per_cent),
        spread=units.differences(one.spread),
        test=test,
        p=_p(one),
        note=plain(one.note or "", 200),
    )


def _p(one: Attribution) -> Estimate:
    if finite(one.p_true) is None:
        return Estimate("–", "")
    adjusted = finite(one.p_adjusted)
    return Estimate(chance(one.p_true), "" if adjusted is None else f"adjusted {chance(adjusted)}")


def _per_cent(value: float | None) -> str:
    return number(value, 0, 100)
