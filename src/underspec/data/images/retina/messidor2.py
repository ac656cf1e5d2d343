"""Messidor-2 with the adjudicated grades of Krause et al. 2018."""

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

__all__ = ["Messidor2"]

_GRADE = "adjudicated_dr_grade"
_GRADABLE = "adjudicated_gradable"
_EDEMA = "adjudicated_dme"


@dataclass(frozen=True)
class Messidor2(Reader):
    """Messidor-2: pictures from ADCIS, grades as Kaggle's "Messidor-2 DR Grades" has them.

    ``IMAGES/`` and, put beside it, ``messidor_data.csv`` with the columns ``image_id``,
    ``adjudicated_dr_grade``, ``adjudicated_dme`` and ``adjudicated_gradable``. Pictures that the
    graders could not grade are left out. Names are compared without regard to case or to what they
    end in, as copies of the set differ in both. Where ``messidor-2.csv`` lies there too, the two
    pictures of one of its lines, parted by a semicolon, are one patient's; else each picture counts
    as a patient of its own. That file's layout is known to us from descriptions only.

    Attributes:
        root: holds the tables and the folder.
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
        """Read the tables and look for the files; reads no picture.

        Raises:
            UsageError: a table, a column or a file is missing.
        """
        what = "Messidor-2 with adjudicated grades"
        path = place(self.root, what, "messidor_data.csv")
        table = columns(path, ("image_id", _GRADE), (_EDEMA, _GRADABLE))
        n = len(table["image_id"])
        gradable = table.get(_GRADABLE, ["1"] * n)
        kept = [k for k in range(n) if table[_GRADE][k] and gradable[k].removesuffix(".0") != "0"]
        if not kept:
            raise UsageError(f"'{path}' holds no picture that was graded.")
        names = [table["image_id"][k] for k in kept]
        groups = {"edema": [table[_EDEMA][k] for k in kept]} if _EDEMA in table else {}
        return examples(
            Photographs(
                place(self.root, what, "IMAGES"),
                names,
                grades([table[_GRADE][k] for k in kept], path),
                [f"messidor2-{name}" for name in names],
                _patients(path.parent / "messidor-2.csv", names),
                groups,
            ),
            check(self.resize, self.crop, self.positive_from),
            self.positive_from,
            what,
        )


def _patients(path: Path, names: list[str]) -> list[str] | None:
    if not path.is_file():
        return None
    whose = {}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        pair = [cell.strip().strip('"').lower() for cell in line.replace(",", ";").split(";")]
        whose.update(dict.fromkeys((_bare(name) for name in pair if name), pair[0]))
    return [f"messidor2-{whose.get(_bare(name.lower()), name)}" for name in names]


def _bare(name: str) -> str:
    return Path(name).stem
