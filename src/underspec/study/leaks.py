"""The same example where it should not be: in training and holdout, or twice under two names.

Examples are compared by a hash of their content, exactly. An example that was scaled, cropped or
compressed anew is another one, and so is a distorted copy, which carries the id of its source anyway.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.lazy import Lazy
from underspec.core.records import Booleans, Data, Probe

__all__ = ["Watch", "contents"]

_NAMED = 3
_AT_ONCE = 32 << 20


def contents(inputs: Any) -> NDArray[np.uint64]:
    """Return a hash of the content of each example, uint64 [examples].

    Of arrays it takes one pass over the bytes and about a microsecond an example. Of inputs that are
    read when needed it takes each one's own digest, which for image files hashes the file: that was
    done for the checksum of the data already, and is not done again. Numbers of a frame count as
    float64, everything else as text, whatever library holds it and in whatever order columns stand.
    """
    if isinstance(inputs, Lazy):
        rows = inputs.rows
        digests = [inputs.source.digest(rows[at : at + 1]).encode() for at in range(len(rows))]
        return _numbers(_hash(digest) for digest in digests)
    array = inputs if isinstance(inputs, np.ndarray) else _cells(inputs)
    return _numbers(_hash(part) for part in _examples(array))


def _hash(content: Any) -> bytes:
    return hashlib.blake2b(content, digest_size=8).digest()


def _numbers(hashes: Iterator[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(hashes), dtype="<u8").astype(np.uint64)


def _examples(array: NDArray[Any]) -> Iterator[Any]:
    """Yield the bytes of each example."""
    if array.dtype.kind in "OU":
        for example in array:
            yield repr(np.asarray(example).tolist()).encode("utf-8", "surrogatepass")
        return
    each = max(1, _AT_ONCE // max(1, array[:1].nbytes))
    for begin in range(0, len(array), each):
        part = array[begin : begin + each]
        if part.dtype.kind == "f":
            # Adding 0 turns -0.0 into 0.0.
            part = part.astype("<f8") + 0.0
        elif part.dtype.kind in "iu" and part.dtype.itemsize > 1:
            part = part.astype("<i8")
        flat = np.ascontiguousarray(part).reshape(-1).view(np.uint8).data
        size = len(flat) // len(part)
        for at in range(len(part)):
            yield flat[at * size : (at + 1) * size]


def _cells(frame: Any) -> NDArray[np.uint64]:
    """Return a frame as one number a cell, [rows, columns], columns in order of their names."""
    import narwhals as nw

    table = nw.from_native(frame, eager_only=True)
    columns = []
    for name in sorted(table.columns):
        column = table[name]
        if column.dtype.is_numeric():
            # A hole becomes NaN, and every NaN the same.
            values = np.array(column.cast(nw.Float64()).to_list(), dtype=np.float64) + 0.0
            values[np.isnan(values)] = np.nan
            columns.append(values.view(np.uint64))
            continue
        known: dict[str, int] = {}
        cells = zip(column.to_list(), column.is_null().to_list(), strict=True)
        texts = ["\0" if hole else str(value) for value, hole in cells]
        for text in texts:
            if text not in known:
                digest = _hash(text.encode("utf-8", "surrogatepass"))
                known[text] = int.from_bytes(digest, "little")
        columns.append(np.array([known[text] for text in texts], dtype=np.uint64))
    return np.stack(columns, axis=1) if columns else np.zeros((len(table), 1), np.uint64)


@dataclass(frozen=True, eq=False)
class _Known:
    """One set of examples by content.

    Attributes:
        data: the examples.
        hashes: of their content, sorted.
        rows: where each of them stands.
    """

    data: Data
    hashes: NDArray[np.uint64]
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, data: Data, hashes: NDArray[np.uint64]) -> "_Known":
        rows = np.argsort(hashes, kind="stable")
        return cls(data, hashes[rows], rows)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return for each hash the first row with that content, -1 where there is none."""
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[at] == hashes, self.rows[at], -1)


@dataclass(frozen=True, eq=False)
class Watch:
    """Looks for leaks between training set, holdout and the probes that bring their own examples.

    Inputs are read when the first question is asked. Memory: sixteen bytes an example.

    Args:
        train: the training set.
        holdout: the holdout.
        key: stands for the training set, such as its checksum.
    """

    train: Data
    holdout: Data
    key: str = ""

    @cached_property
    def _train(self) -> _Known:
        return _Known.of(self.train, contents(self.train.inputs))

    @cached_property
    def _holdout(self) -> _Known:
        return _Known.of(self.holdout, contents(self.holdout.inputs))

    @cached_property
    def _ids(self) -> set[str]:
        return set(self.holdout.ids.tolist())

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of training set and holdout; nothing where all is well."""
        return (*self._trained_on(), *self._copies(), *self._clusters())

    def probe(self, probe: Probe) -> list[str]:
        """Return what is to be said of a probe's own examples, those whose ids the holdout lacks.

        The edits of a contrastive probe are made of its references: that one comes out like some
        other example is no leak.
        """
        own = np.array([i not in self._ids for i in probe.data.ids.tolist()], dtype=np.bool_)
        if probe.pairs is not None:
            own &= probe.pairs.side == 0
        if not own.any():
            return []
        data = probe.data if own.all() else probe.data.take(own)
        hashes = contents(data.inputs)
        title = probe.title or probe.name
        notes = []
        trained = self._train.find(hashes) >= 0
        if trained.any():
            notes.append(
                f"{trained.sum()} of the {len(probe.data)} examples of {title} have exactly the same "
                f"input as a training example, such as {_some(data, trained)}: models may know them by "
                f"heart.{_chance(data.inputs)}"
            )
        at = self._holdout.find(hashes)
        twins = at >= 0
        twins[twins] = data.clusters[twins] != self.holdout.clusters[at[twins]]
        if twins.any():
            notes.append(
                f"{twins.sum()} of the {len(probe.data)} examples of {title} are examples of the holdout "
                f"under another id, such as {_some(data, twins)}: they count as new ones. Give them the "
                f"holdout's ids or clusters.{_chance(data.inputs)}"
            )
        return notes

    def _trained_on(self) -> Iterator[str]:
        at = self._train.find(_unsorted(self._holdout))
        there = at >= 0
        if not there.any():
            return
        labels = self.train.labels[at[there]] != self.holdout.labels[there]
        other = f" ({labels.sum()} of them with another label)" if labels.any() else ""
        yield (
            f"{there.sum()} of the {len(self.holdout)} examples of the holdout have exactly the same "
            f"input as a training example{other}, such as {_some(self.holdout, there)}: models may know "
            f"them by heart. Leave them out of one of the two.{_chance(self.holdout.inputs)}"
        )

    def _copies(self) -> Iterator[str]:
        first = self._holdout.find(_unsorted(self._holdout))
        copies = self.holdout.clusters != self.holdout.clusters[first]
        if copies.any():
            yield (
                f"{copies.sum()} examples of the holdout repeat the input of another one under another "
                f"id, such as {_some(self.holdout, copies)}: they count as new ones, and may stand in "
                f"both halves. Give copies one cluster.{_chance(self.holdout.inputs)}"
            )

    def _clusters(self) -> Iterator[str]:
        # Where nobody named clusters they are the ids, which need not mean the same in both sets.
        if any((data.clusters == data.ids).all() for data in (self.train, self.holdout)):
            return
        both = np.intersect1d(self.train.clusters, self.holdout.clusters)
        if len(both):
            there = np.isin(self.holdout.clusters, both)
            yield (
                f"{len(both)} clusters stand in the training set and in the holdout, with {there.sum()} "
                f"of its {len(self.holdout)} examples, such as {_some(self.holdout, there)}: the holdout "
                "does not tell how models do on new clusters."
            )


def _unsorted(known: _Known) -> NDArray[np.uint64]:
    hashes = np.empty_like(known.hashes)
    hashes[known.rows] = known.hashes
    return hashes


def _some(data: Data, rows: Booleans) -> str:
    return ", ".join(f"'{text}'" for text in data.ids[rows][:_NAMED].tolist())


def _chance(inputs: Any) -> str:
    """Say that equal rows of a table need not be one example."""
    table = not isinstance(inputs, Lazy) and np.ndim(inputs) == 2
    return " In a table of few columns equal rows may be chance." if table else ""
