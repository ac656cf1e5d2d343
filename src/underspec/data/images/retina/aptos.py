"""APTOS 2019, the set of Kaggle's competition "Blindness Detection"."""

from dataclasses import dataclass

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

__all__ = ["Aptos2019"]


@dataclass(frozen=True)
class Aptos2019(Reader):
    """APTOS 2019 as published on Kaggle: the part whose grades are public.

    ``train.csv`` with the columns ``id_code`` and ``diagnosis``, 0 to 4, and
    ``train_images/<id_code>.png``. Patients and cameras are not published: each picture counts as a
    patient of its own, so that intervals may be too narrow. Use the reader `split` to part it.

    Attributes:
        root: holds the table and the folder.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        positive_from: lowest grade that is referable; null for the five grades as classes.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    positive_from: int | None = 2
    notice: str | None = None

    def __post_init__(self) -> None:
        check(self.resize, self.crop, self.positive_from)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing.
        """
        what = "APTOS 2019"
        path = place(self.root, what, "train.csv")
        table = columns(path, ("id_code", "diagnosis"))
        return examples(
            Photographs(
                place(self.root, what, "train_images"),
                table["id_code"],
                grades(table["diagnosis"], path),
                [f"aptos-{name}" for name in table["id_code"]],
                None,
                {},
            ),
            check(self.resize, self.crop, self.positive_from),
            self.positive_from,
            what,
        )
