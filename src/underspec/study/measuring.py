"""From what variants said of a probe to what a metric makes of it."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.metric_words import is_share
from underspec.core.records import Booleans, Floats
from underspec.measure import Evidence
from underspec.metrics._protocol import Fitted, Mean, Metric
from underspec.metrics.measured import Measured, Undefined, measured, said_of, value_on
from underspec.select._protocol import Evidence as PoolEvidence
from underspec.stats.strata import design_weights
from underspec.study.answered import Answered
from underspec.study.canonical import describe
from underspec.study.pairs import pairwise
from underspec.study.tables import Examples

__all__ = [
    "Answered",
    "Undefined",
    "counting",
    "evidence",
    "fixed",
    "merit",
    "named_metrics",
    "pool_evidence",
    "suits",
    "values",
]


def named_metrics(given: Sequence[str | Metric]) -> dict[str, Metric]:
    """Return metrics by name, in the order given; one that comes several times is told by its values.

    Raises:
        UsageError: there is none, no such metric, or one comes twice.
    """
    made = [metrics.get(one) if isinstance(one, str) else one for one in given]
    plain = [_name(metric) for metric in made]
    found: dict[str, Metric] = {}
    for metric, short in zip(made, plain, strict=True):
        name = short if plain.count(short) == 1 else " ".join([short, *_values(metric)])
        if name in found:
            raise UsageError(f"The metric '{name}' is given twice. Give it once.")
        found[name] = metric
    if not found:
        raise UsageError("A study needs a metric to judge by. Give one, such as accuracy.")
    return found


def _values(metric: Metric) -> list[str]:
    return [f"{of.name}={getattr(metric, of.name)}" for of in fields(metric) if of.init]  # type: ignore[arg-type]


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
    """Return the metric of each variant on some examples, [variants]; NaN where undefined.

    Of a contrastive probe, whatever the metric, it is the agreement within pairs.
    """
    metric, answered, rows = pairwise(metric, answered, rows)
    weights = answered.examples.weights
    _, balance = _strata(metric, answered, rows)
    if balance is not None:
        weights = np.ones(len(rows))
        weights[rows] = balance
    return value_on(metric, answered.predictions, rows, weights)


def evidence(metric: Metric, answered: Answered, rows: Booleans, seed: int) -> Evidence | Undefined:
    """Return a probe's examples as evidence, or why they do not define the metric.

    Args:
        metric: fixed.
        answered: the probe.
        rows: which of its examples.
        seed: root seed of the study.

    Returns:
        Of a contrastive probe, whatever the metric, its pairs under agreement.
    """
    metric, answered, rows = pairwise(metric, answered, rows)
    row, clusters = answered.row, answered.examples.clusters[rows]
    made = _measured(metric, answered, rows, seed)
    if isinstance(made, Undefined):
        return made
    strata, balance = _strata(metric, answered, rows)
    return Evidence(
        name=row.name,
        title=row.title,
        kind=row.kind,
        family=row.family,
        severity=row.severity,
        variants=answered.predictions.variants,
        contributions=made.contributions,
        clusters=clusters,
        weights=made.weights if balance is None else balance,
        truth=made.truth,
        strata=strata,
        scale=metric if row.kind == "contrastive" else None,
    )


def counting(metric: Metric, examples: Examples) -> str | None:
    """Return what findings should say of what was counted off; the same for all probes of a kind."""
    if not examples.counted or not _within(metric, examples):
        return None
    what = "class" if examples.counted == "label" else f"'{examples.counted}'"
    if examples.strata is None:
        return (
            f"Examples were counted off by {what}, but some clusters lie in several: the probes where that is "
            "so are judged as if nothing had been counted off, which takes too much for noise."
        )
    return (
        f"Examples were counted off by {what}: noise is what is left within, and means give each its share of "
        "the whole probe."
    )


def _within(metric: Metric, examples: Examples) -> bool:
    return isinstance(metric, Mean) and examples.weights is None


def _strata(
    metric: Metric, answered: Answered, rows: Booleans
) -> tuple[NDArray[np.intp] | None, Floats | None]:
    """Return the strata of some examples, and weights that give these the probe's shares."""
    every = answered.examples.strata
    if every is None or not _within(metric, answered.examples) or not rows.any():
        return None, None
    own = every[rows]
    balance = design_weights(own, every)
    return own, None if np.allclose(balance, 1.0, rtol=1e-12, atol=0.0) else balance


def pool_evidence(
    metric: Metric,
    name: str,
    holdout: Answered,
    decides: Booleans,
    seed: int,
    *,
    plain: bool = False,
) -> PoolEvidence:
    """Return the deciding half of the holdout.

    Args:
        metric: fixed.
        name: of the metric.
        holdout: the holdout.
        decides: which of its examples.
        seed: root seed of the study.
        plain: whether the variants' means will do, as one example's contributions.

    Raises:
        UsageError: the metric is not defined there.
    """
    if plain and decides.any():
        means = value_on(metric, holdout.predictions, decides, holdout.examples.weights)
        return PoolEvidence(
            variants=holdout.predictions.variants,
            contributions=means[:, None],
            clusters=np.array(["all"]),
            greater_is_better=metric.greater_is_better,
            proportion=metric.proportion and is_share(name),
        )
    made = _measured(metric, holdout, decides, seed, truth=False)
    if isinstance(made, Undefined):
        raise UsageError(
            f"The metric '{name}' is not defined on the {int(decides.sum())} holdout examples that decide: "
            f"{made.why}. Give the holdout more examples, or another metric."
        )
    return PoolEvidence(
        variants=holdout.predictions.variants,
        contributions=made.flat,
        clusters=holdout.examples.clusters[decides],
        greater_is_better=metric.greater_is_better,
        proportion=metric.proportion and is_share(name),
    )


def merit(metric: Metric, answered: Answered, seed: int) -> Floats | None:
    """Return contributions on all examples, more being better, unweighted where the metric is a mean.

    Returns:
        [variants, examples], or pairs of a contrastive probe; None where these examples do not define the metric.
    """
    metric, answered, _ = pairwise(metric, answered)
    sign = 1.0 if metric.greater_is_better else -1.0
    if isinstance(metric, Mean):
        return sign * metric(said_of(metric, answered.predictions), answered.predictions.labels)
    every = np.ones(len(answered.predictions.labels), dtype=np.bool_)
    made = _measured(metric, answered, every, seed, truth=False)
    return None if isinstance(made, Undefined) else sign * made.contributions


def _measured(
    metric: Metric, answered: Answered, rows: Booleans, seed: int, *, truth: bool = True
) -> Measured | Undefined:
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
