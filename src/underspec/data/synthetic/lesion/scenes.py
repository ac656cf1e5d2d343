"""Photographs of lesions as draws, and what follows from them: look, skin, site and artefacts."""

from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream, stream
from underspec.data.synthetic.lesion import habits

__all__ = [
    "LESION",
    "PHOTOGRAPH",
    "Habit",
    "Number",
    "Scenes",
    "identity",
    "numbers",
    "root_of",
    "scenes_of",
]

LESION = 96
"""Draws that belong to a lesion; photographs of one share them."""

PHOTOGRAPH = 128
"""Draws of one photograph."""

_GOLDEN = (5**0.5 - 1) / 2
_TWICE = 3


class Habit(NamedTuple):
    """How the pictures were collected.

    Attributes:
        skins: share of each skin type, [types].
        veils: how far lesions show otherwise on darker skin, from 0 to 1.
        artefacts: how far rulers and sites go by the class, from 0 to 1.
    """

    skins: Floats
    veils: float
    artefacts: float


@dataclass(frozen=True, eq=False)
class Scenes:
    """What is in each photograph.

    Attributes:
        labels: places in `CLASSES`, [photographs].
        skin: places in `SKIN_TYPES`, [photographs].
        tone: the same with what lies between types, [photographs].
        site: places in `SITES`, [photographs].
        hair: whether hairs cross the picture, [photographs].
        ruler: whether a ruler lies in it, [photographs].
        veil: how far the skin changes the lesion's colours, from 0 to 1, [photographs].
        look: numbers of a `Look`, [photographs, numbers].
        lesion: draws of the lesion from 0 to 1, [photographs, LESION].
        photograph: draws of the photograph, [photographs, PHOTOGRAPH].
    """

    labels: NDArray[np.intp]
    skin: NDArray[np.intp]
    tone: Floats
    site: NDArray[np.intp]
    hair: NDArray[np.bool_]
    ruler: NDArray[np.bool_]
    veil: Floats
    look: Floats
    lesion: Floats
    photograph: Floats

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.intp] | slice) -> "Scenes":
        """Return the photographs at these positions."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})


class Number(NamedTuple):
    """Lesion and photograph of an example, counted from 0."""

    lesion: int
    photograph: int


def numbers(examples: int) -> tuple[Number, ...]:
    """Return so many photographs in turn; every third lesion was taken twice."""
    found: list[Number] = []
    lesion = 0
    while len(found) < examples:
        found += [Number(lesion, at) for at in range(2 if lesion % _TWICE == _TWICE - 1 else 1)]
        lesion += 1
    return tuple(found[:examples])


def identity(part: str, number: Number) -> str:
    """Return the id of an example."""
    return f"lesion-{part}-{number.lesion:05d}-{number.photograph}"


def scenes_of(root: Stream, examples: tuple[Number, ...], habit: Habit) -> Scenes:
    """Return what is in these photographs; each hangs on its own number alone.

    A lesion is the same at every habit; only where it is, on what skin, and what lies beside it
    goes by the habit.
    """
    lesion = _drawn(root.child("lesion"), [str(one.lesion) for one in examples], LESION)
    names = [f"{one.lesion}-{one.photograph}" for one in examples]
    photograph = _drawn(root.child("photograph"), names, PHOTOGRAPH)
    place = np.array([one.lesion for one in examples])
    labels = habits.TURN[place % len(habits.TURN)]
    skin = _skins(place, habit.skins)
    by_site = (1 - habit.artefacts) / len(habits.SITES) + habit.artefacts * habits.SITE_OF
    site = _which(lesion[:, 0], by_site[labels])
    beside = (1 - habit.artefacts) * habits.RULER + habit.artefacts * habits.RULER_BESIDE
    return Scenes(
        labels=labels,
        skin=skin,
        tone=skin + 0.9 * (lesion[:, 1] - 0.5),
        site=site,
        hair=photograph[:, 0] < habits.HAIR[site],
        ruler=photograph[:, 1] < beside[labels],
        veil=habit.veils * habits.VEILS[skin],
        look=_looks(labels, lesion),
        lesion=lesion,
        photograph=photograph,
    )


def _skins(place: NDArray[np.intp], shares: Floats) -> NDArray[np.intp]:
    """Count the skin types off over the lesions of each class, by an even sequence."""
    turn = len(habits.TURN)
    # The golden ratio's multiples fill the line evenly, however many there are; each place in the
    # turn starts elsewhere.
    along = (place // turn + 1) * _GOLDEN + (place % turn) / turn
    return _which(along % 1, np.broadcast_to(shares, (len(place), len(shares))))


def _which(draw: Floats, shares: Floats) -> NDArray[np.intp]:
    ends = np.cumsum(shares, axis=1)[:, :-1]
    return np.asarray((draw[:, None] >= ends).sum(axis=1), dtype=np.intp)


def _looks(labels: NDArray[np.intp], lesion: Floats) -> Floats:
    count = habits.LOOKS.shape[1]
    own = habits.LOOKS[labels]
    # Some lesions look half like another kind: that is what makes them hard to tell.
    other = (labels + 1 + (lesion[:, 2] * (len(habits.CLASSES) - 1)).astype(np.intp)) % len(
        habits.CLASSES
    )
    alike = (0.62 * lesion[:, 3] ** 3)[:, None]
    middle = own + alike * (habits.LOOKS[other] - own)
    look: Floats = middle + habits.SHOWS * (2 * lesion[:, 4 : 4 + count] - 1)
    return np.maximum(look, 0)


def _drawn(source: Stream, names: list[str], count: int) -> Floats:
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        source.example(name).random(out=out[row])
    return out


def root_of(seed: int, part: str) -> Stream:
    """Return the stream that all draws of a part hang on."""
    return stream(seed, "data", "lesion", part)
