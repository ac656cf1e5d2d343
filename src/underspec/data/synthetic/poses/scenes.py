"""Scenes: an object of one's own, and four factors that say how it is met."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.core.streams import Stream, stream
from underspec.data.synthetic.poses.habits import USUAL
from underspec.data.synthetic.poses.objects import CLASSES, DRAWS

__all__ = ["FACTORS", "WAYS", "Factor", "Scenes", "band", "draws", "identity", "scenes_of"]

Factor: TypeAlias = Literal["rotation", "viewpoint", "background", "light"]
FACTORS: tuple[Factor, ...] = get_args(Factor)

WAYS = 8
"""Numbers that say which way a factor goes, beside how far."""

_LOOKS = 9
_ID = re.compile(r"pose-(train|holdout)-(\d{5,})-s(\d+)-d(\d{1,3})")


@dataclass(frozen=True, eq=False)
class Scenes:
    """Scenes as draws from 0 to 1; `factors` and `look` say what becomes of them.

    Attributes:
        labels: class codes, places in `CLASSES`, [scenes].
        dial: 1 where colours and walls go by the class, 0 where they do not, [scenes].
        shape: what makes the object's mesh, [scenes, DRAWS].
        look: its colours, size and place, [scenes, 9].
        extent: factor to how far it is from the middle of what is usual, 0 to 1, [scenes].
        way: factor to what else is drawn of it, [scenes, WAYS].
    """

    labels: NDArray[np.intp]
    dial: Floats
    shape: Floats
    look: Floats
    extent: Mapping[Factor, Floats]
    way: Mapping[Factor, Floats]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.intp]) -> "Scenes":
        """Return the scenes at these positions."""
        return Scenes(
            self.labels[rows],
            self.dial[rows],
            self.shape[rows],
            self.look[rows],
            {factor: column[rows] for factor, column in self.extent.items()},
            {factor: column[rows] for factor, column in self.way.items()},
        )

    def moved(self, factor: Factor, extent: Floats, way: Floats) -> "Scenes":
        """Return the same scenes with one factor set anew and all else as it is."""
        return replace(self, extent={**self.extent, factor: extent}, way={**self.way, factor: way})


def band(severity: int) -> tuple[float, float]:
    """Return the extents of a severity: three equal parts of what is not usual, 0 for the usual."""
    if severity == 0:
        return 0.0, USUAL
    step = (1 - USUAL) / 3
    return USUAL + step * (severity - 1), USUAL + step * severity


def identity(part: str, number: int, seed: int, dial: float) -> str:
    """Return the id of an example, from which all of its scene follows."""
    return f"pose-{part}-{number:05d}-s{seed}-d{round(dial * 100)}"


def draws(source: Stream, names: Sequence[str], count: int) -> Floats:
    """Return so many numbers from 0 to 1 for each name, from the name's own part of the stream."""
    out = np.empty((len(names), count))
    for row, name in enumerate(names):
        source.example(name).random(out=out[row])
    return out


def scenes_of(ids: NDArray[np.str_]) -> Scenes:
    """Return the scenes that these ids name.

    The dial moves how far factors reach and whether colours go by the class; an object keeps its
    shape and the way its factors go at every dial.

    Raises:
        UsageError: an id is not of the pose world.
    """
    found = [(_ID.fullmatch(name), name) for name in ids.tolist()]
    strange = [name for match, name in found if match is None or int(match[4]) > 100]
    if strange:
        raise UsageError(
            f"The example '{strange[0]}' is not of the synthetic pose world, which is rendered anew from "
            f"its ids: use the reader 'synthetic_poses' for the holdout and leave its ids as they are."
        )
    matches = [match for match, _ in found if match is not None]
    part, number, seed, dial = (np.asarray([match[k] for match in matches]) for k in (1, 2, 3, 4))
    open_to = 1 - dial.astype(np.float64) / 100
    n = len(matches)
    shape, look = np.empty((n, DRAWS)), np.empty((n, _LOOKS))
    factors: dict[Factor, Floats] = {factor: np.empty((n, 1 + WAYS)) for factor in FACTORS}
    for source in np.unique(seed):
        for side in np.unique(part):
            rows = np.flatnonzero((seed == source) & (part == side))
            root = stream(int(source), "data", "poses", str(side))
            names = number[rows].tolist()
            shape[rows] = draws(root.child("shape"), names, DRAWS)
            look[rows] = draws(root.child("look"), names, _LOOKS)
            for factor, column in factors.items():
                column[rows] = draws(root.child(factor), names, 1 + WAYS)
    reach = USUAL + (1 - USUAL) * open_to
    return Scenes(
        labels=number.astype(np.intp) % len(CLASSES),
        dial=1 - open_to,
        shape=shape,
        look=look,
        extent={factor: column[:, 0] * reach for factor, column in factors.items()},
        way={factor: column[:, 1:] for factor, column in factors.items()},
    )
