"""What is kept of the scores that models gave: all of them, or the answers and what is needed."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import ClassMap, Scores

__all__ = ["WHOLE_SCORES", "Kept", "keep"]

WHOLE_SCORES = 20
"""Up to this many classes all scores are kept; above, the answer, two scores and the top five."""

Kept: TypeAlias = dict[str, NDArray[Any]]
"""Either ``scores`` or ``answer, answer_score, label_score, top5``, each [variants, examples, ...]."""

_TOP = 5


def keep(scores: Scores, labels: NDArray[Any], answers: ClassMap | None = None) -> Kept:
    """Return what a study keeps of scores.

    Args:
        scores: probabilities [variants, examples, model classes]; for regression the values
            predicted, [variants, examples, 1].
        labels: codes of the probe's classes, or, as floats, the targets of a regression [examples].
        answers: how the model's classes are read; as the probe's own where None.

    Raises:
        UsageError: the map is for another number of classes, or maps none, or the models of a
            regression give another number of values.
    """
    if labels.dtype.kind == "f":
        if scores.shape[2] != 1 or answers is not None:
            raise UsageError(
                f"The task is regression, for which models give one value an example, but these gave "
                f"{scores.shape[2]} scores. Use a trainer for regression, or task: classification."
            )
        return {"scores": np.ascontiguousarray(scores, dtype=np.float32)}
    if answers is None and scores.shape[2] <= WHOLE_SCORES:
        return {"scores": np.ascontiguousarray(scores, dtype=np.float32)}
    parts = [_compact(own, labels, answers) for own in scores]
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def _compact(scores: Scores, labels: NDArray[np.int32], answers: ClassMap | None) -> Kept:
    rows = np.arange(len(scores))
    if answers is None:
        own, codes = scores[rows, labels], np.arange(scores.shape[1], dtype=np.int32)
    else:
        scores, own, codes = _read_as(scores, labels, answers)
    few = min(_TOP, scores.shape[1])
    best = np.argpartition(-scores, few - 1, axis=1)[:, :few] if few < scores.shape[1] else None
    top = np.broadcast_to(np.arange(few), (len(scores), few)) if best is None else np.sort(best)
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    top = np.take_along_axis(top, order, axis=1)
    # Of equal scores the first class is the answer, as in argmax.
    top = np.where(np.arange(few) == 0, scores.argmax(axis=1)[:, None], top)
    return {
        "answer": codes[top[:, 0]],
        "answer_score": scores[rows, top[:, 0]].astype(np.float32),
        "label_score": own.astype(np.float32),
        "top5": codes[top],
    }


def _read_as(
    scores: Scores, labels: NDArray[np.int32], answers: ClassMap
) -> tuple[Scores, Scores, NDArray[np.int32]]:
    """Return the scores of the classes that may be answered, those of the label, and the codes."""
    codes = np.asarray(answers.codes, dtype=np.int32)
    if len(codes) != scores.shape[1]:
        raise UsageError(
            f"This probe says how to read {len(codes)} classes of a model, but the models have "
            f"{scores.shape[1]}: it is made for another set of classes."
        )
    if (codes < 0).all():
        raise UsageError("This probe maps none of the model's classes: nothing could be right.")
    if answers.restricted:
        allowed = np.flatnonzero(codes >= 0)
        scores, codes = scores[:, allowed], codes[allowed]
        # What is left is a choice among the classes that may be answered.
        total = scores.sum(axis=1, keepdims=True, dtype=np.float64)
        scores = np.divide(scores, total, out=np.zeros_like(scores), where=total > 0)
    # Several of the model's classes may count as one: their probabilities add up.
    own = np.where(codes == labels[:, None], scores, 0.0).sum(axis=1)
    return scores, own, codes
