"""The reader of synthetic fundus photographs."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.synthetic.fundus.cameras import CAMERAS
from underspec.data.synthetic.fundus.habits import REFERABLE
from underspec.data.synthetic.fundus.people import EYES, Photographs, photographs
from underspec.data.synthetic.fundus.photograph import photographed
from underspec.data.synthetic.fundus.retina import retinas

__all__ = ["CLASSES", "SyntheticFundus", "pictures"]

CLASSES = ("not referable", "referable")
_PARTS = ("train", "holdout", "field", "before")
_LABELS = ("referable", "eye")
_AT_A_TIME = 32


@dataclass(frozen=True)
class SyntheticFundus(Reader):
    """Synthetic photographs of the back of the eye, with diabetic retinopathy of grades 0 to 4.

    Uint8 [examples, side, side, 3], two eyes a patient, drawn by us from parametric vessels, disc,
    macula and lesions, and seen through one of five parametric cameras. An example's groups are
    ``camera`` and ``grade``, its cluster the patient. An id such as
    ``fundus-holdout-00042-left-c-s0-d100`` names part, patient, eye, camera, seed and dial (in
    hundredths). Part, patient and seed decide who the patient is and how sick; the dial and
    `cameras` only who took the photograph.

    Attributes:
        part: ``train``, ``holdout``, ``field`` or ``before``: four sets of people.
        dial: 1: cameras differ, and the sicker are seen by those of the clinic, as in a careless
            lab. 0: all cameras are alike, and used by chance. In between, in between. In hundredths.
        patients: how many, two photographs each; fewer are the first of more.
        cameras: those in use, out of ``a`` to ``e``. The habit is about ``a`` and ``b``
            (screening), ``c`` and ``d`` (clinic); ``e`` has none.
        side: of the pictures, in pixels, a multiple of 8 from 32 to 128.
        seed: of everything drawn.
        habit: how far the camera goes by the grade; as `dial` says where None.
        label: ``referable`` (grade 2 and above), or ``eye`` (right or left), a task that needs no
            grading.
    """

    part: Literal["train", "holdout", "field", "before"] = "train"
    dial: float = 1.0
    patients: int = 1500
    cameras: tuple[str, ...] = ("a", "b", "c", "d")
    side: int = 64
    seed: int = 0
    habit: float | None = None
    label: Literal["referable", "eye"] = "referable"

    def __post_init__(self) -> None:
        given: Any = self.cameras
        cameras = (given,) if isinstance(given, str) else tuple(given)
        object.__setattr__(self, "cameras", cameras)
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        if self.label not in _LABELS:
            raise UsageError(one_of("label", self.label, _LABELS))
        for name in ("dial", "habit"):
            value = getattr(self, name)
            if value is None and name == "habit":
                continue
            if not 0 <= value <= 1 or abs(value * 100 - round(value * 100)) > 1e-9:
                raise UsageError(
                    f"The {name} goes from 0 to 1 in hundredths, got {value}. Write {name}: 1 for the careless "
                    f"lab, {name}: 0 for none of it."
                )
        for camera in cameras:
            if camera not in CAMERAS:
                raise UsageError(one_of("camera", camera, CAMERAS))
        if not cameras or len(set(cameras)) < len(cameras):
            raise UsageError(f"cameras must name at least one, each once; got {list(cameras)}.")
        for name, low, high in (("patients", 5, 10**6), ("side", 32, 128), ("seed", 0, 2**63 - 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise UsageError(f"{name} must be an integer from {low} to {high}, got {value!r}.")
        if self.side % 8:
            raise UsageError(f"side must be a multiple of 8, got {self.side}.")

    @property
    def notice(self) -> str:
        """Says that the pictures are synthetic."""
        return (
            "Synthetic: fundus photographs drawn by underspec from parametric vessels, lesions and cameras; "
            "no person's eye."
        )

    def __call__(self) -> Data:
        """Draw the part; the last few that a process drew are remembered."""
        some = self.people()
        referred = some.grade >= REFERABLE
        return of(
            _remembered(self).copy(),
            (some.left if self.label == "eye" else referred).astype(np.int32),
            some.names,
            some.person,
            {"camera": some.camera, "grade": some.grade.astype(np.str_)},
            EYES if self.label == "eye" else CLASSES,
        )

    def people(self) -> Photographs:
        """Return who is photographed, how sick they are, and by which camera; draws no picture."""
        habits = self.dial if self.habit is None else self.habit
        return photographs(self.part, self.patients, self.cameras, self.dial, habits, self.seed)


@lru_cache(maxsize=3)
def _remembered(reader: SyntheticFundus) -> NDArray[np.uint8]:
    # A study asks for the same ones for a checksum, for notes and for each block of variants.
    return pictures(reader.people(), reader.dial, reader.side)


def pictures(some: Photographs, dial: float, side: int) -> NDArray[np.uint8]:
    """Return the photographs, uint8 [photographs, side, side, 3], some at a time."""
    out = np.empty((len(some), side, side, 3), np.uint8)
    for start in range(0, len(some), _AT_A_TIME):
        rows = slice(start, start + _AT_A_TIME)
        part = replace(
            some,
            **{
                name: getattr(some, name)[rows]
                for name in some.__dataclass_fields__
                if name != "grain"
            },
        )
        out[rows] = photographed(retinas(part, side), part, dial)
    return out
