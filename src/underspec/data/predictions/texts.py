"""Columns of text turned into codes, batch by batch."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Answers, Booleans

__all__ = ["Constant", "Texts", "natural", "plain_number"]

_LONGEST = 500
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Texts:
    """The texts met in a column so far; a text's code is its place among them.

    Args:
        column: name of the column, for errors.
        missing: what stands for a missing value; None refuses one.
        write: how a text is written before it is looked up.
    """

    def __init__(
        self, column: str, missing: str | None = None, write: Callable[[str], str] = str
    ) -> None:
        self._column = column
        self._missing = missing
        self._write = write
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def texts(self) -> list[str]:
        """All texts, in the order of their codes."""
        return list(self._codes)

    def code(self, values: Any, file: str, begin: int = 0, missing: str | None = None) -> Answers:
        """Return the codes of an Arrow array of text or numbers, int32 [rows].

        Args:
            values: the next rows of the column.
            file: where they are from, for errors.
            begin: rows of the file before these.
            missing: what stands for a missing value here, where the column has nothing for it.

        Raises:
            UsageError: a value is missing, too long, unprintable, or no text or number.
        """
        import pyarrow as pa

        kind = values.type
        try:
            if not pa.types.is_dictionary(kind):
                values = values.dictionary_encode()
            words = _words(values.dictionary)
        except (pa.ArrowException, UnicodeDecodeError):
            raise UsageError(
                f"{file}: the column '{self._column}' holds {kind}; it must be text or numbers."
            ) from None
        # The last place is where a null points to; a category that no row has is no text met.
        indices = values.indices.cast(pa.int64())
        places = np.asarray(indices.fill_null(len(words)))
        used = np.bincount(places, minlength=len(words) + 1) > 0
        table = np.full(len(words) + 1, -1, np.int32)
        for at in np.flatnonzero(used):
            table[at] = self._one(words[at] if at < len(words) else None, file, missing)
        codes: Answers = table[places]
        empty = np.flatnonzero(codes < 0)
        if len(empty):
            raise UsageError(
                f"{file}: the column '{self._column}' is empty in row {begin + empty[0] + 1}"
                f"{f' and {len(empty) - 1} more' if len(empty) > 1 else ''}: each row needs a value."
            )
        return codes

    def _one(self, word: str | None, file: str, missing: str | None) -> int:
        if word is None or not word.strip():
            word = missing if self._missing is None else self._missing
            if word is None:
                return -1
        if len(word) > _LONGEST:
            raise UsageError(
                f"{file}: the column '{self._column}' holds a text of {len(word)} characters, "
                f"beginning {word[:20]!r}; {_LONGEST} are the most."
            )
        if _UNPRINTABLE.search(word):
            raise UsageError(
                f"{file}: the column '{self._column}' holds {word[:60]!r}, which has unprintable "
                "characters: rename it."
            )
        return self._codes.setdefault(self._write(word), len(self._codes))


class Constant:
    """Something that must be the same in all rows of one thing, such as an example's label."""

    def __init__(self) -> None:
        self.of: Answers = np.empty(0, np.int32)

    def note(self, things: NDArray[np.integer[Any]], codes: Answers) -> Booleans:
        """Remember the codes of things met first; say which rows contradict."""
        least = int(things.max(initial=-1)) + 1
        if len(self.of) < least:
            # Doubled, so that growing batch by batch copies each entry a few times only.
            grown = np.full(max(least, 2 * len(self.of)), -1, np.int32)
            grown[: len(self.of)] = self.of
            self.of = grown
        fresh = self.of[things] < 0
        # Backwards, as the last of several assignments stays: of one batch too, the first row counts.
        self.of[things[fresh][::-1]] = codes[fresh][::-1]
        contradicts: Booleans = self.of[things] != codes
        return contradicts


def natural(text: str) -> tuple[object, ...]:
    """Return a sort key that puts ``v2`` before ``v10``."""
    parts = re.split("([0-9]+)", text)
    # Digits by length, then as text: no limit on how long a number is.
    numbers = [(len(p.lstrip("0")), p.lstrip("0")) for p in parts[1::2]]
    return tuple(_weave(parts[::2], numbers)), text


def plain_number(text: str) -> str:
    """Write ``3.0`` as ``3``: a class that went through a column of floats."""
    return text[:-2] if re.fullmatch("-?[0-9]+[.]0", text) else text


def _weave(texts: Iterable[str], numbers: list[tuple[int, str]]) -> Iterable[object]:
    for at, text in enumerate(texts):
        yield text
        if at < len(numbers):
            yield numbers[at]


def _words(dictionary: Any) -> list[str | None]:
    import pyarrow as pa

    if pa.types.is_floating(dictionary.type):
        # 1.0 in a column of floats is the 1 of a column of integers.
        return [_digits(value) for value in dictionary.to_pylist()]
    words: list[str | None] = dictionary.cast(pa.string()).to_pylist()
    return words


def _digits(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if value.is_integer() else repr(value)
