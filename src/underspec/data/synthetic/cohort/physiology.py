"""Bodies: who the patients are, when they fall ill, what their kidneys and blood do, hour by hour.

Nothing here knows of a clock or of a measurement. Parameters are round numbers of the size that
textbooks give; they describe no real population.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.data.synthetic.cohort.items import ITEMS

__all__ = ["HOURS", "Bodies", "bodies", "normals", "uniforms"]

HOURS = 144
"""Length of the hourly grid, from the midnight before admission."""

FALL_ILL = 0.5
"""Chance of an acute illness during the stay."""

KIDNEYS_FOLLOW = 0.92
"""Chance that an acute illness harms the kidneys; higher by age, see `bodies`."""

SILENT = 0.02
"""Chance of an injury of the kidneys that no illness announces."""


@dataclass(frozen=True, eq=False)
class Bodies:
    """What there is to measure.

    Attributes:
        age: years, [patients].
        male: [patients].
        start: hour of admission, from 0 to 24, [patients].
        end: hour of the end of the stay, [patients].
        illness: how ill, 0 to about 1, [patients, HOURS].
        kidneys: share of the patient's usual kidney function, [patients, HOURS].
        values: of each item of `ITEMS`, without errors of measurement, [patients, HOURS, items].
    """

    age: Floats
    male: NDArray[np.bool_]
    start: Floats
    end: Floats
    illness: Floats
    kidneys: Floats
    values: Floats


def uniforms(source: Stream, names: Sequence[str], count: int) -> Floats:
    """Return so many numbers from 0 to 1 for each name, from the name's own part of the stream."""
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        source.example(name).random(out=out[row])
    return out


def normals(source: Stream, names: Sequence[str], count: int) -> Floats:
    """Return so many standard normal numbers for each name, likewise."""
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        source.example(name).standard_normal(out=out[row])
    return out


def bodies(root: Stream, names: Sequence[str]) -> Bodies:
    """Return the bodies of these patients; each hangs on the stream and the name alone."""
    who, fate = uniforms(root.child("who"), names, 3), uniforms(root.child("fate"), names, 8)
    own = normals(root.child("own"), names, 2 + len(ITEMS))
    age = np.clip(63 + 15 * own[:, 0], 18, 95)
    start = 24 * who[:, 0]
    end = np.minimum(start + 84 + 32 * who[:, 1], HOURS - 1)
    illness, begins = _illness(fate, start)
    frail = np.clip(KIDNEYS_FOLLOW + 0.006 * (age - 63), 0.1, 0.99)
    follows = np.isfinite(begins) & (fate[:, 3] < frail)
    silent = ~follows & (fate[:, 4] < SILENT)
    hit = np.where(
        follows, begins + 18 + 14 * fate[:, 5], np.where(silent, start + 90 * fate[:, 6], np.inf)
    )
    loss = 0.35 + 0.45 * fate[:, 7]
    kidneys = 1 - loss[:, None] * _rise(_since(hit), 6.0) * _wane(_since(hit), 30.0, 72.0)
    values = _values(own[:, 1:], age, illness, kidneys)
    return Bodies(age, who[:, 2] < 0.5, start, end, illness, kidneys, values)


def _since(hour: Floats) -> Floats:
    """Return the hours since then, [patients, HOURS]; minus infinity where it never comes."""
    return np.arange(HOURS)[None, :] - hour[:, None]


def _rise(since: Floats, span: float) -> Floats:
    return np.clip(since / span, 0, 1)


def _wane(since: Floats, after: float, scale: float) -> Floats:
    return np.exp(-np.maximum(since - after, 0) / scale)


def _illness(fate: Floats, start: Floats) -> tuple[Floats, Floats]:
    falls = fate[:, 0] < FALL_ILL
    # At any time from admission to the end of most stays.
    begins = np.where(falls, start + 96 * fate[:, 1], np.inf)
    depth = 0.75 + 0.5 * fate[:, 2]
    since = _since(begins)
    return depth[:, None] * _rise(since, 4.0) * _wane(since, 60.0, 24.0), begins


def _filtered(inflow: Floats, outflow: Floats, rate: float) -> Floats:
    """Return x with dx/dt = rate * (inflow - outflow * x), at rest at first, in exact hourly steps."""
    out = np.empty_like(outflow)
    x = inflow / outflow[:, 0]
    for hour in range(outflow.shape[1]):
        rest = inflow / outflow[:, hour]
        x = rest + (x - rest) * np.exp(-rate * outflow[:, hour])
        out[:, hour] = x
    return out


def _values(own: Floats, age: Floats, illness: Floats, kidneys: Floats) -> Floats:
    """Return all items, in the order of `ITEMS`; `own` is what is each patient's own."""
    usual = 0.85 * np.exp(0.18 * own[:, -1] + 0.004 * (age - 63))
    failing = 1 - kidneys
    me = {item: own[:, [k]] for k, item in enumerate(ITEMS)}
    base = np.ones_like(illness)
    made = {
        "creatinine": _filtered(usual, kidneys, 0.055),
        "urea": _filtered(16 * np.exp(0.2 * own[:, 1]), 0.3 + 0.7 * kidneys, 0.04),
        "potassium": 4.1 + 0.2 * me["potassium"] + 0.9 * failing,
        "bicarbonate": 25 + 1.0 * me["bicarbonate"] - 4.0 * failing,
        "sodium": (139 + 2.5 * me["sodium"]) * base,
        "chloride": (103 + 2.5 * me["chloride"]) * base,
        "glucose": 120 * np.exp(0.2 * me["glucose"]) * base,
        "calcium": (9.0 + 0.35 * me["calcium"]) * base,
        "haemoglobin": (11.8 + 1.6 * me["haemoglobin"]) * base,
        "platelets": 230 * np.exp(0.3 * me["platelets"]) * base,
        "white_cells": 8.5 * np.exp(0.25 * me["white_cells"]) * base,
        "lactate": 1.4 * np.exp(0.25 * me["lactate"] + 0.1 * illness),
        "bilirubin": 0.8 * np.exp(0.4 * me["bilirubin"]) * base,
        "crp": 30 * np.exp(0.7 * me["crp"] + 0.1 * illness),
        "blood_pressure": 85 + 4 * me["blood_pressure"] - 6 * illness,
        "heart_rate": 82 + 5 * me["heart_rate"] + 8 * illness,
        "urine_output": 75
        * np.exp(0.15 * me["urine_output"])
        * np.exp(-0.25 * illness)
        * (0.6 + 0.4 * kidneys),
    }
    return np.stack([made[item] for item in ITEMS], axis=2)
