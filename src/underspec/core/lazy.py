"""Inputs that are read or made when they are needed, and never all at once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError

__all__ = ["Chunk", "Lazy", "Reading", "chunks", "whole"]

_AT_A_TIME = 32 << 20


class Reading(Protocol):
    """Where lazy inputs come from."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one example, such as (224, 224, 3)."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        ...

    def __len__(self) -> int: ...

    def read(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Return the examples at `rows`, [len(rows), *shape]: the same ones on every call."""
        ...

    def digest(self, rows: NDArray[np.intp]) -> str:
        """Return a hash of all that decides these examples: bytes of files, parameters, code."""
        ...


@dataclass(frozen=True, eq=False)
class Lazy:
    """Some examples of a source, in an order; stands where an array of inputs would.

    ``numpy.asarray`` reads all of them; `chunks` reads some at a time.

    Attributes:
        source: reads them.
        rows: positions in the source, [examples].
    """

    source: Reading
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, source: Reading) -> "Lazy":
        """Return all examples of a source."""
        return cls(source, np.arange(len(source), dtype=np.intp))

    @property
    def shape(self) -> tuple[int, ...]:
        """[examples, ...], as of an array."""
        return (len(self.rows), *self.source.shape)

    @property
    def ndim(self) -> int:
        """Number of axes, as of an array."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return self.source.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice | NDArray[Any]) -> "Lazy":
        """Return some of the examples (a slice, positions or a mask); reads nothing."""
        return replace(self, rows=self.rows[rows])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.source.read(self.rows), dtype=dtype)

    def digest(self) -> str:
        """Return the source's hash for these examples."""
        return self.source.digest(self.rows)


class Chunk(NamedTuple):
    """Some examples in a row, read.

    Attributes:
        rows: where they stand.
        inputs: the examples, an array.
    """

    rows: slice
    inputs: Any


def chunks(inputs: Any, limit: int = _AT_A_TIME) -> Iterator[Chunk]:
    """Yield inputs that are lazy in parts of at most `limit` bytes, any others in one.

    Where the parts are cut hangs on the shape of one example alone.
    """
    if not isinstance(inputs, Lazy):
        yield Chunk(slice(0, len(inputs)), inputs)
        return
    one = int(np.prod(inputs.source.shape, dtype=np.int64)) * inputs.dtype.itemsize
    each = max(1, limit // max(1, one))
    for start in range(0, len(inputs), each):
        rows = slice(start, min(start + each, len(inputs)))
        yield Chunk(rows, np.asarray(inputs[rows]))


def whole(inputs: Any) -> Any:
    """Return inputs that are lazy read as one array, any others as they are.

    Raises:
        UsageError: they do not fit into this machine's memory.
    """
    if not isinstance(inputs, Lazy):
        return inputs
    size = int(np.prod(inputs.shape, dtype=np.int64)) * inputs.dtype.itemsize
    there = _memory()
    if there is not None and size > there:
        raise UsageError(
            f"{len(inputs)} examples of shape {inputs.source.shape} take {size / 2**30:.0f} GiB as one "
            f"array, and this machine has {there / 2**30:.0f}. Take fewer examples or smaller ones."
        )
    return np.asarray(inputs)


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
