"""The EyePACS set of Kaggle's competition "Diabetic Retinopathy Detection" (2015)."""

import re
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

__all__ = ["EyePacs"]

_TABLES = {"train": "trainLabels.csv", "test": "retinopathy_solution.csv"}
_NAME = re.compile(r"(.+)_(left|right)")


@dataclass(frozen=True)
class EyePacs(Reader):
    """EyePACS as published on Kaggle: both eyes of a patient, graded 0 to 4.

    ``trainLabels.csv`` with the columns ``image`` and ``level`` and ``train/<image>.jpeg``; for the
    test part ``retinopathy_solution.csv``, which also has ``Usage``, and ``test/<image>.jpeg``. The
    patient is what stands before ``_left`` or ``_right``, and is the cluster; groups are ``grade``,
    ``eye`` and, for the test part, ``usage``. The set has no column for the camera. Pictures are
    large: scaled down once to a folder of the same names, they are read much faster.

    Attributes:
        root: holds the tables and folders.
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
        if self.part not in _TABLES:
            raise UsageError(one_of("part", self.part, _TABLES))
        check(self.resize, self.crop, self.positive_from)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing, or a name has no eye in it.
        """
        what = "EyePACS as Kaggle published it"
        path = place(self.root, what, _TABLES[self.part])
        table = columns(path, ("image", "level"), ("Usage",))
        found = [_NAME.fullmatch(name) for name in table["image"]]
        for name, match in zip(table["image"], found, strict=True):
            if match is None:
                raise UsageError(
                    f"'{path}' names the picture '{name}', but names end in _left or _right."
                )
        parted = [match for match in found if match is not None]
        groups = {"eye": [match[2] for match in parted]}
        if "Usage" in table:
            groups["usage"] = table["Usage"]
        return examples(
            Photographs(
                place(self.root, what, self.part),
                table["image"],
                grades(table["level"], path),
                [f"eyepacs-{name}" for name in table["image"]],
                [f"eyepacs-{match[1]}" for match in parted],
                groups,
            ),
            check(self.resize, self.crop, self.positive_from),
            self.positive_from,
            what,
        )
