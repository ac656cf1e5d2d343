"""What grading needs of one probe, for every split of the clusters into halves."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Answers, Booleans, Floats, Scores
from underspec.core.streams import Stream, deciding, stream
from underspec.stats.few import effective

__all__ = ["Candidate", "Counted", "Halves", "Tally", "Value", "count", "tally"]

Value = Callable[[Booleans], Floats]
"""Which examples, [examples], to the metric of each variant on them, [variants]."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One probe as the grading sees it; axis 0 is all trained variants.

    Attributes:
        name: of the probe.
        family: what is left out together when the transfer is graded.
        merit: float64 [variants, examples], contributions turned so that more is better.
        answers: class codes int32 [variants, examples].
        clusters: text [examples].
        may_choose: whether it may bear on what is shipped, as rules see it and as they are graded.
        weights: float64 [examples], by which means are weighted; all alike where None.
        value: the metric of each variant on any examples, turned so that more is better, where it
            is no mean of `merit`. That then holds what each example pulls, and serves to resample
            only. NaN where some examples do not define the metric.
        scores: float32 [variants, examples, classes], for rules that average them.
        rescored: scores of made-up variants [m, examples, classes] to their merit and value.
        averaged: groups of ids to the scores [groups, examples, classes] of the models that are the
            mean of each group's weights; None where models cannot be averaged.
    """

    name: str
    family: str
    merit: Floats
    answers: Answers
    clusters: NDArray[np.str_]
    may_choose: bool = True
    weights: Floats | None = None
    value: Value | None = None
    scores: Scores | None = None
    rescored: Callable[[Scores], tuple[Floats, Value | None]] | None = None
    averaged: Callable[[Sequence[tuple[str, ...]]], Scores] | None = None

    def __post_init__(self) -> None:
        if not self.merit.shape == self.answers.shape == (len(self.merit), len(self.clusters)):
            raise UsageError(
                f"Probe '{self.name}' has merit {self.merit.shape}, answers {self.answers.shape} "
                f"and {len(self.clusters)} clusters: give all [variants, examples]."
            )
        if self.weights is not None and self.weights.shape != self.clusters.shape:
            raise UsageError(
                f"Probe '{self.name}' has {self.weights.shape} weights for {len(self.clusters)} "
                "examples: give one each."
            )


class Halves:
    """Which half each cluster is in, for each split, and its weights when images are resampled.

    Both hang on the cluster's id alone: a cluster never straddles the halves, whatever probe it is
    met in, and another probe moves no number.

    Args:
        seed: root seed; split 0 is the study's own, that of `core.streams.deciding`.
        splits: how many ways of halving.
        draws: how many resamples.
    """

    def __init__(self, seed: int, splits: int, draws: int) -> None:
        key = stream(seed, "choose")
        self._seeds = [seed, *(key.child("split", s).seed() for s in range(1, splits))]
        self._weights: Stream = key.child("resample")
        self._draws = draws
        self._known: dict[str, Booleans] = {}
        self._last: tuple[list[str], Booleans, Scores] | None = None

    def __call__(self, clusters: Sequence[str]) -> tuple[Booleans, Scores]:
        """Return who decides, [splits, clusters], and the weights, float32 [draws, clusters].

        The weights are exponential: the Bayesian bootstrap (Rubin 1981), which leaves no probe,
        however small, without an example.
        """
        if self._last is not None and self._last[0] == clusters:
            return self._last[1], self._last[2]
        new = [cluster for cluster in clusters if cluster not in self._known]
        halves = np.stack([deciding(seed, new) for seed in self._seeds], axis=1)
        self._known.update(zip(new, halves, strict=True))
        # Kept for the next probe only, which often has the same images: all would be too many.
        weights = np.empty((self._draws, len(clusters)), np.float32)
        for at, cluster in enumerate(clusters):
            weights[:, at] = self._weights.example(cluster).standard_exponential(
                self._draws, dtype=np.float32
            )
        decides = np.stack([self._known[cluster] for cluster in clusters], axis=1)
        self._last = list(clusters), decides, weights
        return decides, weights


@dataclass(frozen=True, eq=False)
class Counted:
    """The merit of variants, real or made up, on both halves of one probe, for each split.

    Attributes:
        decide: float64 [splits, variants], merit on the deciding half; NaN where that is empty.
        report: the same on the reporting half.
        resampled: float32 [splits, variants, draws], the reporting half's merit, resampled.
        decided: the same of the deciding half.
        overall: float64 [variants], merit on all examples.
        mask: which examples decide, [splits, examples].
        clusters: in both halves, as many as do as well if all were of one size.
    """

    decide: Floats
    report: Floats
    resampled: Scores
    decided: Scores
    overall: Floats
    mask: Booleans
    clusters: float


@dataclass(frozen=True, eq=False)
class Tally:
    """One probe, for each split.

    Attributes:
        name: of the probe.
        family: of the probe.
        may_choose: whether it may bear on what is shipped.
        decide: float64 [splits, variants], merit on the deciding half; NaN where that is empty.
        report: the same on the reporting half.
        resampled: float32 [splits, variants, draws], the reporting half's merit, resampled.
        differ: float64 [splits, variants, variants], share of answers that differ on the deciding
            half.
        decided: as `resampled`, of the deciding half; None where it is not asked for.
        clusters: in both halves, as many as do as well if all were of one size.
    """

    name: str
    family: str
    may_choose: bool
    decide: Floats
    report: Floats
    resampled: Scores
    differ: Floats
    decided: Scores | None = None
    clusters: float = math.inf

    def reporting(self, split: int) -> Floats:
        """Return the merit on the reporting half, [variants, 1 + draws]; first the estimate."""
        return np.concatenate([self.report[split, :, None], self.resampled[split]], axis=1)

    def deciding(self, split: int) -> Floats:
        """Return the same on the deciding half.

        Raises:
            ValueError: its resamples were not kept.
        """
        if self.decided is None:
            raise ValueError(f"The probe '{self.name}' was tallied without `whole`.")
        return np.concatenate([self.decide[split, :, None], self.decided[split]], axis=1)


def tally(probe: Candidate, halves: Halves) -> tuple[Tally, Counted]:
    """Return the tally of a probe, and the counts that it is made from."""
    counted = count(probe, halves, probe.merit, probe.value)
    return Tally(
        name=probe.name,
        family=probe.family,
        may_choose=probe.may_choose,
        decide=counted.decide,
        report=counted.report,
        resampled=counted.resampled,
        differ=_differ(probe.answers, counted.mask, probe.weights),
        decided=counted.decided,
        clusters=counted.clusters,
    ), counted


def count(probe: Candidate, halves: Halves, merit: Floats, value: Value | None) -> Counted:
    """Return merits on both halves of a probe's examples.

    Args:
        probe: whose clusters and weights count.
        halves: who decides.
        merit: float64 [variants, examples].
        value: the metric on any examples, where it is no mean of `merit`.
    """
    names, codes = np.unique(probe.clusters, return_inverse=True)
    decides, draws = halves([str(name) for name in names])
    order = np.argsort(codes, kind="stable")
    number = np.bincount(codes, minlength=len(names))
    first = np.concatenate([[0], np.cumsum(number[:-1])]).astype(np.intp)
    weighed = merit if probe.weights is None else merit * probe.weights
    total = np.add.reduceat(weighed[:, order], first, axis=1)
    size = np.bincount(codes, weights=probe.weights, minlength=len(names)).astype(np.float64)
    mask = decides[:, codes]
    decide, report = _mean(total, size, decides), _mean(total, size, ~decides)
    resampled, decided = _resampled(total, size, decides, draws)
    overall = total.sum(axis=1) / size.sum() if size.sum() > 0 else np.full(len(total), np.nan)
    if value is not None:
        overall = value(np.ones(len(codes), dtype=np.bool_))
        for mean, drawn, half in ((decide, decided, mask), (report, resampled, ~mask)):
            level = np.stack([value(r) if r.any() else np.full(len(merit), np.nan) for r in half])
            np.add(drawn, (level - mean)[:, :, None], out=drawn, casting="same_kind")
            mean[:] = level
    return Counted(decide, report, resampled, decided, overall, mask, effective(size))


def _mean(total: Floats, size: Floats, half: Booleans) -> Floats:
    with np.errstate(invalid="ignore"):
        mean: Floats = (half @ total.T) / (half @ size)[:, None]
    return mean


def _resampled(
    total: Floats, size: Floats, decides: Booleans, draws: Scores
) -> tuple[Scores, Scores]:
    """Return the resampled means of the reporting and the deciding half, [splits, rows, draws]."""
    sums, sizes = total.astype(np.float32), size.astype(np.float32)
    # The deciding half is what the reporting half leaves of the whole: one product for all splits.
    whole, whole_size = sums @ draws.T, sizes @ draws.T
    report, decide = [], []
    for half in decides:
        own = draws[:, ~half].T
        part, part_size = sums[:, ~half] @ own, sizes[~half] @ own
        with np.errstate(invalid="ignore", divide="ignore"):
            report.append(part / part_size)
            decide.append((whole - part) / (whole_size - part_size if half.any() else np.nan))
    return np.stack(report), np.stack(decide).astype(np.float32)


def _differ(answers: Answers, mask: Booleans, weights: Floats | None) -> Floats:
    number = len(answers)
    # Of predicted numbers it is how far they lie apart, on average.
    number_like = answers.dtype.kind == "f"
    differ = np.zeros((len(mask), number, number))
    # A sum of up to 2**24 ones is exact in float32.
    kind = np.float32 if weights is None else np.float64
    columns = mask.T.astype(kind) if weights is None else mask.T * weights[:, None]
    for v in range(number - 1):
        others = answers[v + 1 :]
        unlike = np.abs(others - answers[v]) if number_like else others != answers[v]
        unlike = unlike.astype(kind)
        differ[:, v, v + 1 :] = (unlike @ columns).T
    asked = np.maximum(mask.sum(axis=1), 1) if weights is None else columns.sum(axis=0)
    asked = np.where(asked > 0, asked, 1)
    result: Floats = (differ + differ.transpose(0, 2, 1)) / asked[:, None, None]
    return result
