"""Lesions by grade, and what looks like them and is none."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.data.synthetic.fundus.habits import COUNTS

__all__ = ["DRAWS", "REACH", "Spots", "spots"]


class _Kind(NamedTuple):
    """What is drawn of a kind.

    Attributes:
        most: how many there can be.
        small: spread of the smallest, in half-fields.
        large: spread of the largest.
        faint: height of the faintest, in optical density, or cover where it is pale.
        strong: height of the strongest.
        away: distance from the macula within which they lie, in half-fields.
        pale: whether they are lighter than the ground.
    """

    most: int
    small: float
    large: float
    faint: float
    strong: float
    away: float
    pale: bool


_KINDS: Mapping[str, _Kind] = {
    "microaneurysms": _Kind(14, 0.012, 0.020, 0.5, 1.1, 0.85, False),
    "haemorrhages": _Kind(15, 0.020, 0.050, 0.5, 1.2, 0.95, False),
    "exudates": _Kind(9, 0.014, 0.034, 0.5, 1.4, 0.60, True),
    "patches": _Kind(3, 0.050, 0.085, 0.35, 0.8, 0.80, True),
    # Of age, not of diabetes: drusen are paler and softer than exudates, pigment than bleedings.
    "drusen": _Kind(8, 0.016, 0.034, 0.15, 0.5, 0.50, True),
    "pigment": _Kind(4, 0.014, 0.030, 0.2, 0.6, 0.95, False),
}
_PER = 5  # draws a spot
DRAWS = len(_KINDS) + _PER * sum(kind.most for kind in _KINDS.values())
REACH = max(kind.large for kind in _KINDS.values())
_OLD = 0.35  # share of people with drusen


class Spots(NamedTuple):
    """Spots of all eyes, ascending by eye.

    Attributes:
        eye: place of the eye.
        x: of the middle, in half-fields.
        y: of the middle.
        spread: standard deviation, in half-fields.
        amount: height times area.
        pale: whether it covers the ground with pale matter, rather than darken it.
    """

    eye: NDArray[np.intp]
    x: Floats
    y: Floats
    spread: Floats
    amount: Floats
    pale: NDArray[np.bool_]

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Spots":
        """Return the spots at these positions, or at a mask."""
        return Spots(
            self.eye[rows],
            self.x[rows],
            self.y[rows],
            self.spread[rows],
            self.amount[rows],
            self.pale[rows],
        )


def spots(draws: Floats, grade: NDArray[np.intp], age: Floats, macula: Floats) -> Spots:
    """Return the spots of right eyes.

    Args:
        draws: from 0 to 1, [eyes, DRAWS].
        grade: 0 to 4, [eyes].
        age: from 0 to 1, [eyes]; the old have drusen.
        macula: x and y of its middle, [eyes, 2].
    """
    n, start = len(draws), len(_KINDS)
    parts: list[Spots] = []
    for place, (name, kind) in enumerate(_KINDS.items()):
        own = draws[:, start : start + _PER * kind.most].reshape(n, kind.most, _PER)
        start += _PER * kind.most
        if name in COUNTS:
            low, high = np.asarray(COUNTS[name])[grade].T
        else:
            low = np.zeros(n)
            high = np.where(age < _OLD, 8.0, 0.4) if name == "drusen" else np.full(n, 4.0)
        count = np.floor(low + (high - low) * draws[:, place])
        there = np.arange(kind.most) < count[:, None]
        eye, _ = np.nonzero(there)
        u = own[there]
        spread = kind.small + (kind.large - kind.small) * u[:, 0] ** 2
        height = kind.faint + (kind.strong - kind.faint) * u[:, 1]
        pale = np.full(len(eye), kind.pale)
        if name == "patches":  # at grade 4 every second one is a bleeding before the retina
            bleeds = (grade[eye] == 4) & (u[:, 4] < 0.5)
            pale &= ~bleeds
            height = np.where(bleeds, 1.6 * height, height)
        angle, far = 2 * np.pi * u[:, 2], kind.away * np.sqrt(u[:, 3])
        x = macula[eye, 0] + far * np.cos(angle)
        y = macula[eye, 1] + far * np.sin(angle)
        parts.append(Spots(eye, x, y, spread, height * 2 * np.pi * spread**2, pale))
    made = Spots(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return made.only(np.argsort(made.eye, kind="stable"))
