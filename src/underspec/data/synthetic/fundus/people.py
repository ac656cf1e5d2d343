"""People, their two eyes, and the photographs taken of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream, stream
from underspec.data.synthetic.fundus import lesions, vessels
from underspec.data.synthetic.fundus.habits import SAME_EYE, SHARES, habit

__all__ = ["EYES", "Photographs", "draws", "photographs"]

EYES = ("right", "left")
_PERSON = 10
_EYE = 48
_SHOT = 8


@dataclass(frozen=True, eq=False)
class Photographs:
    """Photographs as draws from 0 to 1, and what is known of each.

    Attributes:
        names: ids, [photographs].
        person: names of the people, [photographs].
        left: whether it is a left eye, [photographs].
        grade: 0 to 4, [photographs].
        camera: names, [photographs].
        body: what both eyes of a person share, [photographs, 10].
        eye: what is the eye's own, [photographs, 48].
        tree: its vessels, [photographs, vessels.DRAWS].
        spots: its lesions, [photographs, lesions.DRAWS].
        shot: how it was taken, [photographs, 8].
        grain: stream of the sensor's noise.
    """

    names: NDArray[np.str_]
    person: NDArray[np.str_]
    left: NDArray[np.bool_]
    grade: NDArray[np.intp]
    camera: NDArray[np.str_]
    body: Floats
    eye: Floats
    tree: Floats
    spots: Floats
    shot: Floats
    grain: Stream

    def __len__(self) -> int:
        return len(self.names)


def draws(source: Stream, names: Sequence[str], count: int) -> Floats:
    """Return so many numbers from 0 to 1 for each name, from the name's own part of the stream."""
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        source.example(name).random(out=out[row])
    return out


def photographs(
    part: str, patients: int, cameras: tuple[str, ...], dial: float, habits: float, seed: int
) -> Photographs:
    """Return a photograph of both eyes of so many people.

    Who the people are, how sick and how they look hangs on part, number and seed; the dial and the
    cameras change only who took the photographs.

    Args:
        part: which people.
        patients: how many; fewer are the first of more.
        cameras: that were in use.
        dial: only named in the ids here.
        habits: 1 where a camera is used on the sicker as the habit has it, 0 where by chance.
        seed: of everything drawn.
    """
    root = stream(seed, "data", "fundus", part)
    who = [f"{number:05d}" for number in range(patients)]
    body = draws(root.child("person"), who, _PERSON)
    worse = np.searchsorted(np.cumsum(SHARES)[:-1], body[:, 0], side="right")
    other = np.where(body[:, 1] < SAME_EYE, worse, np.maximum(worse - 1, 0))
    chance = np.cumsum(habit(cameras, habits), axis=1)[worse]
    camera = np.asarray(cameras)[(body[:, 2:3] >= chance[:, :-1]).sum(axis=1)]
    first = body[:, 3] < 0.5  # whether the right eye is the worse one
    grade = np.stack([np.where(first, worse, other), np.where(first, other, worse)], axis=1)
    eyes = [f"{name}-{eye}" for name in who for eye in EYES]
    shown = np.repeat(camera, 2)
    end = f"-s{seed}-d{round(100 * dial)}"
    return Photographs(
        names=np.asarray(
            [f"fundus-{part}-{eye}-{c}{end}" for eye, c in zip(eyes, shown.tolist(), strict=True)]
        ),
        person=np.repeat([f"fundus-{part}-{name}-s{seed}" for name in who], 2),
        left=np.tile([False, True], patients),
        grade=grade.ravel(),
        camera=shown,
        body=np.repeat(body, 2, axis=0),
        eye=draws(root.child("eye"), eyes, _EYE),
        tree=draws(root.child("vessels"), eyes, vessels.DRAWS),
        spots=draws(root.child("lesions"), eyes, lesions.DRAWS),
        shot=draws(root.child("shot"), eyes, _SHOT),
        grain=root.child("grain"),
    )
