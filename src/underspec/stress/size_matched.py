"""The control of a stratum: does it spread only because it is small?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Data, Floats, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.groups import Group, Least, check_columns, check_least, grouping
from underspec.stress.tabular.columns import draws

__all__ = ["SizeMatched"]


@dataclass(frozen=True)
class SizeMatched(Stress):
    """For each group, as many examples out of the whole holdout, drawn anew.

    A draw has the group's number of each class and, as far as others have enough examples of one
    cluster, its number of clusters with as many of each class; the group itself is drawn from as
    well. If variants part on a group and not on draws of its size, it is not its size. The same
    groups as those of `by_group` get draws, named ``size_matched_site-north.1`` and so on.

    Attributes:
        column: a group column of the data, or ``label`` for the class; several for intersections.
        times: draws a group.
        min_examples: groups with fewer get none; `skipped` counts them.
        min_clusters: nor do groups of fewer clusters.
    """

    kind: ClassVar[Kind] = "stratified"
    modality: ClassVar[str] = "any"
    source: ClassVar[str] = "ours"
    column: str | tuple[str, ...]
    times: int = 1
    min_examples: int = 10
    min_clusters: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", check_columns(self.column, "size_matched"))
        check_least(
            times=self.times, min_examples=self.min_examples, min_clusters=self.min_clusters
        )

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield so many probes a group.

        Raises:
            UsageError: the data has no such column.
        """
        found = grouping(data, self.column, "size_matched")
        own = f"size_matched_{found.family}"
        for group in found.large(self._least):
            for time in range(1, self.times + 1):
                drawn = key.child("size_matched", found.family, group.name, time)
                rows = _drawn(data, group, drawn)
                yield Probe(
                    name=f"{own}-{group.name}.{time}",
                    kind=self.kind,
                    family=own,
                    # Its number of each class is the group's, which was luck.
                    data=replace(data.take(rows), counted=""),
                    title=f"drawn from all, as many as {group.title} ({time} of {self.times})",
                )

    def skipped(self, data: Data) -> dict[str, int]:
        """Return the groups too small for draws: title, such as ``site = A``, to examples."""
        return grouping(data, self.column, "size_matched").skipped(self._least)

    @property
    def _least(self) -> Least:
        return Least(self.min_examples, self.min_clusters)


def _drawn(data: Data, group: Group, key: Stream) -> NDArray[np.intp]:
    """Return the rows of one draw, in the order of the data."""
    rank = draws(key.child("example"), data.ids, ())
    codes = np.zeros(len(data), np.intp) if data.regression else data.labels.astype(np.intp)
    clusters, at = np.unique(data.clusters, return_inverse=True)
    if len(clusters) == len(data):
        return np.sort(_by_class(codes, group.rows, rank, np.ones(len(data), np.bool_)))
    turn = draws(key.child("cluster"), clusters, ())
    kinds, codes = np.unique(codes, return_inverse=True)
    has = _counts(at, codes, len(clusters), len(kinds))
    wanted = _counts(at[group.rows], codes[group.rows], len(clusters), len(kinds))
    return np.sort(_by_cluster(at, codes, has, wanted, turn, rank))


def _counts(at: NDArray[np.intp], codes: NDArray[np.intp], clusters: int, kinds: int) -> NDArray[np.intp]:  # fmt: skip
    return np.bincount(at * kinds + codes, minlength=clusters * kinds).reshape(clusters, kinds)


def _by_class(codes: NDArray[np.intp], wanted: NDArray[np.intp], rank: Floats, free: NDArray[np.bool_]) -> NDArray[np.intp]:  # fmt: skip
    """Return free rows of the lowest ranks, as many of each class as the wanted rows have."""
    picked = []
    for code, many in zip(*np.unique(codes[wanted], return_counts=True), strict=True):
        rows = np.flatnonzero((codes == code) & free)
        picked.append(rows[np.argsort(rank[rows], kind="stable")[:many]])
    return np.concatenate(picked) if picked else np.empty(0, np.intp)


def _by_cluster(
    at: NDArray[np.intp],
    codes: NDArray[np.intp],
    has: NDArray[np.intp],
    wanted: NDArray[np.intp],
    turn: Floats,
    rank: Floats,
) -> NDArray[np.intp]:
    """Return rows of other clusters with as many of each class as those of the group have.

    Args:
        at: cluster of each example.
        codes: class of each example.
        has: examples of each cluster and class.
        wanted: the same of the group alone.
        turn: of each cluster in the draw.
        rank: of each example in the draw.
    """
    kinds, many = np.unique(wanted[wanted.any(axis=1)], axis=0, return_counts=True)
    order = np.argsort(turn, kind="stable")
    free = np.ones(len(has), dtype=np.bool_)
    quota = np.zeros_like(has)
    lacking = np.zeros(has.shape[1], dtype=np.intp)
    # Those that ask for most first: few clusters have enough for them.
    for kind, asked in sorted(
        zip(kinds, many.tolist(), strict=True),
        key=lambda one: (-int(one[0].sum()), one[0].tolist()),
    ):
        fitting = order[free[order] & (has[order] >= kind).all(axis=1)][:asked]
        quota[fitting] = kind
        free[fitting] = False
        lacking += kind * (asked - len(fitting))
    # Within its cluster and class each example has a place; those before the quota are taken.
    line = np.lexsort((rank, codes, at))
    cell = (at * has.shape[1] + codes)[line]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    place = np.arange(len(cell)) - np.repeat(starts, np.diff(np.r_[starts, len(cell)]))
    taken = np.zeros(len(at), dtype=np.bool_)
    taken[line] = place < quota.reshape(-1)[cell]
    rest = np.repeat(np.arange(len(lacking)), lacking)
    for code, short in zip(*np.unique(rest, return_counts=True), strict=True):
        rows = np.flatnonzero((codes == code) & ~taken)
        taken[rows[np.argsort(rank[rows], kind="stable")[:short]]] = True
    return np.flatnonzero(taken)
