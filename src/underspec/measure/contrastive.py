"""Contrastive probes: in how many pairs variants answer the two sides alike, and which they flip."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Flips, Interval, ProbeFinding
from underspec.core.metric_words import is_share
from underspec.measure._protocol import Evidence, Scale, Scaled
from underspec.measure.gap import gap_finding
from underspec.measure.mean import mean_finding, mean_fit
from underspec.measure.ratio import no_ratio
from underspec.measure.reading import Reader
from underspec.measure.spread import spread_finding
from underspec.measure.verdict import LEAST_KEPT, p_gap
from underspec.stats.flips import overlap
from underspec.stats.gap import GapFit, fit_gap
from underspec.stats.mean import MeanEnds
from underspec.stats.planning import power
from underspec.stats.shares import Clustered
from underspec.stats.spread import fit_spread
from underspec.stats.totals import Totals

__all__ = ["Contrast", "contrast", "judges", "oriented", "own_metric"]

_NO_YARDSTICK = "none: agreement within pairs has no spread on the holdout to stand over"


def judges(metric_name: str, metric: Scaled, scale: Scaled) -> bool:
    """Say whether a metric's margins are in the units of a contrastive probe, so that they judge it.

    Args:
        metric_name: of the metric that judges the study.
        metric: its scale.
        scale: of the contrastive probe.
    """
    if scale.proportion:
        return metric.proportion and is_share(metric_name)
    return metric_name == "abs_error"


def own_metric(scale: Scaled) -> str:
    """Return under which name a contrastive probe is told that the study's metric does not judge."""
    return "agreement" if scale.proportion else "closeness"


def oriented(one: Evidence, metric: Scaled) -> Evidence:
    """Return evidence of which more is better where that is so of the metric, and the reverse."""
    if one.scale is None or one.scale.greater_is_better == metric.greater_is_better:
        return one
    top = 1.0 if one.scale.proportion else 0.0
    low, high = one.scale.range
    scale = Scale(metric.greater_is_better, one.scale.proportion, (top - high, top - low))
    return replace(one, contributions=top - one.contributions, scale=scale)


@dataclass(frozen=True)
class Contrast:
    """What is said of a contrastive probe by itself, with the fits from which `needs` is reckoned."""

    finding: ProbeFinding
    gap: GapFit | None = None
    drop: MeanEnds | None = None


def contrast(
    probe: Evidence,
    blank: ProbeFinding,
    totals: Totals,
    everyone: Totals,
    *,
    kept: tuple[str, ...],
    epsilon: float,
    middle: bool,
) -> Contrast:
    """Return the finding of a contrastive probe, without adjusted p-values and without verdict.

    Args:
        probe: its examples are pairs.
        blank: its finding so far, with the mean.
        totals: of the kept variants.
        everyone: of all trained variants.
        kept: ids of the kept variants.
        epsilon: the largest gap that counts as near-equal.
        middle: whether the pool lies around a middle, not a best.
    """
    scale = _scale(probe)
    mean = blank.mean
    finding = replace(
        blank,
        drop=Interval(*(_lacking(end, scale) for end in (mean.value, mean.high, mean.low))),
        ratio=no_ratio(None, _NO_YARDSTICK),
        flips=_flips(probe, kept, middle=middle) if scale.proportion else None,
    )
    if not totals.resolved:
        return Contrast(finding)
    spread = fit_spread(totals, scale.range)
    gap = fit_gap(totals, spread)
    fit = mean_fit(totals, scale, everyone, middle=middle)
    top = 1.0 if scale.proportion else 0.0
    return Contrast(
        replace(
            finding,
            spread=spread_finding(spread, len(totals.sizes), scale),
            gap=gap_finding(gap, scale),
            p=p_gap(gap, epsilon) if totals.k >= LEAST_KEPT else None,
            power=power(spread, None, epsilon),
        ),
        gap,
        MeanEnds(top - fit.value, top - fit.high, top - fit.low, fit.variants, fit.examples),
    )


def _scale(probe: Evidence) -> Scaled:
    assert probe.scale is not None  # noqa: S101 - evidence of contrastive probes has one
    return probe.scale


def _lacking(value: float | None, scale: Scaled) -> float | None:
    """Return what agreement lacks of all; for regression, the difference."""
    return None if value is None else (1.0 if scale.proportion else 0.0) - value


def _flips(probe: Evidence, kept: tuple[str, ...], *, middle: bool) -> Flips:
    rows = probe.rows(kept)
    found = overlap(
        probe.contributions[rows] < 1.0, Clustered.of(probe.clusters, len(probe.clusters))
    )
    return Flips(
        up=_turned(probe, rows, 1, middle=middle),
        down=_turned(probe, rows, -1, middle=middle),
        jaccard=Interval(*map(_number, found.jaccard)),
        by_chance=_number(found.by_chance),
        variants=found.variants,
    )


def _turned(probe: Evidence, rows: NDArray[np.intp], way: int, *, middle: bool) -> Interval | None:
    """Return the mean share of pairs that flip one way, None where the ways are not known."""
    if probe.turns is None:
        return None
    flipped = replace(probe, contributions=(probe.turns == way).astype(np.float64), turns=None)
    every = Reader()(flipped, probe.variants)
    return mean_finding(every.only(rows), Scale(), every, middle=middle)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
