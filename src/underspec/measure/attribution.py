"""Which source the spread comes from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from underspec.core.findings import Attribution, Interval
from underspec.core.streams import stream
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.reading import Reader
from underspec.stats.arrangement import Arrangement, arrange
from underspec.stats.components import Component, components
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.layout import Layout

__all__ = ["attribute"]

_FEW = 5
_SMALL = "too small: under two clusters"


def attribute(
    evidence: Sequence[Evidence], levels: Mapping[str, Mapping[str, Any]], metric: Scaled
) -> tuple[Attribution, ...]:
    """Return what each source brings to the spread of each probe, in order.

    Which sources can be told apart is read from the levels themselves. Empty where they cannot:
    where all vary in every variant, as in a `joint` design of seeds.

    Args:
        evidence: the probes, with the same variants in each.
        levels: id of a variant to the seed or value of each of its sources.
        metric: its scale.
    """
    if not evidence or len(evidence[0].variants) < 2:
        return ()
    ids = evidence[0].variants
    names = list(dict.fromkeys(source for one in ids for source in levels.get(one, {})))
    if not names:
        return ()
    codes = [
        np.unique([repr(levels.get(one, {}).get(name)) for one in ids], return_inverse=True)[1]
        for name in names
    ]
    arrangement = arrange(np.stack(codes))
    if arrangement.kind == "none":
        return ()
    layout, read = Layout(arrangement), Reader()
    found: list[Attribution] = []
    for one in evidence:
        # No standard deviation is more than half of what there is room for.
        low, high = (one.scale or metric).range
        most = (high - low) / 2
        totals = read(one, ids)
        if not totals.resolved:
            found += _silent(one.name, arrangement, layout, names)
            continue
        parts = components(totals, layout, stream(0, "attribution", one.name))
        found += [
            _row(one.name, part, at, arrangement, names, most) for at, part in enumerate(parts)
        ]
    return _adjusted(found)


def _row(
    probe: str,
    part: Component,
    at: int,
    arrangement: Arrangement,
    names: Sequence[str],
    most: float = math.inf,
) -> Attribution:
    rest = at == len(arrangement.factors)
    star = arrangement.kind == "star"
    notes = []
    if part.levels < _FEW:
        notes.append(f"only {part.levels} levels: read with care")
    if rest and arrangement.rest:
        notes.append("with what the sources do only together")
    if math.isnan(part.share):
        notes.append("too noisy for a share")
    return Attribution(
        probe=probe,
        source=_name(at, arrangement, names),
        kind="rest" if rest else "source",
        layout="one_at_a_time" if star else "levels",
        levels=part.levels,
        spread=Interval(_root(part.true), _root(part.low), _root(part.high, most)),
        variance=_number(part.true),
        share=Interval(_number(part.share), _number(part.share_low), _number(part.share_high)),
        icc=_number(part.icc),
        f=_number(part.f),
        df=_number(part.df[0]),
        df_below=_number(part.df[1]),
        p=_number(part.p),
        p_true=_number(part.p_true),
        p_adjusted=None,
        note="; ".join(notes) or None,
    )


def _silent(
    probe: str, arrangement: Arrangement, layout: Layout, names: Sequence[str]
) -> list[Attribution]:
    nothing = math.nan
    part = Component(0, *(nothing,) * 8)
    return [
        replace(
            _row(probe, part._replace(levels=int(code.max()) + 1), at, arrangement, names),
            spread=Interval(None, None, None),
            note=_SMALL,
        )
        for at, code in enumerate(layout.codes)
    ]


def _name(at: int, arrangement: Arrangement, names: Sequence[str]) -> str:
    of = arrangement.rest if at == len(arrangement.factors) else arrangement.factors[at]
    return " + ".join(names[source] for source in of) or "interaction"


def _adjusted(found: Sequence[Attribution]) -> tuple[Attribution, ...]:
    known = [one.p_true for one in found if one.p_true is not None]
    adjusted = iter(benjamini_hochberg(np.array(known)).tolist())
    return tuple(
        one if one.p_true is None else replace(one, p_adjusted=next(adjusted)) for one in found
    )


def _root(square: float, most: float = math.inf) -> float | None:
    return None if math.isnan(square) else min(math.sqrt(max(0.0, square)), most)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
