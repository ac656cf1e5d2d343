"""Named columns of tables and records: read, changed and emptied in a copy."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Booleans, Data, Floats
from underspec.core.streams import Stream

__all__ = [
    "all_columns",
    "check_names",
    "check_shares",
    "draws",
    "emptied",
    "numbers",
    "replaced",
    "steps",
]


def check_names(columns: Any, member: str, parameter: str = "columns") -> tuple[str, ...]:
    """Return names of columns as a tuple.

    Raises:
        UsageError: there are none, one stands twice, or one is no text.
    """
    names = (columns,) if isinstance(columns, str) else columns
    fine = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    if not fine or not names or len(set(names)) != len(names):
        raise UsageError(
            f"'{parameter}' of '{member}' are names of columns, each once: {parameter}: [age, sodium]; got "
            f"{columns!r}."
        )
    return tuple(names)


def check_shares(shares: Any, member: str, *, one: bool) -> tuple[float, ...]:
    """Return shares as a tuple.

    Args:
        shares: between 0 and 1, or one of them.
        member: whose they are.
        one: whether 1 may be one of them.

    Raises:
        UsageError: there are none, one stands twice or is no such number.
    """
    given = shares if isinstance(shares, list | tuple) else (shares,)
    numeric = all(isinstance(s, int | float) and not isinstance(s, bool) for s in given)
    inside = numeric and all(0 < share < 1 or (one and share == 1) for share in given)
    if not given or not inside or len({f"{share:g}" for share in given}) != len(given):
        raise UsageError(
            f"'shares' of '{member}' lie between 0 and 1, each once: shares: [0.1, 0.5]; got {shares!r}."
        )
    return tuple(given)


def all_columns(data: Data, member: str) -> tuple[str, ...]:
    """Return the names of the columns of the inputs.

    Raises:
        UsageError: the inputs are no table and no records, or their columns have no names.
    """
    inputs = data.inputs
    if hasattr(inputs, "iloc"):
        return tuple(str(name) for name in inputs.columns)
    if not isinstance(inputs, np.ndarray) or inputs.ndim not in (2, 3):
        got = f"shape {list(inputs.shape)}" if hasattr(inputs, "shape") else type(inputs).__name__
        raise UsageError(
            f"The stress test '{member}' wants a pandas data frame, or an array [examples, columns] or "
            f"[examples, steps, columns], but the inputs are a {type(inputs).__name__}, {got}."
        )
    if inputs.dtype == np.uint8:
        raise UsageError(
            f"The stress test '{member}' changes numbers, and models take an array of uint8 for grey levels. "
            "Store the columns as another type, such as float32."
        )
    if not data.columns:
        raise UsageError(
            f"The stress test '{member}' finds columns by name, and those of the inputs have none. Name them: "
            "underspec.data.of(inputs, labels, columns=[...])."
        )
    return data.columns


def steps(data: Data) -> tuple[int, ...]:
    """Return the shape of one column of one example: none of a table, the steps of records."""
    return () if hasattr(data.inputs, "iloc") else tuple(data.inputs.shape[1:-1])


def numbers(data: Data, name: str, member: str) -> Floats:
    """Return a column as float64 [examples] or [examples, steps], NaN where it is missing.

    Raises:
        UsageError: there is no such column, or it holds no numbers.
    """
    known = all_columns(data, member)
    if name not in known:
        raise UsageError(one_of("column", name, known))
    values: Any
    if hasattr(data.inputs, "iloc"):
        column = data.inputs.iloc[:, known.index(name)]
        kind = getattr(column.dtype, "kind", "O")
        values = column.to_numpy(dtype=np.float64, na_value=np.nan) if kind in "iufb" else None
    else:
        kind = data.inputs.dtype.kind
        values = data.inputs[..., known.index(name)] if kind in "iufb" else None
    if values is None:
        raise UsageError(
            f"The stress test '{member}' wants numbers, but the column '{name}' holds text."
        )
    return np.array(values, dtype=np.float64)


def replaced(data: Data, columns: Mapping[str, Floats], member: str) -> Any:
    """Return a copy of the inputs with other numbers in some columns.

    Floats keep their width. Integers become float64, whatever the numbers are, so that the type of
    one example does not hang on the others.
    """
    known = all_columns(data, member)
    if not hasattr(data.inputs, "iloc"):
        plain = data.inputs.dtype
        array = data.inputs.astype(plain if plain.kind == "f" else np.float64)
        for name, values in columns.items():
            array[..., known.index(name)] = values
        return array
    frame = data.inputs.copy()
    for name, values in columns.items():
        dtype = data.inputs.dtypes.iloc[known.index(name)]
        narrow = isinstance(dtype, np.dtype) and dtype.kind == "f"
        _put(frame, known.index(name), values.astype(dtype) if narrow else values)
    return frame


def emptied(data: Data, gone: Mapping[str, Booleans], member: str) -> Any:
    """Return a copy of the inputs with values gone: NaN for numbers, None for text.

    Integers and truth values become float64, which have a NaN, as a table with holes is read; a
    frame's nullable types, categories and times stay, with their own sign for a missing value.

    Args:
        data: a table or records.
        gone: column to where its values go, [examples] or [examples, steps].
        member: who asks, for messages.

    Raises:
        UsageError: there is no such column.
    """
    known = all_columns(data, member)
    for name in gone:
        if name not in known:
            raise UsageError(one_of("column", name, known))
    if not hasattr(data.inputs, "iloc"):
        kind = data.inputs.dtype.kind
        if kind not in "fiubO":
            raise UsageError(
                f"The stress test '{member}' takes values away, and an array of type {data.inputs.dtype} has no "
                "sign for a missing one. Give a data frame."
            )
        array = data.inputs.astype(data.inputs.dtype if kind in "fO" else np.float64)
        for name, where in gone.items():
            array[..., known.index(name)][where] = np.nan
        return array
    frame = data.inputs.copy()
    for name, where in gone.items():
        at = known.index(name)
        column = data.inputs.iloc[:, at]
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
            column = column.astype(np.float64)
        text = column.dtype == np.dtype(object)
        _put(frame, at, column.mask(where, None) if text else column.mask(where))
    return frame


def draws(key: Stream, ids: NDArray[np.str_], shape: Sequence[int]) -> Floats:
    """Return numbers from 0 to 1 for each example, [examples, *shape], that hang on its id alone."""
    out = np.empty((len(ids), *shape))
    for row, name in enumerate(ids.tolist()):
        out[row] = key.example(name).random(tuple(shape))
    return out


def _put(frame: Any, at: int, column: Any) -> None:
    # By position, for names of columns may be no text. A series has the frame's own index.
    frame.isetitem(at, column)
