"""A table that says where each image is and what it shows."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.images.files import ImageFiles
from underspec.data.images.names import listed
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import inside, some

__all__ = ["Manifest"]

_CSV = {".csv": ",", ".tsv": "\t"}
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Manifest(Reader):
    """Image files that a CSV, TSV or Parquet table lists, decoded when they are needed.

    The table has one row an image. Paths are relative to the table's folder, and none may lead
    out of it.

    Attributes:
        table: ``.csv``, ``.tsv``, ``.parquet`` or ``.pq``.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        path: column of the image's path.
        label: column of the class, text or integers.
        id: column that names each example; the path where None.
        cluster: column of what was sampled as one thing, such as the patient.
        groups: columns to stratify by.
        part: the rows to read, by what stands in the column `split`.
        split: column that `part` looks at. Where the table has it, say which part; None reads all.
        classes: names of the classes in the order of their codes; sorted where None.
        channels: 3 for colours, 1 for grey levels.
        notice: licence and attribution for reports.
    """

    table: str
    resize: int | None
    crop: int
    path: str = "path"
    label: str = "label"
    id: str | None = None
    cluster: str | None = None
    groups: tuple[str, ...] = ()
    part: str | None = None
    split: str | None = "split"
    classes: tuple[str, ...] | None = None
    channels: Literal[1, 3] = 3
    notice: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", listed(self.groups or None, "groups") or ())
        object.__setattr__(self, "classes", listed(self.classes, "classes"))
        if not isinstance(self.table, str | Path):
            raise UsageError(f"'table' is a file, written as text; got {self.table!r}.")
        suffix = Path(self.table).suffix.lower()
        if suffix not in (*_CSV, *_PARQUET):
            raise UsageError(one_of("table format", suffix, (*_CSV, *_PARQUET)))
        if self.part is not None and self.split is None:
            raise UsageError("'part' needs the column it stands in: give 'split'.")
        ImageFiles((), self._preparation, self.channels)

    @property
    def _preparation(self) -> Preparation:
        return Preparation(self.resize, self.crop)

    @property
    def _file(self) -> Path:
        # Absolute, as images are read long after, when a process may be elsewhere.
        return Path(self.table).expanduser().absolute()

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no image.

        Raises:
            UsageError: there is no such table, column, part or file; a path leads out of the
                table's folder; or the columns make no data set.
        """
        table = self._part(self._read())
        paths = table[self.path].to_pylist()
        return of(
            Lazy.of(ImageFiles(self._found(paths), self._preparation, self.channels)),
            table[self.label].to_pylist(),
            paths if self.id is None else table[self.id].to_pylist(),
            None if self.cluster is None else table[self.cluster].to_pylist(),
            {name: table[name].to_pylist() for name in self.groups},
            self.classes,
        )

    def _read(self) -> Any:
        import pyarrow as pa

        path = self._file
        if not path.is_file():
            raise UsageError(f"There is no file '{self.table}'.")
        # As text, so that an id of 007 stays 007.
        texts = {self.path, self.id, self.cluster, self.split, *self.groups} - {None, self.label}
        try:
            if path.suffix.lower() in _PARQUET:
                import pyarrow.parquet

                table = pyarrow.parquet.read_table(path)
            else:
                import pyarrow.csv

                table = pyarrow.csv.read_csv(
                    path,
                    parse_options=pyarrow.csv.ParseOptions(
                        delimiter=_CSV[path.suffix.lower()], newlines_in_values=True
                    ),
                    convert_options=pyarrow.csv.ConvertOptions(
                        column_types=dict.fromkeys(texts, pa.string())
                    ),
                )
        except (pa.ArrowException, OSError, EOFError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"'{self.table}' cannot be read as a table: {why}") from None
        named = [self.path, self.label, self.id, self.cluster, *self.groups]
        named += [self.split] if self.part is not None else []
        for name in named:
            if name is not None and name not in table.column_names:
                raise UsageError(one_of(f"column of '{self.table}'", name, table.column_names))
        return table

    def _part(self, table: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute

        if self.split is None or self.split not in table.column_names:
            return table
        column = table[self.split].cast(pa.string())
        known = sorted(str(value) for value in column.unique().to_pylist())
        if self.part is None:
            raise UsageError(
                f"'{self.table}' has a column '{self.split}' with {some(known)}: say which to read with "
                f"part: ..., or split: null for all."
            )
        if self.part not in known:
            raise UsageError(one_of(f"part of '{self.table}'", self.part, known))
        return table.filter(pyarrow.compute.equal(column, self.part))

    def _found(self, paths: list[Any]) -> list[str]:
        root = self._file.parent
        odd = [i for i, path in enumerate(paths) if not isinstance(path, str) or not path]
        if odd:
            raise UsageError(
                f"'{self.table}' lacks a path in {len(odd)} of {len(paths)} rows, first in row {odd[0]} "
                f"(counted from 0)."
            )
        files = [os.path.join(root, path) for path in paths]  # noqa: PTH118 -- fast
        for folder in sorted({os.path.dirname(file) for file in files}):  # noqa: PTH120 -- fast
            inside(Path(folder), root)
        lost = [path for path, file in zip(paths, files, strict=True) if not os.path.isfile(file)]  # noqa: PTH113 -- fast
        if lost:
            raise UsageError(
                f"{len(lost)} of the {len(paths)} images that '{self.table}' names are not there: "
                f"{some(lost)}. Paths are relative to the folder of the table."
            )
        for file in files:
            if os.path.islink(file):  # noqa: PTH114 -- fast
                inside(Path(file), root)
        return files
