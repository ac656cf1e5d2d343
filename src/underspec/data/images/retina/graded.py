"""What the sets have in common: a table of names and grades, a folder of pictures, examples of both."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import EXTENSIONS, folder, inside, some

__all__ = ["CLASSES", "GRADES", "Photographs", "check", "columns", "examples", "grades", "place"]

CLASSES = ("not referable", "referable")
GRADES = ("0", "1", "2", "3", "4")


class Photographs(NamedTuple):
    """Pictures with their grades, all in one order.

    Attributes:
        folder: holds the files.
        names: of the files, with or without what they end in.
        grades: 0 to 4.
        ids: one unique text a picture.
        patients: whose eye it is; the ids where None.
        groups: further columns to stratify by.
    """

    folder: Path
    names: Sequence[str]
    grades: Sequence[int]
    ids: Sequence[str]
    patients: Sequence[str] | None
    groups: Mapping[str, Sequence[str]]


def check(resize: int | None, crop: int, positive_from: int | None) -> Preparation:
    """Return the preparation of the pictures, and refuse what no reader of graded pictures takes.

    Raises:
        UsageError: pixels or the grade are no sensible numbers.
    """
    known = (None, 1, 2, 3, 4)
    if isinstance(positive_from, bool) or positive_from not in known:
        raise UsageError(
            f"positive_from is the lowest grade that counts as referable, 1 to 4, or null for the grades as "
            f"classes; got {positive_from!r}."
        )
    return Preparation(resize, crop)


def place(root: str, what: str, *below: str) -> Path:
    """Return a file or folder below the root that is there.

    Raises:
        UsageError: there is none, or it leads out of the root.
    """
    top = folder(root, what)
    path = top.joinpath(*below)
    if not path.exists():
        here = sorted(entry.name for entry in top.iterdir() if not entry.name.startswith("."))
        raise UsageError(
            f"'{root}' lacks {'/'.join(below)!r}, which {what} has; it holds {some(here) if here else 'nothing'}."
        )
    return inside(path, top)


def columns(
    path: Path, needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Return columns of a CSV file as texts; those of `optional` only where they are there.

    Raises:
        UsageError: the file is no text, has no rows, lacks a column, or a row of it ends early.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"'{path}' cannot be read as a table: {error}") from None
    if len(rows) < 2:
        raise UsageError(f"'{path}' holds no rows.")
    head = [name.strip() for name in rows[0]]
    for name in needed:
        if name not in head:
            raise UsageError(one_of(f"column of '{path}'", name, [name for name in head if name]))
    wanted = [name for name in (*needed, *optional) if name in head]
    at = [head.index(name) for name in wanted]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) <= max(at):
            raise UsageError(f"Row {number} of '{path}' ends before its column '{head[len(row)]}'.")
    return {name: [row[k].strip() for row in rows[1:]] for name, k in zip(wanted, at, strict=True)}


def grades(texts: Sequence[str], path: Path) -> list[int]:
    """Return grades as numbers.

    Raises:
        UsageError: one is none of 0 to 4.
    """
    made = []
    for row, text in enumerate(texts, start=2):
        if text.removesuffix(".0") not in GRADES:
            raise UsageError(f"'{path}' has the grade {text!r} in row {row}; grades are 0 to 4.")
        made.append(int(text.removesuffix(".0")))
    return made


def examples(
    found: Photographs, preparation: Preparation, positive_from: int | None, what: str
) -> Data:
    """Return the pictures as examples, decoded when they are needed; reads no picture.

    Args:
        found: names, grades and what else is known.
        preparation: from a picture to the square that a model sees.
        positive_from: lowest grade that is referable; None for the grades as classes.
        what: the set, for messages.

    Raises:
        UsageError: a file is missing, or two have one name.
    """
    files = _files(found.folder)
    # Files that somebody scaled down may end otherwise; the name is what counts.
    paths = [files.get(_stem(name)) for name in found.names]
    lost = [name for name, path in zip(found.names, paths, strict=True) if path is None]
    if lost:
        raise UsageError(
            f"{len(lost)} of the {len(paths)} pictures that the table of {what} names are not in "
            f"'{found.folder}': {some(lost)}."
        )
    level = np.asarray(found.grades, dtype=np.int32)
    return of(
        Lazy.of(ImageFiles([path for path in paths if path is not None], preparation)),
        level if positive_from is None else (level >= positive_from).astype(np.int32),
        found.ids,
        found.patients,
        {"grade": level.astype(np.str_), **found.groups},
        GRADES if positive_from is None else CLASSES,
    )


def _stem(name: str) -> str:
    stem, end = os.path.splitext(name)  # noqa: PTH122 -- a name with dots in it is no path
    return (stem if end.lower() in EXTENSIONS else name).lower()


def _files(where: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    with os.scandir(where) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(".") or not entry.name.lower().endswith(EXTENSIONS):
                continue
            if entry.is_symlink():
                inside(Path(entry.path), where)
            stem = _stem(entry.name)
            if stem in files:
                raise UsageError(
                    f"'{where}' holds both '{Path(files[stem]).name}' and '{entry.name}': keep one of the two."
                )
            files[stem] = entry.path
    return files
