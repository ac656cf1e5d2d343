"""Observed against true spread, a row a probe: dots on one scale with the noise between."""

from dataclasses import dataclass

from underspec.core.findings import ProbeFinding
from underspec.report.html.scale import nice, reach, share
from underspec.report.numbers import Units, finite, number
from underspec.report.shown import Shown, title

__all__ = ["Dot", "Dots", "dots"]


@dataclass(frozen=True)
class Dot:
    """One probe; positions in per cent of the width."""

    family: str
    title: str
    verdict: str
    observed: float
    true: float
    low: float
    high: float
    cut: bool
    noise: float
    said: str
    doubtful: str


@dataclass(frozen=True)
class Dots:
    """The chart: rows by family, ticks, and the holdout's own spread as a line through all."""

    rows: tuple[Dot, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    yardstick: float | None = None
    yardstick_said: str = ""
    unit: str = ""


def dots(seen: Shown, units: Units) -> Dots:
    """Return the chart of all probes, the holdout first."""
    probes = [p for p in (seen.holdout, *seen.stressed) if p is not None]
    if not probes:
        return Dots()
    whole = reach(
        [finite(p.spread.high) or 0.0 for p in probes],
        [max(finite(p.spread.observed) or 0.0, finite(p.spread.true) or 0.0) for p in probes],
    )
    scale = 100 if units.share else 1
    yard = finite(seen.holdout.spread.true) if seen.holdout else None
    ticks = nice(0.0, whole * scale, 6)
    return Dots(
        rows=tuple(_dot(p, whole, units) for p in probes),
        ticks=tuple((share(tick, whole * scale), f"{tick:g}") for tick in ticks),
        yardstick=None if yard is None else share(yard, whole),
        yardstick_said=units.difference(yard),
        unit=units.points.strip() or units.name,
    )


def _dot(probe: ProbeFinding, whole: float, units: Units) -> Dot:
    spread = probe.spread
    observed, true = finite(spread.observed) or 0.0, finite(spread.true) or 0.0
    high = finite(spread.high)
    ends = f"{units.bare(spread.low, true)} to {units.bare(spread.high, true)}"
    return Dot(
        family="" if probe.kind == "holdout" else probe.family,
        title=title(probe),
        verdict=probe.verdict,
        observed=share(observed, whole),
        true=share(true, whole),
        low=share(finite(spread.low) or 0.0, whole),
        high=100.0 if high is None else share(high, whole),
        cut=high is None or high > whole,
        noise=share(finite(spread.noise) or 0.0, whole),
        said=f"observed {units.bare(spread.observed)}, noise {units.bare(spread.noise)}, "
        f"true {units.bare(spread.true)} ({ends}); reliability {number(spread.reliability, 2)}",
        doubtful=spread.doubtful or "",
    )
