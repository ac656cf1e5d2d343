"""Tables of published layouts, read in batches so that a file may be larger than memory."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats

__all__ = ["above_zero", "batches", "find", "floats", "instants", "integers", "texts", "whole"]

_BLOCK = 16 << 20  # bytes of text held at a time


def find(root: str, name: str, what: str) -> Path:
    """Return a table below a folder: ``name.csv.gz``, or unpacked ``name.csv``.

    Raises:
        UsageError: there is no such folder or file; `what` says what the folder should be.
    """
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise UsageError(f"There is no folder '{root}'. Give {what}.")
    for suffix in (".csv.gz", ".csv"):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    raise UsageError(f"'{root}' lacks {name}.csv.gz. Give {what}.")


def batches(path: Path, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a table's rows, some at a time, as pyarrow arrays of these columns.

    Args:
        path: ``.csv`` or ``.csv.gz``.
        columns: name to ``integer``, ``number``, ``text`` or ``instant`` (such as 2180-07-23
            14:00:00).

    Raises:
        UsageError: a column is missing, or the file is damaged or holds another type.
    """
    import pyarrow as pa
    import pyarrow.csv

    _check_header(path, columns)
    kinds = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "instant": pa.timestamp("s"),
    }
    try:
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(columns),
                column_types={name: kinds[kind] for name, kind in columns.items()},
                strings_can_be_null=True,
                null_values=["", "NULL", "NA"],
            ),
        )
        for batch in reader:
            yield {name: batch.column(name) for name in columns}
    except (pa.ArrowException, OSError, EOFError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"'{path}' cannot be read as the official table, it may be damaged or cut short: {why}"
        ) from None


def whole(path: Path, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return all rows of a small table, as pyarrow chunked arrays of these columns."""
    import pyarrow as pa

    parts = list(batches(path, columns))
    if not parts:
        raise UsageError(f"'{path}' has no rows.")
    return {name: pa.chunked_array([part[name] for part in parts]) for name in columns}


def integers(column: Any) -> NDArray[np.int64]:
    """Return a column of integers; -1 where it is missing."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(column, -1).to_numpy(zero_copy_only=False), np.int64)


def floats(column: Any) -> Floats:
    """Return a column of numbers; NaN where it is missing."""
    import pyarrow as pa

    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def above_zero(column: Any) -> Floats:
    """Return a column of numbers; NaN where it is missing or not above 0, which no such result is."""
    values = floats(column)
    return np.where(values > 0, values, np.nan)


def texts(column: Any) -> NDArray[np.str_]:
    """Return a column of text, without spaces around; empty where it is missing."""
    return np.asarray([(value or "").strip() for value in column.to_pylist()], np.str_)


def instants(column: Any) -> Floats:
    """Return a column of instants as seconds on its own clock; NaN where it is missing."""
    import pyarrow as pa

    seconds = column.cast(pa.int64())
    return floats(seconds)


def _check_header(path: Path, columns: Sequence[str] | Mapping[str, str]) -> None:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            held = next(csv.reader(file), [])
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"'{path}' cannot be read: {error}") from None
    for name in columns:
        if name not in held:
            raise UsageError(one_of(f"column of '{path}'", name, held, limit=40))
