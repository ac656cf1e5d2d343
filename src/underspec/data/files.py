"""A user's own table or archive of arrays."""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.archive import read_archive
from underspec.data.arrays import of

__all__ = ["Files"]

_CSV = {".csv": ",", ".tsv": "\t"}
_PARQUET = (".parquet", ".pq")
_NAMED = ("label", "target", "id", "cluster", "groups", "weight", "inputs")


@dataclass(frozen=True)
class Files(Reader):
    """A CSV or Parquet table with one row an example, or an ``.npz`` archive of arrays.

    The columns that are not named as label, id, cluster, group, weight or dropped are the inputs: float64
    [examples, columns] where all are numbers (missing ones NaN), else a pandas data frame.

    An archive holds ``inputs`` and ``labels`` (or ``targets``), and may hold ``ids``, ``clusters``,
    ``classes``, ``weights`` and ``group_<name>``; of the fields below it takes `classes`, `drop`, `notice` and `counted` only.

    Attributes:
        path: ``.csv``, ``.tsv`` (either may end in ``.gz``), ``.parquet``, ``.pq`` or ``.npz``.
        label: column of the class, text or integers; needed for tables, this or `target`.
        id: column that names each example; rows are numbered where None.
        cluster: column of what was sampled as one thing, such as the patient.
        groups: columns to stratify by. Name them in `inputs` as well if the model may see them.
        drop: columns to leave out.
        classes: names of the classes in the order of their codes; sorted where None.
        inputs: the input columns, in this order; all that are left where None.
        notice: licence and attribution for reports.
        weight: column of how much each example counts in metrics, positive numbers; all alike where
            None. Models are trained as if there were none.
        target: instead of `label`, for regression: column of the number to predict.
        counted: ``label`` or a group column, where a fixed number of examples of each class or group
            was taken by design: noise is then that within them. Empty where examples came as they
            came.
    """

    path: str
    label: str | None = None
    id: str | None = None
    cluster: str | None = None
    groups: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    classes: tuple[str, ...] | None = None
    inputs: tuple[str, ...] | None = None
    notice: str | None = None
    weight: str | None = None
    target: str | None = None
    counted: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | Path):
            raise UsageError(f"'path' is a file, written as text; got {self.path!r}.")
        for name in ("groups", "drop", "classes", "inputs"):
            value = getattr(self, name)
            if value is not None:
                names = (value,) if isinstance(value, str) else tuple(str(v) for v in value)
                object.__setattr__(self, name, names)
        if self._suffix not in (*_CSV, *_PARQUET, ".npz"):
            raise UsageError(one_of("file format", self._suffix, (*_CSV, *_PARQUET, ".npz")))
        named = [name for name in _NAMED if getattr(self, name)]
        if self._suffix == ".npz" and named:
            raise UsageError(
                f"An .npz archive names its own arrays (inputs, labels, ids, clusters, "
                f"group_<name>); leave out {', '.join(named)}."
            )
        if self._suffix != ".npz" and not (self.label or self.target):
            raise UsageError(f"Which column of '{self.path}' is the class? Say label: <column>.")
        if self.label and self.target:
            raise UsageError(
                f"'{self.path}' has a class, label: '{self.label}', or a number to predict, target: "
                f"'{self.target}', but not both: leave one out."
            )

    @property
    def _suffix(self) -> str:
        return Path(str(self.path).removesuffix(".gz")).suffix.lower()

    def __call__(self) -> Data:
        """Read the file.

        Raises:
            UsageError: there is no such file or column, it is damaged or empty, a label is missing,
                an id repeats, or text columns need pandas and it is not installed.
        """
        path = Path(self.path)
        if not path.is_file():
            raise UsageError(f"There is no file '{self.path}'.")
        if path.stat().st_size == 0:
            raise UsageError(f"'{self.path}' is empty.")
        if self._suffix == ".npz":
            return read_archive(path, self.classes, self.drop, self.counted)
        return self._assemble(self._table(path))

    def _table(self, path: Path) -> Any:
        import pyarrow as pa

        try:
            if self._suffix in _PARQUET:
                import pyarrow.parquet

                table = pyarrow.parquet.read_table(path)
            else:
                import pyarrow.csv

                # Read as text, so that an id of 007 stays 007; an input column keeps its numbers.
                names = {self.id, self.cluster, *self.groups} - set(self.inputs or ()) - {None}
                table = pyarrow.csv.read_csv(
                    path,
                    parse_options=pyarrow.csv.ParseOptions(
                        delimiter=_CSV[self._suffix], newlines_in_values=True
                    ),
                    convert_options=pyarrow.csv.ConvertOptions(
                        column_types=dict.fromkeys(names, pa.string())
                    ),
                )
        except (pa.ArrowException, OSError, EOFError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(
                f"'{self.path}' cannot be read as {self._suffix[1:]}, it may be damaged or cut "
                f"short: {why}"
            ) from None
        twice = sorted({c for c in table.column_names if table.column_names.count(c) > 1})
        if twice:
            raise UsageError(f"'{self.path}' has more than one column named '{twice[0]}'.")
        # The row numbers that pandas writes along are no column of the user's.
        stored = [c for c in table.column_names if c.startswith("__index_level_")]
        return table.drop_columns(stored) if stored else table

    def _assemble(self, table: Any) -> Data:
        known = table.column_names
        singles = [self.label, self.target, self.id, self.cluster, self.weight]
        for name in [*singles, *self.groups, *self.drop, *(self.inputs or ())]:
            if name is not None and name not in known:
                raise UsageError(one_of(f"column of '{self.path}'", name, known))
        aside = {*singles, *self.groups, *self.drop}
        chosen = [c for c in known if c not in aside] if self.inputs is None else self.inputs
        for what in ("label", "target"):
            name = getattr(self, what)
            if name is not None and name in chosen:
                raise UsageError(f"The {what} '{name}' is among the inputs: leave it out there.")
        if not chosen:
            raise UsageError(
                f"'{self.path}' has no input columns left beside {sorted(filter(None, aside))}."
            )
        inputs = _inputs(table.select(list(chosen)), self.path)
        return of(
            inputs,
            None if self.label is None else table[self.label].to_pylist(),
            None if self.id is None else _values(table[self.id]),
            None if self.cluster is None else _values(table[self.cluster]),
            {name: _values(table[name]) for name in self.groups},
            self.classes,
            None if self.weight is None else table[self.weight].to_pylist(),
            None if self.target is None else table[self.target].to_pylist(),
            self.counted,
            chosen if isinstance(inputs, np.ndarray) else (),
        )


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_temporal(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    return values


def _inputs(table: Any, path: str) -> Any:
    import pyarrow as pa

    texts = [field.name for field in table.schema if not _is_number(field.type)]
    if not texts:
        columns: Iterable[Any] = (
            c.cast(pa.float64(), safe=False).to_numpy() for c in table.columns
        )
        return np.column_stack(list(columns))
    if importlib.util.find_spec("pandas") is None:
        shown = ", ".join(f"'{name}'" for name in texts[:5])
        more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
        raise UsageError(
            f"These columns of '{path}' are not numbers: {shown}{more}. Leave them out (drop: [...]), "
            f"turn them into numbers, or install pandas: pip install pandas"
        )
    return table.to_pandas()


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null)
    return any(test(kind) for test in tests)
