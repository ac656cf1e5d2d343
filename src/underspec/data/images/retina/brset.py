"""BRSET, the Brazilian Multilabel Ophthalmological Dataset (Nakayama et al. 2024)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from underspec.core.errors import UsageError
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

__all__ = ["Brset"]

_TABLES = ("labels_brset.csv", "labels.csv")
_WORDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "patient_sex": ("sex", {"1": "male", "2": "female"}),
    "exam_eye": ("eye", {"1": "right", "2": "left"}),
    "quality": ("quality", {}),
}
_BANDS = ((40, "under 40"), (50, "40 to 49"), (60, "50 to 59"), (70, "60 to 69"))


@dataclass(frozen=True)
class Brset(Reader):
    """BRSET as PhysioNet publishes it: two cameras, patients with age and sex.

    ``fundus_photos/<image_id>.jpg`` and ``labels_brset.csv`` (in version 1.0.2 ``labels.csv``) with
    the columns ``image_id``, ``patient_id``, ``camera`` and ``DR_ICDR``, 0 to 4. Groups are
    ``camera``, ``grade`` and, as far as their columns are there, ``sex`` (``patient_sex``), ``age``
    (``patient_age``, in bands), ``eye`` (``exam_eye``) and ``quality``. The cluster is the patient.
    To hold a camera out, use the reader `where`. The set asks for credentials, and its columns are
    known to us from its page and from code that reads it; versions before 1.0.2 are said to have
    mistaken eyes in ``exam_eye``.

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
            UsageError: the table, a column or a file is missing, or an age is no number.
        """
        what = "BRSET"
        name = next((name for name in _TABLES if (Path(self.root).expanduser() / name).is_file()), _TABLES[0])  # fmt: skip
        path = place(self.root, what, name)
        table = columns(
            path, ("image_id", "patient_id", "camera", "DR_ICDR"), ("patient_age", *_WORDS)
        )
        groups = {"camera": table["camera"]}
        for column, (group, words) in _WORDS.items():
            if column in table:
                groups[group] = [words.get(_whole(text), text) for text in table[column]]
        if "patient_age" in table:
            groups["age"] = [_band(text, path) for text in table["patient_age"]]
        return examples(
            Photographs(
                place(self.root, what, "fundus_photos"),
                table["image_id"],
                grades(table["DR_ICDR"], path),
                [f"brset-{name}" for name in table["image_id"]],
                [f"brset-{_whole(name)}" for name in table["patient_id"]],
                groups,
            ),
            check(self.resize, self.crop, self.positive_from),
            self.positive_from,
            what,
        )


def _whole(text: str) -> str:
    return text.removesuffix(".0")


def _band(text: str, path: Path) -> str:
    if not text or text.lower() in ("nan", "na"):
        return ""  # the group of what is missing
    try:
        years = float(text)
    except ValueError:
        raise UsageError(f"'{path}' has the age {text!r}, which is no number.") from None
    return next((name for end, name in _BANDS if years < end), "70 and over")
