"""Made-up predictions of real examples: to try a metric on before anything is trained."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Predictions
from underspec.core.streams import stream
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.measuring import Answered
from underspec.study.probing import ProbeRow
from underspec.study.tables import Examples

__all__ = ["made_up"]

_IDS = ("made up 1", "made up 2")


def made_up(row: ProbeRow, examples: Examples, classes: int) -> Answered:
    """Return a probe with what two models that are right more often than not might say of it.

    Args:
        row: the probe.
        examples: of the probe; their labels are used as they are.
        classes: how many the models tell apart; not looked at for regression.
    """
    labels = examples.labels
    draw = stream(0, "study", "made up").generator()
    if labels.dtype.kind == "f":
        others = np.stack([draw.permutation(labels) for _ in _IDS])
        # Between targets that occur, so that what is positive stays so.
        scores = (0.8 * labels + 0.2 * others).astype(np.float32)[:, :, None]
        return Answered(row, examples, Predictions(_IDS, labels, scores[:, :, 0], None, scores))
    count = max(classes, int(labels.max(initial=0)) + 1)
    if row.reads or count > WHOLE_SCORES:
        return Answered(row, examples, _answers(labels, count, draw))
    pull = draw.normal(size=(len(_IDS), len(labels), count))
    pull[:, np.arange(len(labels)), labels] += 1.5
    odds = np.exp(pull)
    scores = (odds / odds.sum(axis=2, keepdims=True)).astype(np.float32)
    own = scores[:, np.arange(len(labels)), labels]
    answers = scores.argmax(axis=2).astype(np.int32)
    return Answered(row, examples, Predictions(_IDS, labels, answers, own, scores))


def _answers(labels: NDArray[np.int32], count: int, draw: np.random.Generator) -> Predictions:
    shape = len(_IDS), len(labels)
    right = draw.random(shape) < 0.7
    answers = np.where(right, labels, draw.integers(count, size=shape)).astype(np.int32)
    own = draw.uniform(0.1, 0.9, size=shape).astype(np.float32)
    return Predictions(_IDS, labels, answers, own)
