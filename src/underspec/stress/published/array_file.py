"""Rows of a .npy file as inputs that are read when they are needed."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.lazy import Reading

__all__ = ["ArrayRows", "array_in"]


def array_in(path: Path, shape: tuple[int, ...], kinds: str, what: str) -> NDArray[Any]:
    """Return the array of a .npy file, mapped into memory and not read.

    Args:
        path: of the file.
        shape: that it must have.
        kinds: types that it may have, such as ``u1`` for uint8.
        what: the set, for messages.

    Raises:
        UsageError: there is no such file, or it holds something else.
    """
    try:
        held: Any = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise UsageError(f"There is no file '{path}', which {what} has.") from None
    except (OSError, ValueError, EOFError, SyntaxError, zipfile.BadZipFile):
        # NumPy's own words would advise to load pickled objects.
        raise UsageError(
            f"'{path}' is no .npy file of numbers, or is cut short. Unpack {what} again."
        ) from None
    if isinstance(held, np.ndarray) and held.shape == shape and held.dtype.str[1:] in kinds.split():
        return held
    if isinstance(held, np.ndarray):
        got = f"{held.dtype} {list(held.shape)}"
    else:
        held.close()
        got = "an archive"
    raise UsageError(
        f"'{path}' holds {got}, but {what} has {'uint8' if kinds == 'u1' else 'integers'} {list(shape)} "
        "there. Unpack it again."
    )


@dataclass(frozen=True, eq=False)
class ArrayRows(Reading):
    """Consecutive rows of a uint8 array in a .npy file.

    Attributes:
        path: of the file.
        whole: shape of the array.
        start: the first row that counts.
        count: how many do.
        what: the set, for messages.
    """

    path: Path
    whole: tuple[int, ...]
    start: int
    count: int
    what: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one row."""
        return self.whole[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return self.count

    def read(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """Return the rows at `rows`, counted from `start`.

        Raises:
            UsageError: the file has gone or changed its shape.
        """
        array = array_in(self.path, self.whole, "u1", self.what)
        return np.asarray(array[self.start + rows], dtype=np.uint8)

    def digest(self, rows: NDArray[np.intp]) -> str:
        """Return a sha256 over the values at `rows`."""
        state = hashlib.sha256(repr(("rows", 1, self.shape)).encode())
        for part in np.array_split(rows, max(1, len(rows) // 1024)):
            state.update(np.ascontiguousarray(self.read(part)).tobytes())
        return state.hexdigest()
