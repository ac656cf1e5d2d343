"""What is left of arbitrariness, and what it costs, where the ensemble may abstain."""

import numpy as np

from underspec.core.findings import Abstention, SelectiveEnsemble
from underspec.core.records import Booleans
from underspec.measure.arbitrariness.asked import Asked, interval
from underspec.stats.shares import share
from underspec.stats.votes import Votes, parted, selected

__all__ = ["AGREE", "abstention", "selective"]

AGREE = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Shares of variants that must agree."""


def abstention(said: Asked) -> tuple[Abstention, ...]:
    """Return the curve from always answering to answering only where all variants agree.

    The answer is the majority's. Intervals are over examples (clusters), for these k variants.
    """
    differ = parted(said.votes, 2)
    points = []
    for agree in AGREE:
        # A share of k that rounding leaves a little under still counts.
        answered: Booleans = said.votes.most >= agree * said.votes.k - 1e-9
        points.append(
            Abstention(
                agree=agree,
                coverage=interval(share(answered, said.clustered)),
                accuracy=None
                if said.right is None
                else interval(share(said.right, said.clustered, answered)),
                disagreement=interval(share(differ, said.clustered, answered)),
            )
        )
    return tuple(points)


def selective(said: Asked, alpha: float) -> SelectiveEnsemble:
    """Return what a selective ensemble at `alpha` answers, see `stats.votes.selected`."""
    answered = selected(said.votes, alpha)
    return SelectiveEnsemble(
        alpha=alpha,
        coverage=interval(share(answered, said.clustered)),
        accuracy=None
        if said.right is None
        else interval(share(said.right, said.clustered, answered)),
        votes=_votes(said.votes.k, alpha),
    )


def _votes(k: int, alpha: float) -> int | None:
    most = np.arange(k // 2 + 1, k + 1)
    none = np.empty((k, 0), dtype=np.intp)
    enough = selected(Votes(k, none, none, most.astype(np.int32), most, k - most), alpha)
    return int(most[enough][0]) if enough.any() else None
