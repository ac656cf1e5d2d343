"""The examples of one probe as the measures want them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.findings import Interval
from underspec.core.records import Answers, Booleans
from underspec.stats.shares import Between, Clustered
from underspec.stats.votes import Votes, count_votes

__all__ = ["Asked", "asked", "interval", "turned"]


@dataclass(frozen=True, eq=False)
class Asked:
    """What k variants, two or more, answered on the examples of one probe.

    Attributes:
        votes: counted answers.
        differs: whether a variant differs from the majority's answer, [variants, examples].
        clustered: which examples belong together.
        right: whether the majority's answer is the label, [examples]; None without labels.
    """

    votes: Votes
    differs: Booleans
    clustered: Clustered
    right: Booleans | None

    def only(self, rows: Booleans) -> "Asked":
        """Return the same of the examples at `rows`."""
        return Asked(
            self.votes.only(rows),
            self.differs[:, rows],
            self.clustered.only(rows),
            None if self.right is None else self.right[rows],
        )


def asked(
    probe: str,
    answers: Answers,
    labels: NDArray[np.int32] | None,
    clusters: NDArray[np.str_] | None,
    others: dict[str, tuple[int, NDArray[Any]]],
) -> Asked | None:
    """Return the answers of two variants or more on one example or more, counted; else None.

    Args:
        probe: its name, for errors.
        answers: class codes [variants, examples].
        labels: class codes [examples].
        clusters: names [examples].
        others: what else is given, as name to its axis of examples and the array.

    Raises:
        UsageError: answers are not two-dimensional, or something is not one an example.
    """
    if answers.ndim != 2:
        raise UsageError(
            f"Answers on the probe '{probe}' have {answers.ndim} dimensions: give [variants, examples]."
        )
    k, n = answers.shape
    given: dict[str, tuple[int, NDArray[Any] | None]] = {
        "labels": (0, labels),
        "clusters": (0, clusters),
        **others,
    }
    for name, (axis, array) in given.items():
        if array is not None and array.shape[axis : axis + 1] != (n,):
            raise UsageError(
                f"The probe '{probe}' has {n} examples, but {name} of shape {list(array.shape)}: give one an "
                "example, in the same order."
            )
    if k < 2 or n == 0:
        return None
    votes = count_votes(answers)
    return Asked(
        votes,
        answers != votes.majority,
        Clustered.of(clusters, n),
        None if labels is None else votes.majority == labels,
    )


def interval(between: Between) -> Interval:
    """Return an estimate as it stands in the findings."""
    return Interval(*(None if math.isnan(x) else x for x in between))


def turned(between: Between) -> Between:
    """Return the same of one less the share."""
    return Between(1 - between.value, 1 - between.high, 1 - between.low)
