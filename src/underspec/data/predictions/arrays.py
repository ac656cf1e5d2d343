"""One array of predictions or labels from a file: .npy, .npz or .csv."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Answers, Floats
from underspec.data.predictions.numbers import check_numbers
from underspec.data.predictions.texts import Texts, plain_number

__all__ = ["SUFFIXES", "Coded", "array_of", "coded", "numbers_of"]

SUFFIXES = (".npy", ".npz", ".csv")


class Coded(NamedTuple):
    """A column of classes.

    Attributes:
        codes: int32 [rows], places among the texts.
        texts: the classes met.
    """

    codes: Answers
    texts: list[str]


def array_of(path: Path) -> NDArray[Any]:
    """Return the one array that a file holds, [rows] or [rows, columns]; a .npy is mapped, not read.

    A .csv has no header: a line an example, one value or one a class.

    Raises:
        UsageError: there is no such file, or it holds something else.
    """
    try:
        if path.suffix == ".csv":
            array = _csv(path)
        else:
            held: Any = np.load(path, mmap_mode="r", allow_pickle=False)
            array = held if isinstance(held, np.ndarray) else _single(held, path)
    except FileNotFoundError:
        raise UsageError(f"There is no file '{path}'.") from None
    except (OSError, ValueError, EOFError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "allow_pickle" in said or "Python objects" in said:
            said = "it holds Python objects, which are not read"
        raise UsageError(
            f"'{path}' cannot be read as an array; it may be cut short: {said}"
        ) from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or array.dtype.kind not in "biufU" or array.shape[-1] == 0:
        raise UsageError(
            f"'{path}' holds {array.dtype} of shape {list(array.shape)}: give one value an example, "
            "[n], or a score for each class, [n, C]."
        )
    return array


def coded(array: NDArray[Any], path: Path, what: str) -> Coded:
    """Return a column of classes as codes; 3, 3.0 and "3" are one class.

    Args:
        array: [rows], of numbers or text.
        path: where it is from, for errors.
        what: what it holds, for errors.

    Raises:
        UsageError: a value is missing, or is a number that is not whole.
    """
    import pyarrow as pa

    if array.ndim != 1:
        raise UsageError(
            f"'{path}' holds {what}s of shape {list(array.shape)}: give one class an example, [n]."
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UsageError(f"'{path}' has {what}s that are no numbers: leave out what has none.")
    if array.dtype.kind == "f" and (array != np.floor(array)).any():
        odd = array[np.argmax(array != np.floor(array))]
        raise UsageError(
            f"'{path}' holds {what}s such as {float(odd):.6g}, which is no class: for numbers to "
            "predict say --task regression."
        )
    plain = array if array.dtype.kind == "U" else array.astype(np.int64)
    texts = Texts(what, write=plain_number)
    codes = texts.code(pa.array(np.ascontiguousarray(plain)), repr(str(path)))
    return Coded(codes, texts.texts)


def numbers_of(array: NDArray[Any], path: Path, what: str) -> Floats:
    """Return a column of numbers as float64.

    Args:
        array: [rows].
        path: where it is from, for errors.
        what: it holds, for errors.

    Raises:
        UsageError: there are several columns, or a value is no finite number.
    """
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise UsageError(
            f"'{path}' holds {array.dtype} of shape {list(array.shape)}, but {what} of a regression are one "
            "number an example, [n]."
        )
    numbers = np.asarray(array, dtype=np.float64)
    check_numbers(numbers, what, f"'{path}'")
    return numbers


def _single(held: Any, path: Path) -> NDArray[Any]:
    with held:
        names = list(held.files)
        if len(names) != 1:
            raise UsageError(
                f"'{path}' holds {len(names)} arrays ({', '.join(names[:5])}): give one a file."
            )
        array: NDArray[Any] = held[names[0]]
    return array


def _csv(path: Path) -> NDArray[Any]:
    import pyarrow as pa
    from pyarrow import csv

    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(autogenerate_column_names=True),
            parse_options=csv.ParseOptions(ignore_empty_lines=False),
        )
    except pa.ArrowException as error:
        if "Empty CSV" in str(error):
            raise UsageError(f"'{path}' is empty.") from None
        raise UsageError(f"'{path}' cannot be read as CSV: {str(error).splitlines()[0]}") from None
    for at, name in enumerate(table.column_names):
        column = table[name].combine_chunks()
        lacks = np.asarray(column.is_null())
        if pa.types.is_string(column.type):
            lacks = lacks | np.array([not str(text).strip() for text in column.to_pylist()])
        if lacks.any():
            raise UsageError(
                f"'{path}' has an empty place in line {int(np.argmax(lacks)) + 1}"
                f"{f', column {at + 1}' if table.num_columns > 1 else ''}: each needs a value."
            )
    columns = [table[name].to_numpy() for name in table.column_names]
    if len(columns) > 1:
        if not all(column.dtype.kind in "biuf" for column in columns):
            raise UsageError(f"'{path}' has {len(columns)} columns that are not all numbers.")
        return np.stack(columns, axis=1).astype(np.float64)
    only: NDArray[Any] = columns[0]
    if only.dtype.kind == "O":
        return only.astype(np.str_)
    # Whole numbers are classes, however they are written.
    if only.dtype.kind == "f" and np.isfinite(only).all() and (only == np.floor(only)).all():
        return only.astype(np.int64)
    return only
