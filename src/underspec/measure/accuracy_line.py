"""Accuracy on the line: does accuracy on a probe follow from that on the holdout, and whose not?"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from underspec.core.findings import AccuracyLine, Interval, OffLine
from underspec.core.records import Floats
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.reading import Reader
from underspec.measure.verdict import LEAST_KEPT
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.few import FEWEST, effective
from underspec.stats.line import Line, Triple, fit_line, probit
from underspec.stats.totals import Totals

__all__ = ["accuracy_lines"]

_FEW, _SURE = 20, 0.05
_NOTHING = Interval(None, None, None)
_FLAT = "the spread on the holdout is too noisy to lay a line through"
_EDGE = "a variant is right on all examples, or on none: that has no probit"
_SMALL = "one of the two comes from under two clusters"


def accuracy_lines(evidence: Sequence[Evidence], metric: Scaled) -> tuple[AccuracyLine, ...]:
    """Return the line of each probe on the holdout (Miller et al., ICML 2021), all trained variants.

    Args:
        evidence: the holdout first; of all trained variants.
        metric: by which it was made.

    Returns:
        One a probe; none under 10 variants, and none for a metric that is no share of examples.
        Nobody is off the line where the probe, or the holdout, comes from under 20 clusters.
    """
    if len(evidence) < 2 or not metric.proportion or len(evidence[0].variants) < LEAST_KEPT:
        return ()
    if any(one.truth is not None for one in evidence):
        return ()
    read, variants = Reader(), evidence[0].variants
    yard = read(evidence[0], variants)
    drafts, chances = [], []
    for probe in evidence[1:]:
        draft, p = _draft(probe.name, variants, yard, read(probe, variants), metric)
        drafts.append(draft)
        chances.append(p)
    adjusted = benjamini_hochberg(np.concatenate(chances))
    cuts = np.cumsum([len(p) for p in chances])[:-1]
    return tuple(
        replace(draft, off=_off(draft.off, p))
        for draft, p in zip(drafts, np.split(adjusted, cuts), strict=True)
    )


def _draft(
    name: str, variants: tuple[str, ...], x: Totals, y: Totals, metric: Scaled
) -> tuple[AccuracyLine, Floats]:
    """Return a line whose `off` holds every variant, not yet adjusted, and their p-values."""
    empty = AccuracyLine(
        name, len(variants), _NOTHING, _NOTHING, _NOTHING, _NOTHING, None, {}, (), None
    )
    if not (x.resolved and y.resolved):
        return replace(empty, note=_SMALL), np.zeros(0)
    if not all(0 < mean < 1 for mean in (*x.means, *y.means)):
        return replace(empty, note=_EDGE), np.zeros(0)
    over, under = probit(y), probit(x)
    line = fit_line(under, over)
    if line is None:
        return replace(empty, note=_FLAT), np.zeros(0)
    sign = 1.0 if metric.greater_is_better else -1.0
    # Without noise nobody is off by luck, and a rounding would be.
    z = sign * np.divide(line.apart, line.error, out=np.zeros(x.k), where=line.error > 0)
    points = sign * (y.means - _level(line, over))
    clusters = min(effective(x.sizes), effective(y.sizes))
    notes = [f"only {x.k} variants: read with care"] * (x.k < _FEW)
    if clusters < FEWEST:
        notes.append(f"about {clusters:.0f} clusters: too few to say who is off the line")
    draft = replace(
        empty,
        slope=_interval(line.slope),
        intercept=_interval(line.intercept),
        determination=_interval(line.determination),
        residual=_interval(_root(line.residual)),
        reliability=line.reliability,
        z={v: float(one) for v, one in zip(variants, z, strict=True)},
        off=tuple(
            OffLine(v, float(at), float(one), 1.0)
            for v, at, one in zip(variants, points, z, strict=True)
        )
        if clusters >= FEWEST
        else (),
        note="; ".join(notes) or None,
    )
    return draft, _two_sided(z, clusters) if draft.off else np.zeros(0)


def _off(every: tuple[OffLine, ...], adjusted: Floats) -> tuple[OffLine, ...]:
    found = [
        replace(one, p_adjusted=float(p))
        for one, p in zip(every, adjusted, strict=True)
        if p <= _SURE
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.z), one.variant)))


def _level(line: Line, over: Totals) -> Floats:
    """Return the accuracy that the line gives each variant."""
    from scipy.special import ndtr

    level: Floats = ndtr(over.means - line.apart)
    return level


def _two_sided(z: Floats, clusters: float) -> Floats:
    """Return p-values of distances whose standard errors are from so many clusters."""
    from scipy.special import stdtr

    p: Floats = 2 * stdtr(clusters - 1, -np.abs(z))
    return p


def _root(squared: Triple) -> Triple:
    return Triple(*(math.sqrt(max(0.0, end)) for end in squared))


def _interval(triple: Triple) -> Interval:
    return Interval(*(float(end) if math.isfinite(end) else None for end in triple))
