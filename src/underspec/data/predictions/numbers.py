"""Columns of numbers: weights, and the targets and values of a regression."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Floats

__all__ = ["Numbers", "as_floats", "check_numbers"]

_SINGLE = float(np.finfo(np.float32).max)


class Numbers:
    """A number that must be the same in all rows of one thing, such as an example's weight.

    Args:
        column: name of the column, for errors.
        positive: whether it must be above 0.

    Attributes:
        of: the number of each thing met, float64; NaN where none was given. May be shorter or longer
            than there are things.
    """

    def __init__(self, column: str, *, positive: bool = False) -> None:
        self.of: Floats = np.empty(0, np.float64)
        self._column, self._positive = column, positive

    def __bool__(self) -> bool:
        return len(self.of) > 0

    def values(self, column: Any, file: str, begin: int = 0, *, missing: bool = False) -> Floats:
        """Return the next rows of the column as numbers.

        Args:
            column: an Arrow array.
            file: where it is from, for errors.
            begin: rows of the file before these.
            missing: whether a value may be; it is then NaN.

        Raises:
            UsageError: a value is missing, or is no number of this kind.
        """
        values = as_floats(column, f"'{self._column}'", file)
        if missing:
            seen = values[~np.isnan(values)]
            check_numbers(
                seen, f"the column '{self._column}'", file, begin, positive=self._positive
            )
            return values
        check_numbers(values, f"the column '{self._column}'", file, begin, positive=self._positive)
        return values

    def note(self, things: NDArray[np.integer[Any]], values: Floats) -> Booleans:
        """Remember the numbers of things met first; say which rows contradict."""
        least = int(things.max(initial=-1)) + 1
        if len(self.of) < least:
            # Doubled, so that growing batch by batch copies each entry a few times only.
            grown = np.full(max(least, 2 * len(self.of)), np.nan)
            grown[: len(self.of)] = self.of
            self.of = grown
        fresh = np.isnan(self.of[things])
        # Backwards, as the last of several assignments stays: of one batch too, the first row counts.
        self.of[things[fresh][::-1]] = values[fresh][::-1]
        both_lack = np.isnan(self.of[things]) & np.isnan(values)
        contradicts: Booleans = (self.of[things] != values) & ~both_lack
        return contradicts

    def at(self, things: NDArray[np.integer[Any]]) -> Floats:
        """Return the number of each of these things, NaN where none was given."""
        whole = np.full(max(len(self.of), int(things.max(initial=-1)) + 1), np.nan)
        whole[: len(self.of)] = self.of
        found: Floats = whole[things]
        return found


def as_floats(column: Any, shown: str, file: str) -> Floats:
    """Return an Arrow array of numbers as float64, a null as NaN.

    Raises:
        UsageError: it holds something else.
    """
    import pyarrow as pa

    try:
        values: Floats = np.asarray(column.cast(pa.float64()), dtype=np.float64)
    except pa.ArrowException:
        raise UsageError(f"{file}: {shown} must hold numbers, but holds {column.type}.") from None
    return values


def check_numbers(
    values: Floats, what: str, file: str, begin: int = 0, *, positive: bool = False
) -> None:
    """Refuse what is no finite number of the range of float32, or, if asked, not above 0.

    Args:
        values: [rows].
        what: they are, such as ``the column 'weight'``.
        file: where they are from.
        begin: rows of the file before these.
        positive: whether they must be above 0.

    Raises:
        UsageError: one of them is not.
    """
    gone = np.isnan(values)
    if gone.any():
        raise UsageError(
            f"{file}: {what} is empty or no number in row {begin + int(np.argmax(gone)) + 1}"
            f"{f' and {int(gone.sum()) - 1} more' if gone.sum() > 1 else ''}: each row needs a number."
        )
    wrong = np.abs(values) > _SINGLE
    if positive:
        wrong |= values <= 0
    if wrong.any():
        row = int(np.argmax(wrong))
        wanted = "positive numbers" if positive else "numbers that are finite as float32"
        raise UsageError(
            f"{file}: {what} holds {values[row]:g} in row {begin + row + 1}: give {wanted}."
        )
