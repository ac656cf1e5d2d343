"""All measures of arbitrariness on one probe."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import (
    AmbiguityAt,
    Arbitrariness,
    ArbitrarinessEnds,
    Interval,
)
from underspec.core.records import Answers, Scores
from underspec.measure.arbitrariness.abstain import abstention, selective
from underspec.measure.arbitrariness.asked import Asked, asked, interval, turned
from underspec.measure.arbitrariness.by_group import by_group
from underspec.measure.arbitrariness.scored import capacities, label_ranges, viable_range
from underspec.stats.few import effective
from underspec.stats.kappa import error_consistency
from underspec.stats.shares import Between, largest, over_both, share
from underspec.stats.votes import parted, parted_by_variant

__all__ = ["arbitrariness"]

_SIZES = (5, 10, 20, 50, 100, 200)

# Clusters under which kappa has no ends: it hangs on how much these differ, and comes out too low.
_LEAST_CLUSTERS = 30.0


def arbitrariness(
    probe: str,
    answers: Answers,
    *,
    labels: NDArray[np.int32] | None = None,
    clusters: NDArray[np.str_] | None = None,
    scores: Scores | None = None,
    label_scores: Scores | None = None,
    groups: Mapping[str, NDArray[Any]] | None = None,
    alpha: float = 0.05,
) -> Arbitrariness:
    """Return how far kept variants disagree, example by example.

    Ambiguity and discrepancy are those of Marx, Calmon and Ustun (2020) with the majority answer as
    the baseline (the lowest code among equals); self-consistency is that of Cooper et al. (2024).
    All examples count alike, whatever their weights.

    Args:
        probe: name of the probe.
        answers: class codes [kept variants, examples].
        labels: class codes [examples]; without, nothing is told of accuracy.
        clusters: what was sampled as one thing, text [examples]; each example by itself where None.
        scores: probabilities [kept variants, examples, classes].
        label_scores: score of the label's class [kept variants, examples], where not all were kept.
        groups: column to group [examples], besides the label class.
        alpha: chance of a wrong answer that the selective ensemble allows itself, at one example.

    Returns:
        The measures; all None but `k` under two variants or without examples.

    Raises:
        UsageError: the answers are not two-dimensional, or something is not one an example.
    """
    columns = {} if groups is None else dict(groups)
    others: dict[str, tuple[int, NDArray[Any]]] = {name: (0, of) for name, of in columns.items()}
    if scores is not None:
        others["scores"] = (1, scores)
    if label_scores is not None:
        others["label_scores"] = (1, label_scores)
    said = asked(probe, answers, labels, clusters, others)
    if said is None:
        return Arbitrariness(probe, None, None, None, None, len(answers))
    k = said.votes.k
    apart = _disagreement(said)
    ambiguity = share(said.votes.most < k, said.clustered)
    most = largest(said.differs, said.clustered)
    ranges = label_ranges(said, labels, scores, label_scores)
    broken = by_group(said, {**_classes(labels), **columns}, ranges)
    capacity = capacities(said, scores, clusters)
    errors = _errors(answers, labels, said)
    return Arbitrariness(
        probe=probe,
        disagreement=apart.value,
        ambiguity=ambiguity.value,
        discrepancy=most.value,
        self_consistency=1 - apart.value,
        k=k,
        ends=ArbitrarinessEnds(
            interval(apart), interval(ambiguity), interval(most), interval(turned(apart))
        ),
        error_consistency=errors.found,
        ambiguity_at=tuple(_ambiguity_at(said, size) for size in _SIZES if size < k),
        viable_range=None if ranges is None else viable_range(ranges, said),
        capacity=capacity.found,
        groups=broken.groups,
        suppressed=broken.suppressed,
        abstention=abstention(said),
        selective=selective(said, alpha),
        notes=(*errors.notes, *capacity.notes, *broken.notes),
    )


def _disagreement(said: Asked) -> Between:
    if said.votes.k == 2:
        # Of two variants there is no telling how others would differ.
        return over_both(parted(said.votes, 2)[None], said.clustered)
    return over_both(parted_by_variant(said.votes, 2), said.clustered)


def _ambiguity_at(said: Asked, size: int) -> AmbiguityAt:
    both = 2 * size <= said.votes.k
    found = (
        over_both(parted_by_variant(said.votes, size), said.clustered)
        if both
        else share(parted(said.votes, size), said.clustered)
    )
    return AmbiguityAt(size, interval(found), both)


class _Errors(NamedTuple):
    found: Interval | None
    notes: tuple[str, ...] = ()


def _errors(answers: Answers, labels: NDArray[np.int32] | None, said: Asked) -> _Errors:
    """Return the error consistency, and of which pairs it is not."""
    if labels is None or said.votes.k < 3:
        return _Errors(None)
    found = error_consistency(answers == labels)
    if found is None:
        return _Errors(None)
    # Kappa lies between -1 and 1, so it is told on that scale.
    half = over_both((1 + found.by_variant) / 2, said.clustered)
    ends = interval(Between(found.value, 2 * half.low - 1, 2 * half.high - 1))
    notes = []
    clusters = effective(said.clustered.sizes)
    if clusters < _LEAST_CLUSTERS:
        ends = Interval(found.value, None, None)
        notes.append(
            f"The error consistency has no interval: about {clusters:.0f} clusters, under "
            f"{_LEAST_CLUSTERS:.0f}, and from few it comes out too low."
        )
    if found.left_out:
        pairs = said.votes.k * (said.votes.k - 1) // 2
        notes.append(
            f"The error consistency is of {pairs - found.left_out} of the {pairs} pairs of variants: in the "
            "others both are right, or both wrong, on all examples, which has no kappa."
        )
    return _Errors(ends, tuple(notes))


def _classes(labels: NDArray[np.int32] | None) -> dict[str, NDArray[Any]]:
    return {} if labels is None else {"class": labels}
