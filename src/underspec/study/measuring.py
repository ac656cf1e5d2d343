"""From what variants said of a probe to what a metric makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Floats, Predictions
from underspec.measure import Evidence
from underspec.metrics._protocol import Fitted, Mean, Metric
from underspec.metrics.measured import Measured, measured, said_of, value_on
from underspec.select._protocol import Evidence as PoolEvidence
from underspec.study.canonical import describe
from underspec.study.probing import ProbeRow
from underspec.study.tables import Examples

__all__ = [
    "Answered",
    "evidence",
    "fixed",
    "merit",
    "named_metrics",
    "pool_evidence",
    "suits",
    "values",
]


@dataclass(frozen=True, eq=False)
class Answered:
    """One probe with what all trained variants said of it."""

    row: ProbeRow
    examples: Examples
    predictions: Predictions


def named_metrics(given: Sequence[str | Metric]) -> dict[str, Metric]:
    """Return metrics by name, in the order given.

    Raises:
        UsageError: there is none, no such metric, or one comes twice.
    """
    found: dict[str, Metric] = {}
    for one in given:
        metric = metrics.get(one) if isinstance(one, str) else one
        name = one if isinstance(one, str) else _name(metric)
        if name in found:
            raise UsageError(f"The metric '{name}' is given twice. Give it once.")
        found[name] = metric
    if not found:
        raise UsageError("A study needs a metric to judge by. Give one, such as accuracy.")
    return found


def _name(metric: Metric) -> str:
    named = next(iter(describe(metric, metrics.registry)))
    return type(metric).__name__.lower() if ":" in named else named


def suits(metric: Metric, name: str, task: str) -> None:
    """Check that a metric is for a task.

    Raises:
        UsageError: it is for others.
    """
    tasks = tuple(getattr(metric, "tasks", ("binary", "classification")))
    if task not in tasks:
        raise UsageError(
            f"The metric '{name}' is for {' and '.join(tasks)}, but the task is {task}. Give another metric, or "
            "the right task."
        )


def fixed(metric: Metric, holdout: Answered, decides: Booleans) -> Metric:
    """Return a metric with what it takes from the holdout's deciding half, such as a threshold.

    Args:
        metric: any.
        holdout: with the variants in the order of all later predictions.
        decides: the examples that decide.

    Raises:
        UsageError: that half does not do for it.
    """
    if not isinstance(metric, Fitted):
        return metric
    said = said_of(metric, holdout.predictions)[:, decides]
    return metric.fitted(said, holdout.predictions.labels[decides], _own(holdout, decides))


def values(metric: Metric, answered: Answered, rows: Booleans) -> Floats:
    """Return the metric of each variant on some examples, [variants]; NaN where undefined."""
    return value_on(metric, answered.predictions, rows, answered.examples.weights)


def evidence(metric: Metric, answered: Answered, rows: Booleans, seed: int) -> Evidence | None:
    """Return a probe's examples as evidence, None where they do not define the metric.

    Args:
        metric: fixed.
        answered: the probe.
        rows: which of its examples.
        seed: root seed of the study.
    """
    row, clusters = answered.row, answered.examples.clusters[rows]
    made = _measured(metric, answered, rows, seed)
    if made is None:
        return None
    return Evidence(
        name=row.name,
        title=row.title,
        kind=row.kind,
        family=row.family,
        severity=row.severity,
        variants=answered.predictions.variants,
        contributions=made.contributions,
        clusters=clusters,
        truth=made.truth,
    )


def pool_evidence(
    metric: Metric, name: str, holdout: Answered, decides: Booleans, seed: int
) -> PoolEvidence:
    """Return the deciding half of the holdout.

    Raises:
        UsageError: the metric is not defined there.
    """
    made = _measured(metric, holdout, decides, seed, truth=False)
    if made is None:
        raise UsageError(
            f"The metric '{name}' is not defined on the {int(decides.sum())} holdout examples that decide: "
            "they lack a class or anything to tell apart. Give the holdout more examples, or another "
            "metric."
        )
    return PoolEvidence(
        variants=holdout.predictions.variants,
        contributions=made.contributions,
        clusters=holdout.examples.clusters[decides],
        greater_is_better=metric.greater_is_better,
        proportion=metric.proportion,
    )


def merit(metric: Metric, answered: Answered, seed: int) -> Floats | None:
    """Return contributions on all examples, more being better, unweighted where the metric is a mean.

    Returns:
        [variants, examples]; None where these examples do not define the metric.
    """
    sign = 1.0 if metric.greater_is_better else -1.0
    if isinstance(metric, Mean):
        return sign * metric(said_of(metric, answered.predictions), answered.predictions.labels)
    every = np.ones(len(answered.predictions.labels), dtype=np.bool_)
    made = _measured(metric, answered, every, seed, truth=False)
    return None if made is None else sign * made.contributions


def _measured(
    metric: Metric, answered: Answered, rows: Booleans, seed: int, *, truth: bool = True
) -> Measured | None:
    return measured(
        metric,
        answered.predictions.only(rows),
        answered.examples.clusters[rows],
        _own(answered, rows),
        seed=seed,
        truth=truth,
    )


def _own(answered: Answered, rows: Booleans) -> NDArray[Any] | None:
    weights = answered.examples.weights
    return None if weights is None else weights[rows]
