"""How sure a figure is that a bootstrap over few clusters gives: wider than the normal one says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from underspec.core.findings import Interval
from underspec.core.records import Floats

__all__ = ["Figure", "average", "behind", "free", "interval", "reach", "stretch"]


def free(clusters: float) -> float:
    """Return the degrees of freedom of a half of so many clusters."""
    return max(clusters / 2 - 1, 0.0)


def stretch(clusters: float) -> float:
    """Return by what the Bayesian bootstrap's variance over half of the clusters is multiplied.

    Of a mean of h clusters it is ``(h - 1) / (h + 1)`` of the unbiased one.
    """
    if math.isinf(clusters):
        return 1.0
    return (free(clusters) + 2) / free(clusters) if free(clusters) > 0 else math.inf


def reach(clusters: float, alpha: float = 0.025) -> float:
    """Return the t quantile of a half of so many clusters, as a positive number.

    Args:
        clusters: in both halves.
        alpha: what each end leaves out.
    """
    from scipy.special import ndtri, stdtrit

    df = free(clusters)
    return (
        -float(ndtri(alpha))
        if math.isinf(df)
        else -float(stdtrit(df, alpha))
        if df > 0
        else math.inf
    )


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure in one split, with what of its variance each probe brings.

    Attributes:
        values: the estimate, then its resamples, [1 + draws].
        parts: variance that each probe with a part in it brings, [probes].
        clusters: of the same probes, by `stats.few.effective`, [probes].
    """

    values: Floats
    parts: Floats
    clusters: Floats

    @property
    def known(self) -> bool:
        """Whether there is an estimate, and resamples of it."""
        return bool(np.isfinite(self.values).all())

    @property
    def stretch(self) -> float:
        """By what the variance of the resamples is multiplied; each probe has its own clusters."""
        if not (self.parts > 0).any():
            return stretch(float(self.clusters.min(initial=math.inf)))
        each = np.array([stretch(float(one)) for one in self.clusters])
        return float((self.parts * each)[self.parts > 0].sum() / self.parts.sum())

    @property
    def behind(self) -> float:
        """Clusters behind the figure: degrees of freedom by Satterthwaite (1946), turned back.

        Infinite where no probe has a part; 0 where one that has is too small to see its variance.
        """
        df = np.array([free(float(one)) for one in self.clusters])
        if (df <= 0).any():
            return 0.0
        if not (self.parts > 0).any():
            return float(self.clusters.min(initial=math.inf))
        each = self.parts * [stretch(float(one)) for one in self.clusters]
        squares = float((each**2 / df).sum())
        return 2 * (float(each.sum()) ** 2 / squares + 1) if squares > 0 else math.inf


def average(figures: Sequence[Figure]) -> Figure:
    """Return the mean of several figures of one split, each of other probes; one or more."""
    return Figure(
        np.mean([one.values for one in figures], axis=0),
        np.concatenate([one.parts for one in figures]) / len(figures) ** 2,
        np.concatenate([one.clusters for one in figures]),
    )


def behind(figures: Sequence[Figure]) -> float:
    """Return the clusters behind a mean over splits, each of which halves the same ones.

    0 where one of them hangs on a probe whose variance cannot be seen.
    """
    each = [one.behind for one in figures]
    return float(np.mean(each)) if each and min(each) > 0 else 0.0


def interval(over_splits: Sequence[Figure], *, halvings: bool = True) -> Interval:
    """Return the mean over splits with its 95 % interval; splits without a figure do not count.

    The quantile is t's, with the clusters of a half less one: the halves overlap, so that several
    splits are no more clusters. No ends where that leaves under one.

    Args:
        over_splits: of each split.
        halvings: whether the variance over halvings, which say who is picked, is added to that over
            clusters.
    """
    known = [one for one in over_splits if one.known]
    if not known:
        return Interval(None, None, None)
    mean = np.mean([one.values for one in known], axis=0)
    value, clusters = float(mean[0]), behind(known)
    if free(clusters) < 1:
        return Interval(value, None, None)
    times = float(np.mean([one.stretch for one in known]))
    variance = times * float(np.var(mean[1:], ddof=1))
    if halvings and len(known) > 1:
        variance += float(np.var([one.values[0] for one in known], ddof=1)) / len(known)
    width = reach(clusters) * math.sqrt(variance)
    return Interval(value, value - width, value + width)
