"""A data set in two parts that share no cluster."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Booleans, Data
from underspec.core.streams import stream
from underspec.data._protocol import Reader
from underspec.data.inner import notice_of, read, reader

__all__ = ["Split"]

_PARTS = ("train", "holdout")
_WHAT = "The examples of 'split'"


@dataclass(frozen=True)
class Split(Reader):
    """The training part or the holdout of a set that comes as one.

    Whole clusters, such as patients, go to one part. Each has a place in a line that depends on
    nothing but its text and the seed, and the holdout takes the first of the line.

    Stratified, there is a line for each class, a cluster with several classes standing in that of its
    rarest, and of each line the holdout takes `share` of the clusters, to the nearest whole number
    and, where there are two or more, at least one and not all. New clusters then move old ones
    only near the place where the line is cut. Otherwise each cluster is in the holdout with chance `share`,
    whatever others there are: nobody ever moves, and the shares of classes are luck.

    Attributes:
        of: the examples: ``{reader: {parameter: value}}``, or, in Python, a reader or `Data`.
        part: ``train`` or ``holdout``.
        share: of the clusters that are in the holdout, between 0 and 1.
        seed: of the order of the clusters; the same for both parts.
        stratified: whether each class has its share; targets of a regression have no classes.
    """

    of: Any
    part: Literal["train", "holdout"]
    share: float = 0.3
    seed: int = 0
    stratified: bool = True

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        share: Any = self.share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
            raise UsageError(
                f"The holdout's share of 'split' lies between 0 and 1, got {share!r}. Write share: 0.3."
            )
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise UsageError(f"The seed of 'split' is a whole number, got {self.seed!r}.")
        reader(self.of, _WHAT)

    @property
    def notice(self) -> str | None:
        """The notice of the whole."""
        return notice_of(self.of, _WHAT)

    def __call__(self) -> Data:
        """Read the whole and keep one part.

        Raises:
            UsageError: the part has no example.
        """
        whole = read(self.of, _WHAT)
        clusters, at = np.unique(whole.clusters, return_inverse=True)
        drawn = stream(self.seed, "split")
        rank = np.array([drawn.example(name).random() for name in clusters.tolist()])
        held = self._held(whole, at, rank)
        rows = held[at] if self.part == "holdout" else ~held[at]
        if not rows.any():
            raise UsageError(
                f"The {self.part} part has none of {len(clusters)} clusters at a holdout's share of {self.share:g}. "
                "Give another share or seed."
            )
        part = whole.take(rows)
        alone = self.stratified and len(clusters) == len(whole) and whole.counted == "label"
        return part if alone else replace(part, counted="")

    def _held(self, whole: Data, at: NDArray[np.intp], rank: NDArray[np.float64]) -> Booleans:
        if not self.stratified:
            return rank < self.share
        held = np.zeros(len(rank), dtype=np.bool_)
        line = _rarest(whole, at, len(rank))
        for code in np.unique(line):
            members = np.flatnonzero(line == code)
            members = members[np.argsort(rank[members], kind="stable")]
            many = int(np.floor(self.share * len(members) + 0.5))
            if len(members) > 1:
                many = min(max(many, 1), len(members) - 1)
            held[members[:many]] = True
        return held


def _rarest(whole: Data, at: NDArray[np.intp], clusters: int) -> NDArray[np.intp]:
    """Return for each cluster which of its classes has the fewest examples; 0 in a regression."""
    if whole.regression:
        return np.zeros(clusters, dtype=np.intp)
    counts = np.bincount(whole.labels)
    scarcity = np.empty(len(counts), dtype=np.intp)
    scarcity[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    out = np.full(clusters, len(counts), dtype=np.intp)
    np.minimum.at(out, at, scarcity[whole.labels])
    return out
