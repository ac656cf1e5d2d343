"""Which of two classes is the positive one: the second, and how to make it the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.metric_words import spoken
from underspec.core.records import Predictions
from underspec.data.predictions import Foreign, ForeignProbe
from underspec.data.predictions.foreign import OneByOne
from underspec.metrics._protocol import Metric
from underspec.metrics.average_precision import AveragePrecision
from underspec.metrics.f1 import F1
from underspec.metrics.sensitivity import Sensitivity

__all__ = ["positive_note", "with_positive"]


def positive_note(metrics: Mapping[str, Metric], classes: Sequence[str]) -> tuple[str, ...]:
    """Return which class is the positive one, where a metric hangs on it.

    AUC, Brier score and log loss of two classes are the same for both.

    Args:
        metrics: name to metric.
        classes: names of the classes in the order of their codes.
    """
    if len(classes) != 2:
        return ()
    named = [spoken(name) for name, metric in metrics.items() if _hangs(metric)]
    if not named:
        return ()
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return (f"The positive class of {listed} is '{classes[1]}'.",)


def _hangs(metric: Metric) -> bool:
    if isinstance(metric, F1):
        return metric.average == "binary"
    return isinstance(metric, Sensitivity | AveragePrecision)


def with_positive(foreign: Foreign, positive: str) -> Foreign:
    """Return predictions of two classes of which the one named is the second, code 1.

    Raises:
        UsageError: there are not two classes, or none has that name.
    """
    classes = foreign.classes
    if len(classes) != 2:
        what = f"{len(classes)} classes" if classes else "numbers to predict"
        raise UsageError(
            f"A positive class is one of two, but there are {what}. Leave positive out."
        )
    if positive not in classes:
        raise UsageError(one_of("class", positive, classes))
    if classes[1] == positive:
        return foreign
    return replace(foreign, probes=_Swapped(foreign.probes), classes=classes[::-1])


@dataclass(frozen=True, eq=False)
class _Swapped(OneByOne):
    """Probes of two classes, the codes of which are swapped as they are read.

    Attributes:
        probes: as they are in the files.
    """

    probes: Sequence[ForeignProbe]

    def __len__(self) -> int:
        return len(self.probes)

    def load(self, at: int) -> ForeignProbe:
        """Return a probe with its codes swapped."""
        probe = self.probes[at]
        return replace(probe, predictions=_swapped(probe.predictions))


def _swapped(said: Predictions) -> Predictions:
    # An answer that is neither class stays -1, and so does a label that nobody named.
    answers = np.where(said.answers < 0, said.answers, 1 - said.answers).astype(said.answers.dtype)
    scores = None if said.scores is None else np.ascontiguousarray(said.scores[:, :, ::-1])
    labels = np.where(said.labels < 0, said.labels, 1 - said.labels).astype(said.labels.dtype)
    return replace(said, labels=labels, answers=answers, scores=scores)
