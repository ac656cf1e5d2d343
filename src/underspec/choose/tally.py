"""What grading needs of one probe, for every split of the clusters into halves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Answers, Booleans, Floats, Scores
from underspec.core.streams import Stream, deciding, stream

__all__ = ["Candidate", "Halves", "Tally", "tally"]


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
    """

    name: str
    family: str
    merit: Floats
    answers: Answers
    clusters: NDArray[np.str_]
    may_choose: bool = True

    def __post_init__(self) -> None:
        if not self.merit.shape == self.answers.shape == (len(self.merit), len(self.clusters)):
            raise UsageError(
                f"Probe '{self.name}' has merit {self.merit.shape}, answers {self.answers.shape} "
                f"and {len(self.clusters)} clusters: give all [variants, examples]."
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

    def __call__(self, clusters: Sequence[str]) -> tuple[Booleans, Scores]:
        """Return who decides, [splits, clusters], and the weights, float32 [draws, clusters].

        The weights are exponential: the Bayesian bootstrap (Rubin 1981), which leaves no probe,
        however small, without an example.
        """
        new = [cluster for cluster in clusters if cluster not in self._known]
        halves = np.stack([deciding(seed, new) for seed in self._seeds], axis=1)
        self._known.update(zip(new, halves, strict=True))
        # Weights are drawn anew for each probe: quickly done, and too many to keep.
        weights = np.empty((self._draws, len(clusters)), np.float32)
        for at, cluster in enumerate(clusters):
            weights[:, at] = self._weights.example(cluster).standard_exponential(
                self._draws, dtype=np.float32
            )
        return np.stack([self._known[cluster] for cluster in clusters], axis=1), weights


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
    """

    name: str
    family: str
    may_choose: bool
    decide: Floats
    report: Floats
    resampled: Scores
    differ: Floats


def tally(probe: Candidate, halves: Halves) -> tuple[Tally, Booleans]:
    """Return the tally of a probe, and which of its examples decide, [splits, examples]."""
    names, codes = np.unique(probe.clusters, return_inverse=True)
    decides, weights = halves([str(name) for name in names])
    order = np.argsort(codes, kind="stable")
    size = np.bincount(codes, minlength=len(names)).astype(np.float64)
    first = np.concatenate([[0], np.cumsum(size[:-1])]).astype(np.intp)
    total = np.add.reduceat(probe.merit[:, order], first, axis=1)
    resampled = [_weighted(total[:, ~half], size[~half], weights[:, ~half].T) for half in decides]
    mask = decides[:, codes]
    return Tally(
        name=probe.name,
        family=probe.family,
        may_choose=probe.may_choose,
        decide=_mean(total, size, decides),
        report=_mean(total, size, ~decides),
        resampled=np.stack(resampled),
        differ=_differ(probe.answers, mask),
    ), mask


def _mean(total: Floats, size: Floats, half: Booleans) -> Floats:
    with np.errstate(invalid="ignore"):
        mean: Floats = (half @ total.T) / (half @ size)[:, None]
    return mean


def _weighted(total: Floats, size: Floats, weights: Scores) -> Scores:
    with np.errstate(invalid="ignore"):
        mean: Scores = (total.astype(np.float32) @ weights) / (size.astype(np.float32) @ weights)
    return mean


def _differ(answers: Answers, mask: Booleans) -> Floats:
    count = len(answers)
    differ = np.zeros((len(mask), count, count))
    columns = mask.T.astype(np.float32)
    for v in range(count - 1):
        # A sum of up to 2**24 ones is exact in float32.
        unlike = (answers[v + 1 :] != answers[v]).astype(np.float32)
        differ[:, v, v + 1 :] = (unlike @ columns).T
    asked = np.maximum(mask.sum(axis=1), 1)
    result: Floats = (differ + differ.transpose(0, 2, 1)) / asked[:, None, None]
    return result
