"""Contrastive probes read pair by pair: whether a variant answers the two sides of a pair alike."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats, Pairs, Predictions
from underspec.measure.contrastive import judges
from underspec.metrics._protocol import Metric
from underspec.study.answered import Answered
from underspec.study.tables import Examples

__all__ = ["Agreement", "Read", "Sides", "edits", "pairwise", "sides", "told_by", "turns"]


@dataclass(frozen=True)
class Agreement:
    """Share of pairs answered alike; of numbers, minus the mean difference.

    It is called with what `pairwise` gives: how far the two answers of a pair lie apart, which of
    classes is 0 where they are one and 1 where they are not.

    Attributes:
        proportion: whether answers are classes.
    """

    proportion: bool = True

    needs: ClassVar[Literal["answer"]] = "answer"
    greater_is_better: ClassVar[bool] = True

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest contribution."""
        return (0.0, 1.0) if self.proportion else (-np.inf, 0.0)

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:  # noqa: ARG002
        """Return what each pair contributes, [variants, pairs].

        Args:
            said: how far answers lie apart, [variants, pairs].
            labels: of the pairs, which say nothing here.
        """
        apart = np.asarray(said, dtype=np.float64)
        return 1.0 - apart if self.proportion else 0.0 - apart


class Sides(NamedTuple):
    """Where the two sides of each pair stand, in the order of the references: each [pairs]."""

    reference: NDArray[np.intp]
    edit: NDArray[np.intp]


def sides(pairs: Pairs) -> Sides:
    """Return where the two sides of each pair stand."""
    reference, edit = np.flatnonzero(pairs.side == 0), np.flatnonzero(pairs.side == 1)
    by_name = np.argsort(pairs.pair[edit])
    at = np.searchsorted(pairs.pair[edit], pairs.pair[reference], sorter=by_name)
    return Sides(reference, edit[by_name[at]])


class Read(NamedTuple):
    """What a probe is read by: as it is, or pair by pair.

    Attributes:
        metric: the one asked for, or `Agreement`.
        answered: the probe, its examples being pairs in the latter case.
        rows: the examples asked for.
    """

    metric: Metric
    answered: Answered
    rows: Booleans


def pairwise(metric: Metric, answered: Answered, rows: Booleans | None = None) -> Read:
    """Return a contrastive probe as one of pairs, and any other as it is.

    A pair has the cluster, the groups and the weight of its reference, and counts where its
    reference does. Nothing was counted off among pairs.

    Args:
        metric: by which any other probe is read.
        answered: the probe.
        rows: which of its examples; all where None.
    """
    if rows is None:
        rows = np.ones(len(answered.examples.ids), dtype=np.bool_)
    pairs = answered.examples.pairs
    if pairs is None:
        return Read(metric, answered, rows)
    reference, edit = sides(pairs)
    said = answered.predictions.answers
    classes = said.dtype.kind != "f"
    one, other = said[:, reference], said[:, edit]
    apart = (one != other).astype(np.int32) if classes else np.abs(one - other)
    labels = np.zeros(len(reference), dtype=np.int32 if classes else np.float64)
    whole = Answered(
        answered.row,
        replace(_taken(answered.examples, reference), labels=labels),
        Predictions(answered.predictions.variants, labels, apart),
    )
    return Read(Agreement(classes), whole, rows[reference])


def edits(answered: Answered, rows: Booleans) -> Answered:
    """Return the edited sides of some pairs as a probe of its own, in the order of the references."""
    assert answered.examples.pairs is not None  # noqa: S101 - asked of contrastive probes
    reference, edit = sides(answered.examples.pairs)
    at = edit[rows[reference]]
    return Answered(answered.row, _taken(answered.examples, at), answered.predictions.only(at))


def turns(answered: Answered, rows: Booleans, *, binary: bool) -> NDArray[np.int8] | None:
    """Return which pairs variants flip up (1) and down (-1), [variants, pairs].

    Args:
        answered: a contrastive probe.
        rows: which of its examples.
        binary: whether there are two classes: up is then from the first to the second, and
            otherwise from a wrong answer to the right one.

    Returns:
        None where that takes labels and there are none.
    """
    assert answered.examples.pairs is not None  # noqa: S101 - asked of contrastive probes
    reference, edit = sides(answered.examples.pairs)
    some = rows[reference]
    said, labels = answered.predictions.answers, answered.examples.labels[reference[some]]
    one, other = said[:, reference[some]], said[:, edit[some]]
    if binary:
        turned: NDArray[np.int8] = np.sign(other - one).astype(np.int8)
        return turned
    if (labels < 0).any():
        return None
    righted: NDArray[np.int8] = (other == labels).astype(np.int8) - (one == labels).astype(np.int8)
    return righted


def told_by(name: str, metric: Metric, answered: Answered) -> bool:
    """Say whether a metric's margins and choices hold for a probe; of contrastive ones few do."""
    if answered.examples.pairs is None:
        return True
    return judges(name, metric, Agreement(answered.predictions.answers.dtype.kind != "f"))


def _taken(examples: Examples, at: NDArray[np.intp]) -> Examples:
    return Examples(
        ids=examples.ids[at],
        labels=examples.labels[at],
        clusters=examples.clusters[at],
        weights=None if examples.weights is None else examples.weights[at],
        groups={name: of[at] for name, of in examples.groups.items()},
    )
