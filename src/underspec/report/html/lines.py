"""The first picture: every variant as a line over the probes, in units of the holdout's spread."""

import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from underspec.core.findings import ProbeFinding
from underspec.report._protocol import Dossier
from underspec.report.html.scale import nice
from underspec.report.numbers import finite, times
from underspec.report.shown import Shown, plain, title

__all__ = ["Axis", "Line", "Lines", "lines"]

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 400, 46, 34, 62
MOST = 11


@dataclass(frozen=True)
class Axis:
    """One probe: a vertical line, its name in up to three rows, and what noise alone would show."""

    x: float
    title: str
    rows: tuple[str, ...]
    ratio: str
    noise_top: float
    noise_height: float


@dataclass(frozen=True)
class Line:
    """One variant."""

    id: str
    style: str
    points: str
    said: str


@dataclass(frozen=True)
class Lines:
    """The picture, or why there is none."""

    absent: str = ""
    axes: tuple[Axis, ...] = ()
    lines: tuple[Line, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    zero: float = 0
    left_out: int = 0
    density: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def lines(dossier: Dossier, seen: Shown) -> Lines:
    """Return the picture of all trained variants over the holdout and one probe a family."""
    if seen.holdout is None:
        return Lines(absent="There is no holdout to measure by.")
    # Agreement within pairs is another thing than standing by the metric.
    probes = [
        p
        for p in (seen.holdout, *seen.worst(MOST))
        if len(_known(dossier.scores, p.name)) > 1 and p.kind != "contrastive"
    ]
    yard = _known(dossier.scores, seen.holdout.name)
    unit = stdev(yard.values()) if len(yard) > 1 else 0.0
    if unit <= 0 or len(probes) < 2:
        return Lines(
            absent="This picture needs two trained variants that differ on the holdout, and a "
            "stress test."
        )
    z = {p.name: _units(_known(dossier.scores, p.name), unit) for p in probes}
    kept = set(dossier.findings.pool.kept)
    framed = [v for row in z.values() for one, v in row.items() if one in kept or not kept]
    framed = framed or [v for row in z.values() for v in row.values()]
    # Dropped variants may lie anywhere; the frame is that of the kept ones.
    low, high = min(*framed, -1.0), max(*framed, 1.0)
    pad = 0.06 * (high - low)
    low, high = low - pad, high + pad

    def y(value: float) -> float:
        share = (min(max(value, low - 50 * pad), high + 50 * pad) - low) / (high - low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)

    step = (WIDTH - LEFT - 44) / (len(probes) - 1)
    xs = [round(LEFT + 30 + at * step * 0.97, 1) for at in range(len(probes))]
    picked = next(
        (c.variants for c in dossier.findings.choices if c.rule == dossier.findings.recommended), ()
    )
    order = sorted(yard, key=lambda one: (one in picked, one in kept))
    return Lines(
        axes=tuple(_axis(p, x, y, unit) for p, x in zip(probes, xs, strict=True)),
        lines=tuple(_line(one, probes, xs, z, y, kept, picked) for one in order),
        ticks=tuple(
            (y(value), f"{value:+g}".replace("-", "−") if value else "0")
            for value in nice(low, high, 6)
        ),
        zero=y(0.0),
        left_out=len(seen.stressed) - len(probes) + 1,
        density="dense" if len(kept) > 80 else "",
    )


def _known(scores: Mapping[str, Mapping[str, float]], probe: str) -> dict[str, float]:
    return {one: value for one, value in scores.get(probe, {}).items() if finite(value) is not None}


def _units(row: Mapping[str, float], unit: float) -> dict[str, float]:
    middle = fmean(row.values())
    return {one: (value - middle) / unit for one, value in row.items()}


def _axis(probe: ProbeFinding, x: float, y: Callable[[float], float], unit: float) -> Axis:
    parts = title(probe).split(", ")
    rows = [row for part in parts for row in textwrap.wrap(part, 13)][:3]
    ratio = times(probe.ratio).main if probe.kind != "holdout" else "yardstick"
    # Two standard deviations of what a finite probe adds by itself, to either side.
    noise = 2 * (finite(probe.spread.noise) or 0.0) / unit
    top = max(y(noise), TOP)
    return Axis(
        x=x,
        title=title(probe),
        rows=tuple(plain(row, 14) for row in rows),
        ratio="" if ratio == "not resolved" else ratio,
        noise_top=top,
        noise_height=round(min(y(-noise), HEIGHT - BOTTOM) - top, 1),
    )


def _line(
    variant: str,
    probes: Sequence[ProbeFinding],
    xs: Sequence[float],
    z: Mapping[str, Mapping[str, float]],
    y: Callable[[float], float],
    kept: Collection[str],
    picked: Collection[str],
) -> Line:
    style = "picked" if variant in picked else "kept" if variant in kept else "dropped"
    points = [
        f"{x:g},{y(z[probe.name][variant]):g}"
        for probe, x in zip(probes, xs, strict=True)
        if variant in z[probe.name]
    ]
    said = "kept, and what the rule would ship" if style == "picked" else style
    return Line(variant, style, " ".join(points), f"{variant}: {said}")
