"""Probes passed on one at a time, keeping what the findings over all of them need."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Arbitrariness, CorruptionError, ProbeFinding
from underspec.core.records import Booleans
from underspec.core.streams import deciding
from underspec.measure import Beside, CorruptionErrors, Evidence, arbitrariness
from underspec.metrics._protocol import Metric
from underspec.study.measuring import Answered, Undefined, counting, evidence, values
from underspec.study.pairs import edits, turns

__all__ = ["Judged", "Seen", "reported"]


def reported(home: set[str], clusters: NDArray[np.str_], seed: int) -> Booleans:
    """Say which examples of a probe are reported: all, where none is related to the holdout.

    Args:
        home: the holdout's clusters.
        clusters: of the probe's examples.
        seed: root seed.
    """
    if home.isdisjoint(clusters.tolist()):
        return np.ones(len(clusters), dtype=np.bool_)
    return ~deciding(seed, clusters)


def _small(values: NDArray[Any]) -> NDArray[Any]:
    """Return the same numbers in less memory where that loses nothing: all probes are kept at once."""
    for kind in (np.int8, np.float32):
        with np.errstate(invalid="ignore", over="ignore"):
            smaller = values.astype(kind)
        if np.array_equal(smaller, values):
            return smaller
    return values


class Judged:
    """The metrics of a study, fixed on its holdout: the first one judges, the others are told.

    Args:
        metrics: name to metric, the first one first.
        seed: root seed.
    """

    def __init__(self, metrics: dict[str, Metric], seed: int) -> None:
        self.seed = seed
        self.name, self.metric = next(iter(metrics.items()))
        self.further = dict(list(metrics.items())[1:])


class Seen:
    """What was seen of the probes so far.

    Attributes:
        scores: each variant's metric on the reported half, by probe.
        arbitrary: of each probe; none for regression.
        evidence: of each probe under the first metric.
        errors: corruption errors, where the first metric is accuracy.
        notes: which probes do not define a metric.
    """

    def __init__(
        self,
        judged: Judged,
        holdout: Answered,
        kept: Sequence[int],
        task: str,
        *,
        middle: bool = True,
    ) -> None:
        self._judged, self._task = judged, task
        self._home = set(holdout.examples.clusters.tolist())
        self._kept = list(kept)
        ids = tuple(holdout.predictions.variants[at] for at in kept)
        self._beside = [
            Beside(name, one, ids, middle=middle) for name, one in judged.further.items()
        ]
        self.scores: dict[str, dict[str, float]] = {}
        self.arbitrary: list[Arbitrariness] = []
        self.evidence: list[Evidence] = []
        self.errors = CorruptionErrors(ids)
        self.notes: list[str] = []
        self._last: tuple[NDArray[np.str_], Booleans] | None = None

    def take(self, answered: Answered) -> Evidence | None:
        """Return a probe as evidence, None where its examples do not define the first metric."""
        judged, row, predictions = self._judged, answered.row, answered.predictions
        rows = self._reported(answered.examples.clusters)
        pairs = row.kind == "contrastive"
        if judged.name == "accuracy" and row.suite and not pairs:
            # Nothing is chosen by it, and published figures are over all images.
            whole = evidence(
                judged.metric, answered, np.ones(len(rows), dtype=np.bool_), judged.seed
            )
            if not isinstance(whole, Undefined):
                classes = len(np.unique(answered.examples.labels))
                self.errors.take(whole, row.suite, classes)
        if self._task != "regression":
            # What the references are answered is told of the holdout, which they are part of.
            some = edits(answered, rows) if pairs else answered
            every = np.ones(len(some.examples.ids), dtype=np.bool_)
            self.arbitrary.append(self._arbitrary(some, every if pairs else rows))
        for beside in self._beside if not pairs else ():
            own = evidence(judged.further[beside.name], answered, rows, judged.seed)
            if isinstance(own, Undefined):
                self._undefined(beside.name, row.title, own)
            else:
                beside.take(own)
        found = evidence(judged.metric, answered, rows, judged.seed)
        if isinstance(found, Undefined):
            self._undefined(judged.name, row.title, found)
            return None
        if pairs and self._task != "regression":
            found = replace(found, turns=turns(answered, rows, binary=self._task == "binary"))
        note = None if pairs else counting(judged.metric, answered.examples)
        if note is not None and note not in self.notes:
            self.notes.append(note)
        means = values(judged.metric, answered, rows)
        self.scores[row.name] = dict(zip(predictions.variants, map(float, means), strict=True))
        self.evidence.append(replace(found, contributions=_small(found.contributions), turns=None))
        return found

    def _reported(self, clusters: NDArray[np.str_]) -> Booleans:
        # Most probes have the clusters of the one before.
        if self._last is None or not np.array_equal(self._last[0], clusters):
            self._last = clusters, reported(self._home, clusters, self._judged.seed)
        return self._last[1]

    def _arbitrary(self, answered: Answered, rows: Booleans) -> Arbitrariness:
        said, here = (
            answered.predictions,
            np.ix_(np.array(self._kept, np.intp), np.flatnonzero(rows)),
        )
        unlabelled = bool((answered.examples.labels[rows] < 0).any())
        return arbitrariness(
            answered.row.name,
            said.answers[here],
            labels=None if unlabelled else answered.examples.labels[rows],
            clusters=answered.examples.clusters[rows],
            scores=None if said.scores is None else said.scores[here],
            label_scores=None
            if said.label_scores is None or unlabelled
            else said.label_scores[here],
            # A stratum is one group of its own column: nothing to break down.
            groups={
                name: of[rows]
                for name, of in answered.examples.groups.items()
                if len(np.unique(of[rows])) > 1
            },
        )

    def corruption_errors(self, holdout: Answered) -> tuple[CorruptionError, ...]:
        """Return the corruption errors over all images; none where another metric judges."""
        if self._judged.name != "accuracy":
            return ()
        every = np.ones(len(holdout.predictions.labels), dtype=np.bool_)
        whole = evidence(self._judged.metric, holdout, every, self._judged.seed)
        return () if isinstance(whole, Undefined) else self.errors.findings(whole)

    def beside(self) -> tuple[ProbeFinding, ...]:
        """Return the findings under all metrics but the first."""
        return tuple(finding for one in self._beside for finding in one.findings(self._judged.name))

    def all(self, answered: Iterable[Answered]) -> Iterator[Evidence]:
        """Yield the probes that define the first metric as evidence."""
        for one in answered:
            found = self.take(one)
            if found is not None:
                yield found

    def _undefined(self, metric: str, title: str, undefined: Undefined) -> None:
        self.notes.append(
            f"{metric} is not defined on {title}: {undefined.why}. It is left out there."
        )
