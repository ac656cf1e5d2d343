"""IDRiD, the Indian Diabetic Retinopathy Image Dataset (Porwal et al. 2018): disease grading."""

from dataclasses import dataclass
from typing import Literal

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.retina.graded import (
    Photographs,
    check,
    columns,
    examples,
    grades,
    place,
)

__all__ = ["Idrid"]

_PARTS = {"train": ("a. Training Set", "a. IDRiD_Disease Grading_Training Labels.csv"),
          "test": ("b. Testing Set", "b. IDRiD_Disease Grading_Testing Labels.csv")}  # fmt: skip
_EDEMA = "Risk of macular edema"


@dataclass(frozen=True)
class Idrid(Reader):
    """IDRiD's part "B. Disease Grading", as IEEE DataPort publishes it.

    ``1. Original Images/a. Training Set/<image>.jpg`` and ``2. Groundtruths/a. IDRiD_Disease
    Grading_Training Labels.csv`` with the columns ``Image name``, ``Retinopathy grade`` and ``Risk
    of macular edema`` (the group ``edema``); the test part with ``b.`` alike. The set is of one
    camera, and patients are not published: each picture counts as a patient of its own. Both parts
    number pictures from 001, so that an id has its part in it.

    Attributes:
        root: ``B. Disease Grading``, or the folder that holds it.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        part: ``train`` or ``test``.
        positive_from: lowest grade that is referable; null for the five grades as classes.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    part: Literal["train", "test"] = "train"
    positive_from: int | None = 2
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        check(self.resize, self.crop, self.positive_from)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing.
        """
        what = "IDRiD's disease grading"
        pictures, labels = _PARTS[self.part]
        top = place(self.root, what)
        below = top / "B. Disease Grading"
        root = str(below if below.is_dir() else top)
        path = place(root, what, "2. Groundtruths", labels)
        table = columns(path, ("Image name", "Retinopathy grade"), (_EDEMA,))
        return examples(
            Photographs(
                place(root, what, "1. Original Images", pictures),
                table["Image name"],
                grades(table["Retinopathy grade"], path),
                [f"idrid-{self.part}-{name}" for name in table["Image name"]],
                None,
                {"edema": table[_EDEMA]} if _EDEMA in table else {},
            ),
            check(self.resize, self.crop, self.positive_from),
            self.positive_from,
            what,
        )
