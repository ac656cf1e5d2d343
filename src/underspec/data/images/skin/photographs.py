"""What the sets have in common: a table, pictures somewhere below one folder, examples of both."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import EXTENSIONS, folder, inside, some

__all__ = ["Table", "examples", "first_there", "prepared", "there"]


class Table:
    """A CSV file, every cell a text.

    Raises:
        UsageError: the file cannot be read or has no rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"'{path}' cannot be read as a table: {error}") from None
        if len(rows) < 2:
            raise UsageError(f"'{path}' holds no rows.")
        self.columns = [name.strip() for name in rows[0]]
        self._rows = rows[1:]

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, name: str) -> list[str]:
        """Return a column, one text a row.

        Raises:
            UsageError: there is none of that name, or a row ends before it.
        """
        if name not in self.columns:
            raise UsageError(
                one_of(f"column of '{self.path}'", name, [c for c in self.columns if c])
            )
        at = self.columns.index(name)
        for number, row in enumerate(self._rows, start=2):
            if len(row) <= at:
                raise UsageError(f"Row {number} of '{self.path}' ends before its column '{name}'.")
        return [row[at].strip() for row in self._rows]

    def groups(self, *names: str) -> dict[str, list[str]]:
        """Return those of these columns that are there; where a row has no value, ``missing``."""
        return {
            name: [text or "missing" for text in self.column(name)]
            for name in names
            if name in self.columns
        }


def prepared(resize: int | None, crop: int) -> Preparation:
    """Return the preparation of the pictures.

    Raises:
        UsageError: the pixels are no sensible numbers.
    """
    return Preparation(resize, crop)


def there(root: str, what: str, patterns: Sequence[str]) -> Path | None:
    """Return the one file that matches the first of these patterns that any file matches, else None.

    Raises:
        UsageError: several match a pattern, or it leads out of the root.
    """
    top = folder(root, what)
    for pattern in patterns:
        found = sorted(path for path in top.glob(pattern) if path.is_file())
        if len(found) > 1:
            raise UsageError(
                f"'{root}' holds {some([path.name for path in found])}, and {what} is read from one: keep one of "
                "them there."
            )
        if found:
            return inside(found[0], top)
    return None


def first_there(root: str, what: str, patterns: Sequence[str]) -> Path:
    """Return what `there` does, and refuse a root without it.

    Raises:
        UsageError: as `there` does, and where no file matches.
    """
    path = there(root, what, patterns)
    if path is not None:
        return path
    here = sorted(e.name for e in folder(root, what).iterdir() if not e.name.startswith("."))
    raise UsageError(
        f"'{root}' lacks {patterns[0]}, the table of {what}; it holds {some(here) if here else 'nothing'}."
    )


def examples(
    root: str,
    what: str,
    preparation: Preparation,
    *,
    names: Sequence[str],
    labels: Sequence[str],
    classes: Sequence[str] | None,
    clusters: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    missing: bool = False,
) -> Data:
    """Return the pictures as examples, decoded when they are needed; reads no picture.

    Pictures are looked for in the root and in the folders below it, two deep, by their names without
    what those end in.

    Args:
        root: where everything lies.
        what: the set, for messages.
        preparation: from a picture to the square that a model sees.
        names: of the pictures, with or without what they end in.
        labels: class of each, as text.
        classes: names of the classes in the order of their codes; those that occur, sorted, where None.
        clusters: what was sampled as one thing; the pictures where None.
        groups: columns to stratify by.
        missing: whether pictures that are not there are left out rather than refused.

    Raises:
        UsageError: a picture is missing, or two have one name.
    """
    files = _files(folder(root, what))
    paths = [files.get(_stem(name)) for name in names]
    lost = [name for name, path in zip(names, paths, strict=True) if path is None]
    if lost and (not missing or len(lost) == len(names)):
        raise UsageError(
            f"{len(lost)} of the {len(names)} pictures that the table of {what} names are not below '{root}': "
            f"{some(lost)}."
        )
    rows = [row for row, path in enumerate(paths) if path is not None]
    return of(
        Lazy.of(ImageFiles([path for path in paths if path is not None], preparation)),
        [labels[row] for row in rows],
        [_stem(names[row]) for row in rows],
        None if clusters is None else [clusters[row] for row in rows],
        {name: [column[row] for row in rows] for name, column in (groups or {}).items()},
        classes,
    )


def _stem(name: str) -> str:
    stem, end = os.path.splitext(name)  # noqa: PTH122 -- a name with dots in it is no path
    return stem if end.lower() in EXTENSIONS else name


def _files(top: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for where in (
        top,
        *_folders(top),
        *(deep for place in _folders(top) for deep in _folders(place)),
    ):
        for entry in sorted(where.iterdir(), key=lambda entry: entry.name):
            if entry.name.startswith(".") or not entry.name.lower().endswith(EXTENSIONS):
                continue
            if entry.is_symlink():
                inside(entry, top)
            stem = _stem(entry.name)
            if stem in files:
                raise UsageError(
                    f"'{files[stem]}' and '{entry}' are pictures of one name: keep one of the two."
                )
            files[stem] = str(entry)
    return files


def _folders(where: Path) -> list[Path]:
    return sorted(
        path
        for path in where.iterdir()
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    )
