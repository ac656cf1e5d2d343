"""A metric of one probe as the statistics take it: contributions, and the truth behind them."""

from collections.abc import Sequence
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

__all__ = ["HALVINGS", "Measured", "Undefined", "measured", "said_of", "value_on"]

HALVINGS = 20
"""Ways of halving the clusters from which the noise of a `Whole` metric is found."""

_GROUPS = 100
_SEEN, _ROUNDING = 10, 1e-9


_FEW = 50
"""Clusters of the rarest class under which halves are found beside an exact formula, for what
probes share."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A metric on the examples of a probe.

    Attributes:
        contributions: float64 [variants, examples], whose mean, weighted by `weights`, is the
            metric.
        truth: stands for the true variance where the contributions are only pulls; None where the
            metric is their mean, and where it was not asked for.
        weights: of the examples; None where all are alike, and where pulls have them in already.
    """

    contributions: Floats
    truth: Truth | None = None
    weights: Floats | None = None

    @property
    def flat(self) -> Floats:
        """Contributions whose plain mean is the metric, [variants, examples].

        With weights an example's is drawn away from the metric by its weight, so that sums of
        squares are, but for a share of one in n, those of the weighted mean.
        """
        if self.weights is None:
            return self.contributions
        means = np.average(self.contributions, axis=1, weights=self.weights)
        return _weighted(self.contributions, means, self.weights)


@dataclass(frozen=True)
class Undefined:
    """Why some examples do not define a metric.

    Attributes:
        why: goes on after "auc is not defined on the holdout: ".
    """

    why: str


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
) -> Measured | Undefined:
    """Return a metric on all examples of some predictions.

    Args:
        metric: not one that still has to be fitted.
        predictions: of one probe, its reported examples only.
        clusters: of the examples.
        weights: of the examples; all alike where None.
        seed: root seed of the halvings.
        truth: whether to find the truth behind the contributions, where they are not all. Where
            luck cannot be told from behaviour at all the metric is then not defined.

    Raises:
        UsageError: the predictions hold too little for the metric.
    """
    said, labels = said_of(metric, predictions), predictions.labels
    if not len(labels):
        return Undefined("there is no example")
    if isinstance(metric, Mean):
        return Measured(metric(said, labels), weights=weights)
    whole = _whole(metric)
    values = whole.value(said, labels, weights)
    lacks = np.flatnonzero(np.isnan(values))
    if len(lacks):
        return Undefined(_lacking(predictions.variants, lacks))
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
    found = _truth(whole, said, labels, weights, word, codes, pulls)
    if found is None:
        return Undefined(
            "what it hangs on, such as the rarer class, lies in too few clusters to tell luck from behaviour"
        )
    return Measured(pulls, found)


def _lacking(variants: Sequence[str], lacks: NDArray[np.intp]) -> str:
    if len(lacks) == len(variants):
        return "they lack a class or anything to tell apart"
    return f"it is not a number for {len(lacks)} of {len(variants)} variants, such as '{variants[lacks[0]]}'"


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
    codes: NDArray[np.intp],
    pulls: Floats,
) -> Truth | None:
    count = int(codes.max()) + 1
    rarest, stretch = _rarest(labels, codes, count)
    bounds = _bounds(metric.range, pulls, labels, stretch)
    gram = None
    if isinstance(metric, Exact) and weights is None and count == len(labels):
        gram = metric.gram(said, labels)
        if gram is not None and rarest >= _FEW:
            return Truth(gram, None, bounds, exact=True, clusters=rarest)
    halves = np.full((2, HALVINGS, len(said)), np.nan)
    for at in range(HALVINGS):
        first = ((word >> np.uint64(at)) & np.uint64(1)).astype(np.bool_)
        for half, rows in enumerate((first, ~first)):
            if rows.any():
                own = None if weights is None else weights[rows]
                halves[half, at] = metric.value(said[:, rows], labels[rows], own)
    sound = np.isfinite(halves).all(axis=(0, 2))
    if gram is None and not sound.any():
        return None
    return Truth(
        from_halves(halves) if gram is None else gram,
        halves if sound.any() else None,
        bounds,
        exact=gram is not None,
        clusters=rarest,
    )


def _rarest(labels: NDArray[Any], codes: NDArray[np.intp], count: int) -> tuple[int, float]:
    """Return in how many clusters the rarest class is, and how far one of these can pull.

    The pull is in the metric's ranges: that on a mean is 1, and that on a figure which averages over
    the classes as many times more as the class is rarer than its share.
    """
    if labels.dtype.kind == "f":
        return count, 1.0
    classes, kinds = np.unique(labels, return_inverse=True)
    pairs = np.unique(np.stack([kinds, codes]), axis=1)
    rarest = int(np.bincount(pairs[0]).min())
    return rarest, max(1.0, 2 * count / (max(2, len(classes)) * rarest))


def _bounds(
    range_: tuple[float, float], pulls: Floats, labels: NDArray[Any], stretch: float
) -> tuple[float, float]:
    """Return the least and the largest pull of one example more.

    Where ten examples of each class fall short of the best of their class, what was seen of pulls tells
    what may come. Where fewer do, as where all is right, one at the end of the metric's range may.
    """
    short = pulls.mean(axis=0)
    classes = [labels == name for name in np.unique(labels)] if labels.dtype.kind != "f" else []
    reach = float(np.ptp(pulls)) * _ROUNDING
    shortfalls = [int((np.abs(short[own] - short[own].max()) > reach).sum()) for own in classes]
    if classes and min(shortfalls) >= _SEEN:
        return float(pulls.min()), float(pulls.max())
    centre = float(pulls.mean())
    low, high = range_
    return centre - stretch * (centre - low), centre + stretch * (high - centre)


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
        # A metric that hangs on one group alone has no error to be told; `_truth` finds it out.
        without = np.where(np.isfinite(without), without, values)
        pull = (whole - own) / own * (values - without)
        clusters = np.bincount(np.unique(word[rows], return_inverse=True)[1], size[rows])
        pulls[:, rows] += (pull * own / np.sqrt(np.square(clusters).sum()))[:, None]
    return pulls
