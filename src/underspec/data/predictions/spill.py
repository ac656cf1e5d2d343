"""Rows sorted into probes as they come, on disk where they are many."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Answers

__all__ = ["Rows", "Spill"]

_IN_MEMORY = 64 << 20
"""Bytes held before they go to disk."""

_AT_ONCE = 1 << 16
"""Rows read back at once."""


class Rows(NamedTuple):
    """Some rows of one probe.

    Attributes:
        unit: int32 [rows], what example they are of.
        variant: int32 [rows].
        values: [rows, ...], what they hold.
    """

    unit: Answers
    variant: Answers
    values: NDArray[Any]


class Spill:
    """The rows met so far by probe; what does not fit into memory lies in a temporary folder.

    The folder goes when this object does. It is made where ``TMPDIR`` says.

    Args:
        dtype: type of a value.
        width: values a row.
    """

    def __init__(self, dtype: "np.dtype[Any]", width: int) -> None:
        self._types = {
            "keys": np.dtype(("<i4", (2,))),
            "values": np.dtype((dtype.newbyteorder("<"), (width,))),
        }
        self._held: dict[int, list[Rows]] = {}
        self._bytes = 0
        self._folder: Path | None = None

    def add(self, probe: Answers, unit: Answers, variant: Answers, values: NDArray[Any]) -> None:
        """Take rows; `probe` says which one each belongs to."""
        if not len(probe):
            return
        order = np.argsort(probe, kind="stable")
        ends = np.flatnonzero(np.diff(probe[order], append=-1)) + 1
        for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            at = order[begin:end]
            rows = Rows(unit[at], variant[at], values[at])
            self._held.setdefault(int(probe[at[0]]), []).append(rows)
            self._bytes += sum(part.nbytes for part in rows)
        if self._bytes > _IN_MEMORY:
            self._write()

    def keys(self, probe: int) -> Iterator[Rows]:
        """Yield the rows of a probe in the order they came, without what they hold."""
        for keys in self._stored(probe, "keys"):
            yield Rows(keys[:, 0], keys[:, 1], np.empty((len(keys), 0)))
        for rows in self._held.get(probe, ()):
            yield Rows(rows.unit, rows.variant, np.empty((len(rows.unit), 0)))

    def rows(self, probe: int) -> Iterator[Rows]:
        """Yield the rows of a probe in the order they came."""
        both = zip(self._stored(probe, "keys"), self._stored(probe, "values"), strict=True)
        for keys, values in both:
            yield Rows(keys[:, 0], keys[:, 1], values)
        yield from self._held.get(probe, ())

    def _write(self) -> None:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="underspec-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        for probe, held in self._held.items():
            for rows in held:
                self._append(probe, "keys", np.stack([rows.unit, rows.variant], axis=1))
                self._append(probe, "values", rows.values)
        self._held.clear()
        self._bytes = 0

    def _append(self, probe: int, what: str, array: NDArray[Any]) -> None:
        with self._file(probe, what).open("ab") as file:
            array.astype(self._types[what].base, copy=False).tofile(file)

    def _stored(self, probe: int, what: str) -> Iterator[NDArray[Any]]:
        if self._folder is None or not self._file(probe, what).exists():
            return
        with self._file(probe, what).open("rb") as file:
            while len(part := np.fromfile(file, self._types[what], _AT_ONCE)):
                yield part

    def _file(self, probe: int, what: str) -> Path:
        return (self._folder or Path()) / f"{probe}.{what}"
