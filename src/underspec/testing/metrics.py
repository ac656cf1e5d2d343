"""Conformance of a metric: call `check_metric` on yours and it will fit in."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.core.streams import stream
from underspec.metrics._protocol import Exact, Fitted, Mean, Metric, Pulled, Whole

__all__ = ["check_metric"]

_Array: TypeAlias = NDArray[Any]

_VARIANTS, _EXAMPLES = 4, 60
_TASKS = {"binary": (2,), "classification": (2, 5), "regression": (1,)}


def check_metric(metric: Metric) -> None:
    """Hold a metric to its contract on made-up predictions of each task that it is for.

    Checked of every metric: `needs`, `range`, `proportion` and `tasks`; shape, type and finiteness of
    what it returns; that figures stay within `range`; that the inputs are left as they were; that the
    same call gives the same numbers; that the order of examples does not matter and no variant's
    figure depends on another variant; and that right and sure answers are better than wrong ones.

    Of a `Mean` besides: that a contribution depends on its own example alone. Of a `Whole`: that
    counting an example twice is giving it the weight 2, that the scale of weights does not matter, and
    that examples which define nothing (none, all of one class) give NaN or a number and raise nothing.
    Of a `Pulled`: that the (weighted) mean of its contributions is the value, and that they foretell
    what a little more weight on an example does. Of an `Exact`: a symmetric matrix of the right
    shape, indifferent to the order of examples. A `Fitted` is fitted on other examples of the same
    variants; then the metric that it returns is checked.

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
    tasks = tuple(getattr(metric, "tasks", ("binary", "classification")))
    _expect(
        bool(tasks) and set(tasks) <= set(_TASKS),
        metric,
        f"`tasks` is {tasks}, but must name some of {', '.join(_TASKS)}",
    )
    for classes in sorted({classes for task in tasks for classes in _TASKS[task]}):
        _check(metric, classes)


def _check(metric: Metric, classes: int) -> None:
    scores, labels = _predictions(classes, 1)
    ready = _fixed(metric, scores, classes)
    got = _checked_call(ready, scores, labels)
    if isinstance(ready, Whole):
        _check_weights(ready, scores, labels)
        _check_degenerate(ready, scores, labels)
    if isinstance(ready, Pulled):
        _check_pulls(ready, _said(ready, scores, labels), labels)
    if isinstance(ready, Exact):
        _check_gram(ready, scores, labels)
    if isinstance(ready, Mean):
        few = _figures(ready, scores[:, :7], labels[:7])
        _expect(
            np.allclose(few, got[:, :7], atol=1e-9),
            metric,
            "a contribution depends on other examples than its own",
        )
    right, wrong = _right(labels, classes), _wrong(labels, classes)
    if isinstance(metric, Fitted):  # on the other side of thresholds that lie between
        ready = _fixed(metric, np.concatenate([right, wrong]), classes, labels)
        better, worse = _merit(ready, np.concatenate([right, wrong]), labels)
    else:
        better, worse = _merit(ready, right, labels)[0], _merit(ready, wrong, labels)[0]
    _expect(better > worse, metric, "wrong and sure answers are rated as well as right ones")


def _fixed(metric: Metric, scores: _Array, classes: int, labels: _Array | None = None) -> Metric:
    """Return a metric with what it takes from deciding examples, of these variants."""
    if not isinstance(metric, Fitted):
        return metric
    if labels is None:
        scores, labels = _predictions(classes, 2)
    said = _said(metric, scores, labels)
    before = said.copy()
    ready = metric.fitted(said, labels)
    _expect(np.array_equal(said, before), metric, "fitting changed its inputs in place")
    _expect(
        not isinstance(ready, Fitted), metric, "what fitting returns must not need fitting again"
    )
    same = all(getattr(ready, k) == getattr(metric, k) for k in ("needs", "range", "proportion"))
    _expect(same, metric, "what fitting returns says other things of itself")
    return ready


def _checked_call(metric: Metric, scores: _Array, labels: _Array) -> Floats:
    said = _said(metric, scores, labels)
    before = said.copy(), labels.copy()
    got = _figures(metric, scores, labels, said)
    mean = isinstance(metric, Mean)
    shape = (_VARIANTS, _EXAMPLES) if mean else (_VARIANTS,)
    axes = "[variants, examples]" if mean else "[variants]"
    _expect(
        got.shape == shape and got.dtype == np.float64,
        metric,
        f"it must return float64 {axes}, but returned {got.dtype} {got.shape}",
    )
    _expect(bool(np.isfinite(got).all()), metric, "it returned a value that is not finite")
    _expect(
        np.array_equal(said, before[0]) and np.array_equal(labels, before[1]),
        metric,
        "it changed its inputs in place",
    )
    again = _figures(metric, scores, labels, said)
    _expect(np.array_equal(got, again), metric, "the same call twice gave different numbers")
    _check_range(metric, got)
    order = np.arange(_EXAMPLES)[::-1]
    _expect(
        np.allclose(
            _figures(metric, scores[:, order], labels[order]), got[:, order] if mean else got
        ),
        metric,
        "contributions do not follow their examples when these are put in another order"
        if mean
        else "the value depends on the order of the examples",
    )
    alone = scores.copy()
    alone[0] = scores[1]
    other = _figures(metric, alone, labels)
    _expect(
        np.allclose(other[1:], got[1:], atol=1e-9),
        metric,
        "a variant's figures depend on another variant",
    )
    return got


def _check_range(metric: Metric, got: Floats) -> None:
    low, high = metric.range
    means = got.mean(axis=1) if got.ndim == 2 else got
    inside = (means >= low - 1e-9) & (means <= high + 1e-9)
    what = "mean" if got.ndim == 2 else "value"
    _expect(bool(inside.all()), metric, f"a {what} lies outside `range` {metric.range}")


def _check_weights(metric: Whole, scores: _Array, labels: _Array) -> None:
    said = _said(metric, scores, labels)
    try:
        weighted = metric.value(said, labels, 1.0 + (np.arange(_EXAMPLES) % 3 == 0))
    except UsageError:  # such as a function without weights: a refusal, no silence
        return
    twice = np.sort(np.concatenate([np.arange(_EXAMPLES), np.arange(0, _EXAMPLES, 3)]))
    repeated = metric.value(said[:, twice], labels[twice])
    _expect(
        np.allclose(weighted, repeated, atol=1e-9),
        metric,
        "the weight 2 is not the same as an example that comes twice",
    )
    flat = metric.value(said, labels, np.full(_EXAMPLES, 0.25))
    _expect(
        np.allclose(flat, metric.value(said, labels), atol=1e-9),
        metric,
        "equal weights do not give what no weights give",
    )


def _check_degenerate(metric: Whole, scores: _Array, labels: _Array) -> None:
    said = _said(metric, scores, labels)
    masks = [np.zeros(_EXAMPLES, np.bool_), labels == labels[0], labels != labels[0]]
    masks += [np.arange(_EXAMPLES) < 1, labels == labels.max()]
    for mask in masks:
        try:
            got = metric.value(said[:, mask], labels[mask])
        except Exception as error:
            raise AssertionError(
                f"{metric!r}: {int(mask.sum())} examples of {len(np.unique(labels[mask]))} classes or targets "
                f"must give NaN where they do not define it, but raised {error!r}."
            ) from error
        _expect(
            got.shape == (_VARIANTS,) and not np.isinf(got).any(),
            metric,
            "few examples must give one number or NaN a variant",
        )
        known = np.isfinite(got)
        _check_range(metric, got[known])


def _check_pulls(metric: Pulled, said: _Array, labels: _Array) -> None:
    weights = 1.0 + (np.arange(_EXAMPLES) % 3 == 0)
    for own in (None, weights):
        pulls, value = metric.pulls(said, labels, own), metric.value(said, labels, own)
        _expect(
            pulls.shape == said.shape[:2] and pulls.dtype == np.float64,
            metric,
            f"pulls must be float64 [variants, examples], but are {pulls.dtype} {pulls.shape}",
        )
        _expect(
            np.allclose(np.average(pulls, axis=1, weights=own), value, atol=1e-9),
            metric,
            "the mean of the pulls is not the value",
        )
    pulls, value = metric.pulls(said, labels), metric.value(said, labels)
    small = 1e-5
    for example in range(0, _EXAMPLES, 7):
        more = np.ones(_EXAMPLES)
        more[example] += small
        # The weight's share of all times the contribution less the value, to first order.
        moved = (metric.value(said, labels, more) - value) * (_EXAMPLES + small) / small
        _expect(
            np.allclose(moved, pulls[:, example] - value, rtol=1e-2, atol=1e-3),
            metric,
            "a little more weight on an example does not move the value as its pull says",
        )


def _check_gram(metric: Exact, scores: _Array, labels: _Array) -> None:
    gram = metric.gram(_said(metric, scores, labels), labels)
    if gram is None:
        return
    _expect(
        gram.shape == (_VARIANTS, _VARIANTS) and np.allclose(gram, gram.T),
        metric,
        "`gram` must be symmetric, [variants, variants]",
    )
    order = np.arange(_EXAMPLES)[::-1]
    turned = metric.gram(_said(metric, scores[:, order], labels[order]), labels[order])
    _expect(
        turned is not None and np.allclose(gram, turned, atol=1e-9),
        metric,
        "`gram` depends on the order of the examples",
    )


def _predictions(classes: int, draw: int) -> tuple[_Array, _Array]:
    """Return scores and labels of made-up examples; for one class, predictions and targets."""
    rng = stream(draw, "check_metric", classes).generator()
    if classes == 1:
        targets = rng.standard_normal(_EXAMPLES).round(1)
        said = targets[:, None] + rng.standard_normal((_VARIANTS, _EXAMPLES, 1)).round(1)
        return said.astype(np.float32), targets
    scores = rng.dirichlet(np.ones(classes), (_VARIANTS, _EXAMPLES)).astype(np.float32)
    return scores, rng.integers(0, classes, _EXAMPLES, dtype=np.int32)


def _right(labels: _Array, classes: int) -> _Array:
    right: _Array = labels.astype(np.float32)[None, :, None]
    return right if classes == 1 else np.eye(classes, dtype=np.float32)[labels][None]


def _wrong(labels: _Array, classes: int) -> _Array:
    return _right(-labels if classes == 1 else (labels + 1) % classes, classes)


def _said(metric: Metric, scores: _Array, labels: _Array) -> _Array:
    if metric.needs == "answer":
        answers: _Array = scores.argmax(axis=2).astype(np.int32)
        return answers
    if metric.needs == "label_score":
        return np.ascontiguousarray(scores[:, np.arange(len(labels)), labels])
    return scores


def _figures(metric: Metric, scores: _Array, labels: _Array, said: _Array | None = None) -> Floats:
    """Return contributions [variants, examples] of a mean, values [variants] of a whole."""
    said = _said(metric, scores, labels) if said is None else said
    if isinstance(metric, Mean):
        return metric(said, labels)
    if isinstance(metric, Whole):
        return metric.value(said, labels)
    raise AssertionError(f"{metric!r}: it must be called, or have a `value` or `fitted`.")


def _merit(metric: Metric, scores: _Array, labels: _Array) -> Floats:
    got = _figures(metric, scores, labels)
    sign = 1 if metric.greater_is_better else -1
    return sign * (got.mean(axis=1) if got.ndim == 2 else got)


def _expect(holds: bool, metric: Metric, sentence: str) -> None:
    if not holds:
        raise AssertionError(f"{metric!r}: {sentence}.")
