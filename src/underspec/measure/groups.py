"""Which probes go together, so that a variant good on one is good on the others."""

from collections.abc import Sequence

import numpy as np

from underspec.core.findings import GroupRelation, Interval, ProbeGroup, ProbeGroups
from underspec.core.streams import stream
from underspec.measure.relations import Together
from underspec.stats.clustering import (
    GATHERED,
    Grouped,
    chances,
    combined,
    correlations,
    group_probes,
    reliable,
)
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.relation import Joint, correlate

__all__ = ["gather"]

_FEW, _STABLE, _SURE = 20, 0.75, 0.05
_SMALL = "under two clusters"
_NOISY = "too noisy: under three tenths of its observed spread is more than luck"


def gather(over: Together, *, seed: int, resamples: int = 200) -> ProbeGroups | None:
    """Return the groups of probes, None under 10 kept variants.

    Args:
        over: the kept variants on all probes.
        seed: root seed of the study.
        resamples: how many; they are over variants, the noise to take out held.
    """
    if over.moments is None:
        return None
    moments, names = over.moments, [over.names[at] for at in over.usable]
    key = stream(seed, "measure", "probe groups")
    found = group_probes(moments, over.variants, key, resamples=resamples)
    used = {names[at] for at in reliable(moments)}
    left_out = {
        name: _NOISY if name in names else _SMALL for name in over.names if name not in used
    }
    few = (
        f"only {len(over.variants)} variants: read with care" if len(over.variants) < _FEW else None
    )
    return ProbeGroups(
        order=tuple(names[at] for at in found.order),
        groups=tuple(_groups(moments, names, found)),
        between=_between(moments, found),
        left_out=left_out,
        threshold=GATHERED,
        resamples=resamples,
        note=few,
    )


def _groups(moments: Joint, names: Sequence[str], found: Grouped) -> list[ProbeGroup]:
    at = sorted(found.order)
    where = {probe: row for row, probe in enumerate(at)}
    observed, true = (m[np.ix_(at, at)] for m in (moments.observed, moments.true))
    rho = correlations(observed, observed - true)
    adjusted = chances(observed, observed - true, moments.means.shape[1])
    made = []
    for members, stability in zip(found.groups, found.stability, strict=True):
        rows = [where[probe] for probe in members]
        pairs = np.triu_indices(len(rows), 1)
        inside, p = (m[np.ix_(rows, rows)][pairs] for m in (rho, adjusted))
        made.append(
            ProbeGroup(
                probes=tuple(names[probe] for probe in members),
                correlation=float(inside.mean()) if len(inside) else None,
                least=float(inside.min()) if len(inside) else None,
                stability=float(stability),
                # One probe has no pair to be sure of.
                sure=bool(stability >= _STABLE and (p <= _SURE).all()) if len(inside) else None,
            )
        )
    return made


def _between(moments: Joint, found: Grouped) -> tuple[GroupRelation, ...]:
    """Return the corrected correlations of the groups' mean merit."""
    if len(found.groups) < 2:
        return ()
    a, b = np.triu_indices(len(found.groups), 1)
    got = correlate(combined(moments, found.groups), a, b)
    said = np.isfinite(got.value)
    adjusted = np.full(len(a), np.nan)
    adjusted[said] = benjamini_hochberg(got.p[said])
    rows = zip(a, b, said, got.value, got.low, got.high, adjusted, strict=True)
    return tuple(
        GroupRelation(int(i), int(j), Interval(float(value), float(low), float(high)), float(p))
        if known
        else GroupRelation(int(i), int(j), Interval(None, None, None), None)
        for i, j, known, value, low, high, p in rows
    )
