"""The true classes, or targets, of predictions that come without: a folder or a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.data.predictions.arrays import SUFFIXES, Coded, array_of, coded, numbers_of
from underspec.data.predictions.numbers import Numbers
from underspec.data.predictions.texts import Texts, plain_number

__all__ = ["Labels", "Truth"]

_COLUMNS = ("probe", "example", "label", "cluster", "group", "weight")


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of the examples of a probe, in the order of its predictions.

    Attributes:
        labels: places among `classes`, int32 [examples]; for regression the targets, float64.
        classes: the labels met, as text; none for regression.
        ids: text [examples]; None where nobody named them.
        clusters: text [examples], None where nobody named them.
        group: text [examples], None where there are none.
        weights: float64 [examples], None where there are none.
    """

    labels: NDArray[Any]
    classes: list[str]
    ids: NDArray[np.str_] | None = None
    clusters: NDArray[np.str_] | None = None
    group: NDArray[np.str_] | None = None
    weights: Floats | None = None


class Labels:
    """Labels by probe.

    Args:
        path: a folder with a file a probe, ``{probe}.npy`` or ``{probe}.csv``; a table (CSV or
            Parquet) with the columns ``probe`` and ``label`` and, where wanted, ``example``,
            ``cluster``, ``group`` and ``weight``, its rows in the order of the predictions; or one
            array or table without ``probe`` that holds for every probe.
        regression: whether labels are numbers rather than classes.

    Attributes:
        probes: those that have labels of their own, None where one file holds for all.
        files: those that are read.

    Raises:
        UsageError: there is no such file, or it holds something else.
    """

    def __init__(self, path: str | Path, *, regression: bool = False) -> None:
        self.path = Path(path)
        self._regression = regression
        self.probes: tuple[str, ...] | None = None
        self.files: tuple[Path, ...] = (self.path,)
        self._tables: dict[str, Truth] = {}
        self._paths: dict[str, Path] = {}
        if self.path.is_dir():
            self._paths = {
                file.stem: file
                for file in sorted(self.path.iterdir())
                if file.suffix in SUFFIXES and not file.name.startswith(".")
            }
            if not self._paths:
                raise UsageError(
                    f"The folder '{path}' has no labels: name them PROBE.npy or PROBE.csv."
                )
            self.probes, self.files = tuple(self._paths), tuple(self._paths.values())
            return
        if not self.path.is_file():
            raise UsageError(f"There are no labels at '{path}': it is neither a folder nor a file.")
        table = _table(self.path)
        if table is not None and "probe" in table.column_names:
            self._tables = _by_probe(table, self.path, regression)
            self.probes = tuple(self._tables)

    def of(self, probe: str) -> Truth:
        """Return what is known of a probe.

        Raises:
            UsageError: it has no labels, or they cannot be read.
        """
        if self.probes is not None and probe not in self.probes:
            raise UsageError(f"'{self.path}': " + one_of("probe", probe, self.probes))
        if probe in self._tables:
            return self._tables[probe]
        file = self._paths.get(probe, self.path)
        table = _table(file)
        if table is not None:
            return _truth(table, file, self._regression)
        if self._regression:
            return Truth(numbers_of(array_of(file), file, "labels"), [])
        read: Coded = coded(array_of(file), file, "label")
        return Truth(read.codes, read.texts)


def _table(path: Path) -> Any:
    """Return a file with a header that names labels as a table of text, None for any other."""
    import pyarrow as pa
    from pyarrow import csv
    from pyarrow import parquet as pq

    try:
        if path.suffix in (".parquet", ".pq"):
            table = pq.read_table(path)
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8") as file:
                names = [name.strip().strip('"') for name in file.readline().split(",")]
            if "label" not in names:
                return None
            table = csv.read_csv(
                path,
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        elif path.suffix in SUFFIXES:
            return None
        else:
            raise UsageError(one_of("kind of label file", path.suffix, (*SUFFIXES, ".parquet")))
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise UsageError(
            f"'{path}' cannot be read as a table of labels: {str(error).splitlines()[0]}"
        ) from None
    if "label" not in table.column_names:
        raise UsageError(
            f"'{path}' lacks the column 'label'. It has: {', '.join(table.column_names)}."
        )
    for name in table.column_names:
        if name not in _COLUMNS:
            raise UsageError(f"'{path}': " + one_of("column of a table of labels", name, _COLUMNS))
    if not table.num_rows:
        raise UsageError(f"'{path}' is empty: it has columns but no rows.")
    return table


def _texts(table: Any, name: str, path: Path, missing: str | None = None) -> Coded:
    texts = Texts(name, missing, write=plain_number if name == "label" else str)
    column = table[name].combine_chunks()
    return Coded(texts.code(column, repr(str(path))), texts.texts)


def _numbers(table: Any, name: str, path: Path, *, positive: bool = False) -> Floats:
    return Numbers(name, positive=positive).values(table[name].combine_chunks(), repr(str(path)))


def _truth(table: Any, path: Path, regression: bool) -> Truth:
    label = _texts(table, "label", path) if not regression else None
    weighted = "weight" in table.column_names
    other = {
        name: np.array(column.texts)[column.codes]
        for name, missing in (("example", None), ("cluster", None), ("group", "missing"))
        if name in table.column_names
        for column in [_texts(table, name, path, missing)]
    }
    return Truth(
        _numbers(table, "label", path) if label is None else label.codes,
        [] if label is None else label.texts,
        other.get("example"),
        other.get("cluster"),
        other.get("group"),
        _numbers(table, "weight", path, positive=True) if weighted else None,
    )


def _by_probe(table: Any, path: Path, regression: bool) -> dict[str, Truth]:
    probe = _texts(table, "probe", path)
    rows = table.drop_columns(["probe"])
    return {
        text: _truth(rows.take(np.flatnonzero(probe.codes == code)), path, regression)
        for code, text in enumerate(probe.texts)
    }
