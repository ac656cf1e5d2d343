"""A metric of one probe as the statistics take it: contributions, and the truth behind them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Floats, Predictions
from underspec.core.streams import stream
from underspec.core.words import words
from underspec.metrics._protocol import Exact, Fitted, Mean, Metric, Pulled, Whole
from underspec.stats.truth import Truth, from_halves

__all__ = ["HALVINGS", "Measured", "measured", "said_of", "value_on"]

HALVINGS = 20
"""Ways of halving the clusters from which the noise of a `Whole` metric is found."""

_GROUPS = 100


@dataclass(frozen=True, eq=False)
class Measured:
    """A metric on the examples of a probe.

    Attributes:
        contributions: float64 [variants, examples], whose plain mean is the metric. With weights an
            example's is drawn away from the metric by its weight, so that sums of squares are those
            of the weighted mean.
        truth: stands for the true variance where the contributions are only pulls; None where the
            metric is their mean, and where there are too few examples for anything better.
    """

    contributions: Floats
    truth: Truth | None = None


def said_of(metric: Metric, predictions: Predictions) -> NDArray[Any]:
    """Return the array that a metric is called with.

    Raises:
        UsageError: the predictions hold too little for the metric.
    """
    said: NDArray[Any] | None = {
        "answer": predictions.answers,
        "label_score": predictions.label_scores,
        "scores": predictions.scores,
    }[metric.needs]
    if said is None:
        raise UsageError(
            f"The metric {metric!r} needs {metric.needs}, but these predictions hold answers "
            "only. Use metric: accuracy."
        )
    return said


def value_on(
    metric: Metric, predictions: Predictions, rows: Booleans, weights: Floats | None = None
) -> Floats:
    """Return the metric of each variant on the examples of a mask, [variants]; NaN where undefined."""
    if not rows.any():
        return np.full(len(predictions.variants), np.nan)
    said, labels = said_of(metric, predictions), predictions.labels
    own = None if weights is None else weights[rows]
    if isinstance(metric, Mean):
        return np.average(metric(said[:, rows], labels[rows]), axis=1, weights=own)
    return _whole(metric).value(said[:, rows], labels[rows], own)


def measured(
    metric: Metric,
    predictions: Predictions,
    clusters: NDArray[np.str_],
    weights: Floats | None = None,
    *,
    seed: int = 0,
    truth: bool = True,
) -> Measured | None:
    """Return a metric on all examples of some predictions.

    Args:
        metric: not one that still has to be fitted.
        predictions: of one probe, its reported examples only.
        clusters: of the examples.
        weights: of the examples; all alike where None.
        seed: root seed of the halvings.
        truth: whether to find the truth behind the contributions, where they are not all.

    Returns:
        None where these examples do not define the metric, such as AUC with one class only.

    Raises:
        UsageError: the predictions hold too little for the metric.
    """
    said, labels = said_of(metric, predictions), predictions.labels
    if isinstance(metric, Mean):
        plain = metric(said, labels)
        if weights is None:
            return Measured(plain)
        return Measured(_weighted(plain, np.average(plain, axis=1, weights=weights), weights))
    whole = _whole(metric)
    values = whole.value(said, labels, weights)
    if np.isnan(values).any():
        return None
    names, codes = np.unique(clusters, return_inverse=True)
    word = words(stream(seed, "metrics", "halves"), [str(name) for name in names], 1)[codes, 0]
    if isinstance(whole, Pulled):
        pulls = whole.pulls(said, labels, weights)
    else:
        pulls = _jackknifed(whole, said, labels, weights, values, word)
    if weights is not None:
        pulls = _weighted(pulls, values, weights)
    pulls = pulls + (values - pulls.mean(axis=1))[:, None]
    if not truth:
        return Measured(pulls)
    return Measured(pulls, _truth(whole, said, labels, weights, word, len(names), pulls))


def _weighted(contributions: Floats, means: Floats, weights: Floats) -> Floats:
    """Return contributions whose plain mean is the weighted one, and whose pulls are weighted."""
    flat: Floats = means[:, None] + (contributions - means[:, None]) * (weights / weights.mean())
    return flat


def _whole(metric: Metric) -> Whole:
    if isinstance(metric, Whole):
        return metric
    what = (
        "must be fitted on the deciding half first"
        if isinstance(metric, Fitted)
        else "has no value"
    )
    raise UsageError(f"The metric {metric!r} {what}.")


def _truth(
    metric: Whole,
    said: NDArray[Any],
    labels: NDArray[Any],
    weights: Floats | None,
    word: NDArray[np.uint64],
    clusters: int,
    pulls: Floats,
) -> Truth | None:
    bounds = float(pulls.min()), float(pulls.max())
    if isinstance(metric, Exact) and weights is None and clusters == len(labels):
        gram = metric.gram(said, labels)
        if gram is not None:
            return Truth(gram, None, bounds)
    halves = np.full((2, HALVINGS, len(said)), np.nan)
    for at in range(HALVINGS):
        first = ((word >> np.uint64(at)) & np.uint64(1)).astype(np.bool_)
        for half, rows in enumerate((first, ~first)):
            if rows.any():
                own = None if weights is None else weights[rows]
                halves[half, at] = metric.value(said[:, rows], labels[rows], own)
    defined = np.isfinite(halves).all(axis=(0, 2))
    return from_halves(halves, bounds) if defined.any() else None


def _jackknifed(
    metric: Whole,
    said: NDArray[Any],
    labels: NDArray[Any],
    weights: Floats | None,
    values: Floats,
    word: NDArray[np.uint64],
) -> Floats:
    """Return pulls by leaving out groups of clusters, about a hundred, that hang on the names alone.

    An example gets its group's pull, made larger so that the sum of squares over the group's clusters
    comes out as the square of the group's, which is what the error of the figure is made of.
    """
    group = (word >> np.uint64(32)) % np.uint64(_GROUPS)
    size = np.ones(len(labels)) if weights is None else weights
    whole, pulls = size.sum(), np.repeat(values[:, None], len(labels), axis=1)
    for name in np.unique(group):
        rows = group == name
        own, left = size[rows].sum(), ~rows
        if not left.any():
            continue
        without = metric.value(said[:, left], labels[left], None if weights is None else size[left])
        known = np.isfinite(without)
        pull = (whole - own) / own * (values - np.where(known, without, values))
        clusters = np.bincount(np.unique(word[rows], return_inverse=True)[1], size[rows])
        pulls[:, rows] += (pull * own / np.sqrt(np.square(clusters).sum()))[:, None]
    return pulls
