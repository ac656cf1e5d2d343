"""The measures by group, since arbitrariness may fall on some and not on others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import GroupArbitrariness
from underspec.measure.arbitrariness.asked import Asked, interval
from underspec.measure.arbitrariness.scored import Ranges
from underspec.stats.shares import largest, over_both, share
from underspec.stats.votes import parted, parted_by_variant

__all__ = ["MOST_GROUPS", "SMALLEST_GROUP", "ByGroup", "by_group"]

SMALLEST_GROUP = 10
"""Examples that a group must have for anything to be told of it."""

MOST_GROUPS = 50
"""A column with more groups is not broken down."""


@dataclass(frozen=True)
class ByGroup:
    """The groups of all columns.

    Attributes:
        groups: those that are large enough, sorted within a column.
        suppressed: how many are not.
        notes: columns that were not broken down.
    """

    groups: tuple[GroupArbitrariness, ...]
    suppressed: int
    notes: tuple[str, ...]


def by_group(said: Asked, columns: Mapping[str, NDArray[Any]], ranges: Ranges | None) -> ByGroup:
    """Return the measures on each group of each column.

    Args:
        said: the answers.
        columns: name to the group of each example.
        ranges: of scores; None where there are none.
    """
    found: list[GroupArbitrariness] = []
    notes: list[str] = []
    suppressed = 0
    k = said.votes.k
    # Of two variants there is no telling how others would differ.
    pulls = parted_by_variant(said.votes, 2) if k > 2 else parted(said.votes, 2)[None]
    for column, of in columns.items():
        names, codes = np.unique(of, return_inverse=True)
        large = np.flatnonzero(np.bincount(codes) >= SMALLEST_GROUP)
        suppressed += len(names) - len(large)
        if len(names) > MOST_GROUPS:
            notes.append(
                f"{column} has {len(names)} groups, so nothing is told of them: at most {MOST_GROUPS} are."
            )
            continue
        for code in large.tolist():
            rows = codes == code
            own = said.only(rows)
            found.append(
                GroupArbitrariness(
                    column=column,
                    group=str(names[code]),
                    n=int(rows.sum()),
                    clusters=own.clustered.count,
                    disagreement=interval(over_both(pulls[:, rows], own.clustered)),
                    ambiguity=interval(share(own.votes.most < k, own.clustered)),
                    discrepancy=interval(largest(own.differs, own.clustered)),
                    viable_range=None
                    if ranges is None
                    else interval(share(ranges.values[rows], own.clustered)),
                )
            )
    return ByGroup(tuple(found), suppressed, tuple(notes))
