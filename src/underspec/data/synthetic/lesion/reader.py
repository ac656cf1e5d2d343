"""The reader of synthetic skin lesions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.synthetic.lesion import habits
from underspec.data.synthetic.lesion.render import pictures
from underspec.data.synthetic.lesion.scenes import Habit, identity, numbers, root_of, scenes_of

__all__ = ["SyntheticLesion"]


@dataclass(frozen=True)
class SyntheticLesion(Reader):
    """Synthetic pictures of five kinds of skin lesions on six skin types, drawn by us.

    Uint8 [examples, side, side, 3]. A cluster is a lesion; every third was photographed twice. Groups:
    ``skin_type`` (I to VI, after Fitzpatrick), ``hair`` and ``ruler`` (yes or no), and ``site`` (arm,
    head, leg or trunk). No lesion is in two parts; a lesion keeps its look at every dial and on every
    skin. Classes come in fixed shares, 6 of 20 are naevi; skin types are counted off too.

    Attributes:
        part: ``train``, ``holdout``, or ``field``: collected elsewhere, for probes.
        dial: 1: a careless collection, nine of ten on types I to III, lesions that show less on darker
            skin, rulers beside melanomas, each kind at sites of its own. 0: as many of each type, all
            lesions show alike, artefacts go by nothing. In between, in between.
        examples: how many photographs; fewer are the first of more.
        skin_types: the only types photographed, as many of each; by the dial where None.
        artefacts: how far rulers and sites go by the class, from 0 to 1; the dial where None.
        side: of the pictures, in pixels, from 16 to 256.
        seed: of everything drawn.
    """

    part: Literal["train", "holdout", "field"] = "train"
    dial: float = 1.0
    examples: int = 3000
    skin_types: tuple[str, ...] | None = None
    artefacts: float | None = None
    side: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        if self.part not in habits.PARTS:
            raise UsageError(one_of("part", self.part, habits.PARTS))
        object.__setattr__(self, "skin_types", _types(self.skin_types))
        for name in ("dial", "artefacts"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if (value is not None or name == "dial") and not (number and 0 <= value <= 1):
                raise UsageError(
                    f"'{name}' of synthetic_lesion goes from 0 to 1, got {value!r}. Write 1 for a careless "
                    "collection, 0 for one without habits."
                )
        for name, low, high in (
            ("examples", len(habits.TURN), 10**6),
            ("side", 16, 256),
            ("seed", 0, 2**63 - 1),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise UsageError(f"{name} must be an integer from {low} to {high}, got {value!r}.")

    @property
    def notice(self) -> str:
        """Says that the pictures are synthetic."""
        return (
            "Synthetic: skin lesions drawn by underspec from numbers; no photographs, no patients, and no "
            "kind of lesion is as it looks in life."
        )

    def __call__(self) -> Data:
        """Draw the part."""
        root = root_of(self.seed, self.part)
        examples = numbers(self.examples)
        scenes = scenes_of(root, examples, self._habit())
        yes_no = np.array(["no", "yes"])
        return of(
            pictures(scenes, examples, root, self.side),
            scenes.labels,
            [identity(self.part, one) for one in examples],
            [f"lesion-{self.part}-{one.lesion:05d}" for one in examples],
            {
                "skin_type": np.array(habits.SKIN_TYPES)[scenes.skin],
                "hair": yes_no[scenes.hair.astype(np.intp)],
                "ruler": yes_no[scenes.ruler.astype(np.intp)],
                "site": np.array(habits.SITES)[scenes.site],
            },
            habits.CLASSES,
            counted="label",
        )

    def _habit(self) -> Habit:
        even = np.full(len(habits.SKIN_TYPES), 1 / len(habits.SKIN_TYPES))
        skins = (1 - self.dial) * even + self.dial * habits.SKIN_SHARES
        if self.skin_types is not None:
            skins = np.isin(habits.SKIN_TYPES, self.skin_types) / len(self.skin_types)
        artefacts = self.dial if self.artefacts is None else self.artefacts
        return Habit(skins, float(self.dial), float(artefacts))


def _types(given: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    types = (
        (given,)
        if isinstance(given, str)
        else tuple(given)
        if isinstance(given, Sequence)
        else (given,)
    )
    for name in types:
        if name not in habits.SKIN_TYPES:
            raise UsageError(one_of("skin type", name, habits.SKIN_TYPES))
    if not types or len(set(types)) != len(types):
        raise UsageError(f"'skin_types' names at least one, each once; got {list(types)}.")
    return types
