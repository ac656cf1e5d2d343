"""When blood is drawn and what is ordered: the habits of a ward, and draws that have none.

A draw is made in an hour and has the basic panel; other panels are ordered with it. The habit: a
round in the early morning for all, checks in the afternoon for most, and at night extra draws for
those the doctors worry about, with lactate and CRP. So that a draw at night, or a CRP, says that
somebody was worried, about as well as blood pressure, heart rate and urine say that there was reason
to. Without the habit there are as many draws, at any hour, for anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.data.synthetic.cohort.items import CHARTED, ITEMS, LABS, PANELS
from underspec.data.synthetic.cohort.physiology import HOURS, Bodies, normals, uniforms

__all__ = ["Draws", "charted", "draws", "errors"]

ROUND = (4, 3)
"""The morning round: first hour and how many hours it takes."""

ROUNDS_KEPT = 0.95
"""Chance that a patient is drawn in a day's round."""

CHECKS = (13, 5)
"""Afternoon checks: first hour and how many hours."""

CHECKED = 0.8
"""Chance of a check in an afternoon, whoever the patient is."""

NOTICED = 0.97
"""Chance that doctors notice an illness at all."""

IN_VAIN = 0.02
"""Chance that they worry for a day about a patient who is not ill."""

WORRIED_ABOVE = 0.35
"""How ill a patient is when worry sets in, an hour or two later."""

EXTRA = 1 / 3
"""Extra draws an hour of the night while they worry."""

NIGHT = (20, 4)
"""From and to which hour of the clock: by day, round and checks see to the ill as well."""

ORDERS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "round": MappingProxyType(
            {"blood_count": 0.6, "lactate": 0.02, "bilirubin": 0.25, "crp": 0.1}
        ),
        "check": MappingProxyType(
            {"blood_count": 0.7, "lactate": 0.6, "bilirubin": 0.3, "crp": 0.1}
        ),
        "extra": MappingProxyType(
            {"blood_count": 0.7, "lactate": 0.9, "bilirubin": 0.3, "crp": 0.6}
        ),
        "chance": MappingProxyType(
            {"blood_count": 0.65, "lactate": 0.45, "bilirubin": 0.28, "crp": 0.24}
        ),
    }
)
"""What is ordered with a draw beside the basic panel; the last is of draws without habit."""

RATE = 2.4
"""Draws a day without habit, about as many as with it."""


@dataclass(frozen=True, eq=False)
class Draws:
    """What was measured in which hour, and how far into the hour.

    Attributes:
        measured: [patients, HOURS, items].
        minute: share of the hour that has passed, one a draw, [patients, HOURS].
    """

    measured: NDArray[np.bool_]
    minute: Floats


def draws(root: Stream, names: Sequence[str], of: Bodies, dial: float, later: int = 0) -> Draws:
    """Return the draws of these patients.

    Each draw by habit is made with chance `dial`, each without with the rest. What is drawn at random
    for one dial is drawn for all, so that two dials differ in nothing but this.
    """
    n = len(names)
    luck = uniforms(root.child("draws"), names, 4 * HOURS + 16).reshape(n, -1)
    hour, day = luck[:, : 4 * HOURS].reshape(n, 4, HOURS), luck[:, 4 * HOURS :]
    orders = uniforms(root.child("orders"), names, HOURS * len(PANELS)).reshape(
        n, HOURS, len(PANELS)
    )
    clock = (np.arange(HOURS) - later) % 24
    night = (clock >= NIGHT[0]) | (clock < NIGHT[1])
    kinds = {
        "round": _daily(day[:, :6], ROUND, ROUNDS_KEPT, later),
        "check": _daily(day[:, 6:12], CHECKS, CHECKED, later),
        "extra": _worry(of, day[:, 12:15]) & night & (hour[:, 0] < EXTRA),
    }
    chosen = hour[:, 1] < dial
    habit = np.zeros((n, HOURS), np.bool_)
    measured = np.zeros((n, HOURS, len(ITEMS)), np.bool_)
    for kind, made in kinds.items():
        fresh = made & ~habit & chosen
        habit |= made
        _order(measured, fresh, orders, ORDERS[kind])
    chance = (hour[:, 2] < RATE / 24) & ~chosen
    _order(measured, chance, orders, ORDERS["chance"])
    inside = np.arange(HOURS) + 1
    there = (inside > of.start[:, None]) & (inside <= of.end[:, None])
    measured &= there[:, :, None]
    return Draws(measured, hour[:, 3])


def charted(root: Stream, names: Sequence[str], of: Bodies) -> NDArray[np.bool_]:
    """Return in which hours nurses charted, on average every third, [patients, HOURS]."""
    inside = np.arange(HOURS) + 1
    there = (inside > of.start[:, None]) & (inside <= of.end[:, None])
    return (uniforms(root.child("charted"), names, HOURS) < 1 / 3) & there


def errors(root: Stream, names: Sequence[str], values: Floats) -> Floats:
    """Return the values with errors of measurement: a few per cent in a laboratory, more at a bed."""
    noise = normals(root.child("errors"), names, HOURS * len(ITEMS)).reshape(values.shape)
    size = np.asarray([_ERROR[item] for item in ITEMS])
    return values * np.exp(size * noise)


_ERROR = MappingProxyType(
    {
        **dict.fromkeys(LABS, 0.05),
        "creatinine": 0.025,
        "sodium": 0.012,
        "chloride": 0.015,
        "glucose": 0.2,
        "lactate": 0.3,
        "crp": 0.4,
        **dict.fromkeys(CHARTED, 0.07),
        "urine_output": 0.3,
    }
)


def _daily(luck: Floats, span: tuple[int, int], kept: float, later: int) -> NDArray[np.bool_]:
    """Return one draw a day in an hour of the span; one number says whether and when."""
    out = np.zeros((len(luck), HOURS), np.bool_)
    first, width = span[0] + later, span[1]
    # A later ward's last hours fall on the first day, as if it had been so the day before.
    for day in range(luck.shape[1]):
        rows = np.flatnonzero(luck[:, day] < kept)
        at = (24 * day + first + (luck[rows, day] / kept * width).astype(np.intp)) % HOURS
        out[rows, at] = True
    return out


def _worry(of: Bodies, luck: Floats) -> NDArray[np.bool_]:
    seen = (luck[:, 0] < NOTICED)[:, None] & (of.illness > WORRIED_ABOVE)
    late = np.zeros_like(seen)
    late[:, 2:] = seen[:, :-2]
    since = np.arange(HOURS) - (of.start + luck[:, 2] * 72)[:, None]
    return late | ((luck[:, 1] < IN_VAIN)[:, None] & (since >= 0) & (since < 30))


def _order(measured: NDArray[np.bool_], made: NDArray[np.bool_], luck: Floats, orders: Mapping[str, float]) -> None:  # fmt: skip
    for at, (panel, items) in enumerate(PANELS.items()):
        ordered = made if panel == "basic" else made & (luck[:, :, at] < orders[panel])
        for item in items:
            measured[:, :, ITEMS.index(item)] |= ordered
