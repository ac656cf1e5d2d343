"""Fitzpatrick17k: clinical pictures from two atlases, with skin types."""

from dataclasses import dataclass
from typing import Literal

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.skin.photographs import Table, examples, first_there, prepared

__all__ = ["Fitzpatrick17k"]

_LABELS = ("three_partition_label", "nine_partition_label", "label")
_TYPES = {
    "1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "-1": "unknown", "": "unknown",
}  # fmt: skip


@dataclass(frozen=True)
class Fitzpatrick17k(Reader):
    """Fitzpatrick17k as published: a table with addresses, and the pictures that were fetched from them.

    ``fitzpatrick17k.csv`` with the columns ``md5hash``, ``fitzpatrick_scale`` (1 to 6, -1 unknown) and
    ``label``, ``nine_partition_label`` or ``three_partition_label``; pictures ``<md5hash>.jpg`` below the
    root. Groups: ``skin_type`` (I to VI, or unknown) and, where the table has it, ``qc``. The table
    names no patients, so that each picture counts as one.

    Attributes:
        root: holds the table and, somewhere below, the pictures.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        label: column of the class.
        missing: leave out pictures that are not there: not all addresses of the table still answer.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    label: Literal["three_partition_label", "nine_partition_label", "label"] = (
        "three_partition_label"
    )
    missing: bool = False
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.label not in _LABELS:
            raise UsageError(one_of("label of fitzpatrick17k", self.label, _LABELS))
        prepared(self.resize, self.crop)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing, or a skin type is none.
        """
        what = "Fitzpatrick17k"
        table = Table(first_there(self.root, what, ("fitzpatrick17k.csv",)))
        types = []
        for row, text in enumerate(table.column("fitzpatrick_scale"), start=2):
            if text.removesuffix(".0") not in _TYPES:
                raise UsageError(
                    f"Row {row} of '{table.path}' has the skin type '{text}'; they go from 1 to 6, -1 for unknown."
                )
            types.append(_TYPES[text.removesuffix(".0")])
        return examples(
            self.root,
            what,
            prepared(self.resize, self.crop),
            names=table.column("md5hash"),
            labels=table.column(self.label),
            classes=None,
            groups={"skin_type": types, **table.groups("qc")},
            missing=self.missing,
        )
