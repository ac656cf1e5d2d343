"""DDI: Diverse Dermatology Images, with skin tones in three pairs of types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.skin.photographs import Table, examples, first_there, prepared

__all__ = ["Ddi"]

_T = TypeVar("_T")

CLASSES = ("benign", "malignant")
_TONES = {"12": "I-II", "34": "III-IV", "56": "V-VI"}
_MALIGNANT = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


@dataclass(frozen=True)
class Ddi(Reader):
    """DDI as published: a table, and pictures beside it or in a folder ``images``.

    ``ddi_metadata.csv`` with the columns ``DDI_file`` (such as ``000001.png``), ``skin_tone`` (12, 34 or
    56), ``malignant`` (true or false; in another version ``malignancy(malig=1)``) and ``disease``.
    Groups: ``skin_type`` (I-II, III-IV, V-VI) and, where the table has it, ``disease``. The table names
    no patients that we know of, so that each picture counts as one.

    Attributes:
        root: holds the table and the pictures.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    notice: str | None = None

    def __post_init__(self) -> None:
        prepared(self.resize, self.crop)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing, or a value is none of those named.
        """
        what = "DDI"
        table = Table(first_there(self.root, what, ("ddi_metadata.csv",)))
        other = "malignancy(malig=1)"
        column = (
            other if other in table.columns and "malignant" not in table.columns else "malignant"
        )
        malignant = _read(table, column, _MALIGNANT, str.lower)
        return examples(
            self.root,
            what,
            prepared(self.resize, self.crop),
            names=table.column("DDI_file"),
            labels=[CLASSES[bad] for bad in malignant],
            classes=CLASSES,
            groups={"skin_type": _read(table, "skin_tone", _TONES, str), **table.groups("disease")},
        )


def _read(
    table: Table, column: str, known: Mapping[str, _T], as_known: Callable[[str], str]
) -> list[_T]:
    made = []
    for row, text in enumerate(table.column(column), start=2):
        if as_known(text) not in known:
            raise UsageError(
                f"Row {row} of '{table.path}' has '{text}' in '{column}'; known are {', '.join(known)}."
            )
        made.append(known[as_known(text)])
    return made
