"""What the readers of packaged tables share: columns of numbers, groups, and a fixed split."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Booleans, Data, Floats
from underspec.data import by_hash
from underspec.data.arrays import of
from underspec.data.by_hash import Part, chosen

__all__ = ["Fill", "Part", "assembled", "band", "check", "codes", "numbers", "one_hot", "texts"]

Fill: TypeAlias = Literal["none", "median"]
_FILLS = ("none", "median")


def check(part: str, share: float, fill: str) -> None:
    """Refuse a part, a share or a filling that there is not.

    Raises:
        UsageError: one of them is none of those known.
    """
    by_hash.check(part, share)
    if fill not in _FILLS:
        raise UsageError(one_of("filling", fill, _FILLS))


def numbers(column: Any) -> Floats:
    """Return a column as float64, NaN where it is missing or no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        text = column.cast(pa.string())
        column = pc.if_else(pc.match_substring_regex(text, r"^-?[0-9.]+$"), text, None)
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def texts(column: Any) -> NDArray[np.str_]:
    """Return a column as text, empty where it is missing."""
    import pyarrow as pa

    return np.asarray([value or "" for value in column.cast(pa.string()).to_pylist()], np.str_)


def codes(column: Any, known: Mapping[str, float]) -> Floats:
    """Return a column of texts as the numbers given, NaN for any other text."""
    return np.asarray([known.get(value, np.nan) for value in texts(column).tolist()], np.float64)


def one_hot(column: Any, name: str) -> dict[str, Floats]:
    """Return a 0/1 column for each text that occurs, sorted; all 0 where it is missing."""
    values = texts(column)
    return {
        f"{name}_{value}": (values == value).astype(np.float64)
        for value in np.unique(values).tolist()
        if value
    }


def band(values: Floats, edges: Sequence[float], unit: str = "") -> NDArray[np.str_]:
    """Return the band of each number, such as ``45-64``, ``65+``; empty where it is missing."""
    whole = all(float(edge).is_integer() for edge in edges)
    names = [f"under {edges[0]:g}"]
    for low, high in pairwise(edges):
        names.append(f"{low:g}-{high - 1:g}" if whole else f"{low:g} to under {high:g}")
    names.append(f"{edges[-1]:g}+" if whole else f"{edges[-1]:g} and over")
    places = np.searchsorted(edges, np.nan_to_num(values), side="right")
    named = np.asarray([f"{name}{unit}" for name in names])[places]
    return np.where(np.isnan(values), "", named)


def assembled(
    columns: Mapping[str, Floats],
    labels: NDArray[Any],
    ids: NDArray[np.str_],
    groups: Mapping[str, NDArray[np.str_]],
    classes: tuple[str, str],
    *,
    key: str,
    part: Part,
    share: float,
    fill: Fill = "none",
    keep: Booleans | None = None,
) -> Data:
    """Return the examples of a part; inputs are float64 [examples, columns], NaN where missing.

    Who is in which part hangs on the id alone, so that it is the same for all fields of a reader.
    The medians are those of the part ``train`` of everybody given, so that one value is filled in
    wherever examples are from; `keep` says who is wanted of them.

    Raises:
        UsageError: nobody is left.
    """
    inputs = np.column_stack(list(columns.values()))
    if fill == "median":
        inputs = _filled(inputs, chosen(ids, key, "train", share))
    rows = chosen(ids, key, part, share)
    if keep is not None:
        rows &= keep
    return of(
        inputs[rows],
        labels[rows].astype(np.int64),
        ids[rows],
        groups={name: column[rows] for name, column in groups.items()},
        classes=classes,
        columns=tuple(columns),
    )


def _filled(inputs: Floats, rows: Booleans) -> Floats:
    known = [column[rows & ~np.isnan(column)] for column in inputs.T]
    medians = np.asarray([np.median(column) if len(column) else 0.0 for column in known])
    return np.where(np.isnan(inputs), medians, inputs)
