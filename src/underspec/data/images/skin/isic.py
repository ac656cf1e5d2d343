"""The ISIC challenges of 2018 (task 3) and 2019: one column a class."""

from dataclasses import dataclass

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.skin.photographs import (
    Table,
    examples,
    first_there,
    prepared,
    there,
)

__all__ = ["Isic"]

_KNOWN = ("MEL", "NV", "BCC", "AK", "AKIEC", "BKL", "DF", "VASC", "SCC", "UNK")
_GROUPS = ("sex", "anatom_site_general")


@dataclass(frozen=True)
class Isic(Reader):
    """An ISIC challenge as published: a table of truths, one of facts, and pictures.

    ``*_GroundTruth.csv`` with the column ``image`` and one column a class (``MEL``, ``NV``, ``BCC``,
    ``AK`` or ``AKIEC``, ``BKL``, ``DF``, ``VASC``, ``SCC``, ``UNK``), of which one is 1; a class that no
    picture has is left out, and other columns are not looked at. Pictures ``<image>.jpg`` lie below
    the root. The facts are ``*_Metadata.csv`` (2019: ``image``, ``sex``, ``anatom_site_general``,
    ``lesion_id``) or ``*_LesionGroupings.csv`` (2018: ``image``, ``lesion_id``), where there. A
    cluster is a lesion where it is known, else the picture.

    The column ``lesion_id`` of 2018 is known to us from code that reads it, not from the file.

    Attributes:
        root: holds the tables and, somewhere below, the pictures.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        truth: pattern of the table of truths, such as that of another part.
        facts: pattern of the table of facts; none is read where no file matches.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    truth: str = "*Training_GroundTruth.csv"
    facts: str = "*Training_Metadata.csv"
    notice: str | None = None

    def __post_init__(self) -> None:
        prepared(self.resize, self.crop)

    def __call__(self) -> Data:
        """Read the tables and look for the files; reads no picture.

        Raises:
            UsageError: the table of truths, a column or a file is missing, or a picture has not one
                class.
        """
        what = "ISIC"
        truth = Table(first_there(self.root, what, (self.truth, f"*/{self.truth}")))
        names = truth.column("image")
        labels = _labels(truth, names)
        clusters, groups = names, {}
        facts = self._facts(what)
        if facts is not None:
            place = {name: row for row, name in enumerate(facts.column("image"))}
            lost = [name for name in names if name not in place]
            if lost:
                raise UsageError(
                    f"'{facts.path}' lacks {len(lost)} of the {len(names)} pictures of '{truth.path}', the first "
                    f"'{lost[0]}': the two tables belong to different parts."
                )
            rows = [place[name] for name in names]
            if "lesion_id" in facts.columns:
                lesions = facts.column("lesion_id")
                clusters = [lesions[row] or name for row, name in zip(rows, names, strict=True)]
            groups = {
                name: [column[row] for row in rows]
                for name, column in facts.groups(*_GROUPS).items()
            }
        return examples(
            self.root,
            what,
            prepared(self.resize, self.crop),
            names=names,
            labels=labels,
            classes=[name for name in _KNOWN if name in labels],
            clusters=clusters,
            groups=groups,
        )

    def _facts(self, what: str) -> Table | None:
        path = there(self.root, what, (self.facts, f"*/{self.facts}", "*LesionGroupings.csv"))
        return None if path is None else Table(path)


def _labels(truth: Table, names: list[str]) -> list[str]:
    classes = [name for name in _KNOWN if name in truth.columns]
    if len(classes) < 2:
        raise UsageError(
            f"'{truth.path}' has no columns of classes ({', '.join(_KNOWN)}); it has {', '.join(truth.columns)}."
        )
    marks = [truth.column(name) for name in classes]
    labels = []
    for row, name in enumerate(names):
        own = [
            one for one, column in zip(classes, marks, strict=True) if column[row] in ("1", "1.0")
        ]
        if len(own) != 1:
            raise UsageError(
                f"In '{truth.path}' the picture '{name}' has {len(own)} classes: one column of each row is 1."
            )
        labels += own
    return labels
