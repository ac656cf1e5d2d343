"""Conformance of a metric: call `check_metric` on yours and it will fit in."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import stream
from underspec.metrics._protocol import Metric

__all__ = ["check_metric"]

_Array: TypeAlias = NDArray[Any]

_VARIANTS, _EXAMPLES = 4, 60


def check_metric(metric: Metric) -> None:
    """Hold a metric to its contract on made-up predictions of 2 and of 5 classes.

    Checked: shape, type and finiteness; that contributions stay within `range` on average; that
    each depends on nothing but its own variant and example; that the inputs are left as they were;
    that the same call gives the same numbers; and that right and sure answers are better than
    wrong and sure ones.

    Raises:
        AssertionError: in one sentence, what does not hold.
    """
    _expect(
        metric.needs in ("answer", "label_score", "scores"),
        metric,
        f"`needs` is {metric.needs!r}, but must be 'answer', 'label_score' or 'scores'",
    )
    low, high = metric.range
    _expect(low < high, metric, f"`range` must rise, but is {metric.range}")
    if metric.proportion:
        _expect((low, high) == (0, 1), metric, "a proportion has the range (0, 1)")
    for classes in (2, 5):
        scores, labels = _predictions(classes)
        _check_calls(metric, scores, labels)
        right = np.eye(classes, dtype=np.float32)[labels][None]
        wrong = np.eye(classes, dtype=np.float32)[(labels + 1) % classes][None]
        sign = 1 if metric.greater_is_better else -1
        better = sign * _call(metric, right, labels).mean()
        worse = sign * _call(metric, wrong, labels).mean()
        _expect(better > worse, metric, "wrong and sure answers are rated as well as right ones")


def _check_calls(metric: Metric, scores: _Array, labels: _Array) -> None:
    said = _said(metric, scores, labels)
    before = said.copy(), labels.copy()
    got = metric(said, labels)
    _expect(
        got.shape == (_VARIANTS, _EXAMPLES) and got.dtype == np.float64,
        metric,
        f"it must return float64 [variants, examples], but returned {got.dtype} {got.shape}",
    )
    _expect(bool(np.isfinite(got).all()), metric, "it returned a value that is not finite")
    _expect(
        np.array_equal(said, before[0]) and np.array_equal(labels, before[1]),
        metric,
        "it changed its inputs in place",
    )
    again = metric(said, labels)
    _expect(np.array_equal(got, again), metric, "the same call twice gave different numbers")
    low, high = metric.range
    inside = (got.mean(axis=1) >= low - 1e-9) & (got.mean(axis=1) <= high + 1e-9)
    _expect(bool(inside.all()), metric, f"a mean lies outside `range` {metric.range}")
    order = np.arange(_EXAMPLES)[::-1]
    _expect(
        np.allclose(_call(metric, scores[:, order], labels[order]), got[:, order], atol=1e-9),
        metric,
        "contributions do not follow their examples when these are put in another order",
    )
    _expect(
        np.allclose(_call(metric, scores[1:2], labels), got[1:2], atol=1e-9)
        and np.allclose(_call(metric, scores[:, :7], labels[:7]), got[:, :7], atol=1e-9),
        metric,
        "a contribution depends on other variants or examples than its own",
    )


def _predictions(classes: int) -> tuple[_Array, _Array]:
    draw = stream(1, "check_metric", classes).generator()
    scores = draw.dirichlet(np.ones(classes), (_VARIANTS, _EXAMPLES)).astype(np.float32)
    return scores, draw.integers(0, classes, _EXAMPLES, dtype=np.int32)


def _said(metric: Metric, scores: _Array, labels: _Array) -> _Array:
    if metric.needs == "answer":
        answers: _Array = scores.argmax(axis=2).astype(np.int32)
        return answers
    if metric.needs == "label_score":
        return np.ascontiguousarray(scores[:, np.arange(len(labels)), labels])
    return scores


def _call(metric: Metric, scores: _Array, labels: _Array) -> _Array:
    return metric(_said(metric, scores, labels), labels)


def _expect(holds: bool, metric: Metric, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{metric!r}: {sentence}.")
