"""Variants that answer together: the mean of their scores, counted like a variant of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from underspec.choose.tally import Candidate, Halves, count
from underspec.core.errors import UsageError
from underspec.core.records import Floats, Scores

__all__ = ["Blend", "Blended", "blended", "mean_scores"]

# Scores that are made float64 at once, about 32 MB.
_AT_ONCE = 1 << 22


class Blended(NamedTuple):
    """Who answers together, in which split, and why.

    Attributes:
        rule: its name.
        split: number of the split.
        without: the family that the rule was not shown, None for its pick by all.
    """

    rule: str
    split: int
    without: str | None


@dataclass(frozen=True, eq=False)
class Blend:
    """One ensemble on one probe, in its split.

    Attributes:
        decide: its merit on the deciding half.
        report: the same on the reporting half.
        resampled: float32 [draws], the reporting half's merit, resampled.
        decided: the same of the deciding half.
    """

    decide: float
    report: float
    resampled: Scores
    decided: Scores

    @property
    def known(self) -> bool:
        """Whether both halves define its merit."""
        return bool(np.isfinite([self.decide, self.report]).all())

    def deciding(self) -> Floats:
        """Return the merit on the deciding half, [1 + draws]; first the estimate."""
        return np.concatenate([[self.decide], self.decided])

    def reporting(self) -> Floats:
        """Return the same on the reporting half."""
        return np.concatenate([[self.report], self.resampled])


def blended(
    probe: Candidate,
    halves: Halves,
    variants: Sequence[str],
    wanted: Mapping[Blended, tuple[str, ...]],
    *,
    weights: bool = False,
) -> dict[Blended, Blend]:
    """Return the merit of ensembles on a probe, or of means of weights.

    Args:
        probe: the probe.
        halves: who decides.
        variants: ids, the order of axis 0.
        wanted: the members' ids of each ensemble.
        weights: whether the members' weights are averaged, not their scores.

    Raises:
        UsageError: the probe's scores were not kept.
    """
    if not wanted:
        return {}
    if probe.scores is None or probe.rescored is None:
        raise UsageError(
            f"The choice rule '{next(iter(wanted)).rule}' needs the scores of every class, but of the "
            f"probe '{probe.name}' only answers are kept. Take another rule."
        )
    # Ensembles are often the same in several splits, and whichever family is left out.
    groups = {members: at for at, members in enumerate(dict.fromkeys(wanted.values()))}
    if weights and probe.averaged is not None:
        made = probe.averaged(list(groups))
    else:
        made = mean_scores(probe.scores, variants, list(groups))
    merit, value = probe.rescored(made)
    counted = count(probe, halves, merit, value)
    return {
        key: Blend(
            decide=float(counted.decide[key.split, groups[members]]),
            report=float(counted.report[key.split, groups[members]]),
            resampled=counted.resampled[key.split, groups[members]],
            decided=counted.decided[key.split, groups[members]],
        )
        for key, members in wanted.items()
    }


def mean_scores(
    scores: Scores, variants: Sequence[str], groups: Sequence[tuple[str, ...]]
) -> Scores:
    """Return the mean scores of groups of variants, float32 [groups, examples, classes].

    The order of the variants moves no bit: they are added up by id, in float64.

    Args:
        scores: float32 [variants, examples, classes].
        variants: ids, the order of axis 0.
        groups: the ids of each group.
    """
    order = sorted(range(len(variants)), key=lambda at: variants[at])
    member: Floats = np.array([[variants[at] in set(ids) for at in order] for ids in groups], float)
    sizes = member.sum(axis=1)[:, None]
    wide = scores.shape[1:]
    flat = scores.reshape(len(scores), -1)
    mean = np.empty((len(groups), flat.shape[1]), np.float32)
    step = max(1, _AT_ONCE // max(1, len(scores)))
    for start in range(0, flat.shape[1], step):
        part = flat[order, start : start + step].astype(np.float64)
        mean[:, start : start + step] = (member @ part) / sizes
    return mean.reshape(len(groups), *wide)
