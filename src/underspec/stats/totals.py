"""Contributions summed over what was sampled as one thing."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.stats.strata import of_clusters
from underspec.stats.truth import Truth

__all__ = ["Grouping", "Totals", "deviations", "group", "shared", "total"]


class Grouping(NamedTuple):
    """How examples fall into clusters.

    Attributes:
        names: sorted names of the clusters.
        order: positions of the examples, cluster by cluster.
        starts: where each cluster begins in `order`.
        sizes: examples a cluster, as floats.
    """

    names: NDArray[np.str_]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: Floats


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums of contributions over clusters: all that the statistics need of a probe.

    Attributes:
        values: [variants, clusters].
        sizes: examples in each cluster, or their weight, [clusters].
        names: sorted names of the clusters, [clusters].
        truth: stands for the true variance where the metric is no mean of its contributions.
        strata: of which stratum each cluster is, where the examples of each were counted off by
            design, [clusters]; the same code in every probe. None where clusters were drawn alike.
    """

    values: Floats
    sizes: Floats
    names: NDArray[np.str_]
    truth: Truth | None = None
    strata: NDArray[np.intp] | None = None

    @property
    def k(self) -> int:
        """Variants."""
        return len(self.values)

    @property
    def resolved(self) -> bool:
        """Whether a spread can be told from noise at all: two variants and two clusters."""
        return self.k >= 2 and len(self.sizes) >= 2

    @cached_property
    def n(self) -> float:
        """Examples in all clusters."""
        return float(self.sizes.sum())

    @cached_property
    def means(self) -> Floats:
        """Mean contribution of each variant, [variants]; there must be an example."""
        means: Floats = self.values.sum(axis=1) / self.n
        return means

    @cached_property
    def average(self) -> Floats:
        """Totals of the average variant, [clusters]; there must be a variant."""
        average: Floats = self.values.mean(axis=0)
        return average

    @cached_property
    def apart(self) -> Floats:
        """Totals less those of the average variant, [variants, clusters]."""
        return deviations(self.values)

    @cached_property
    def within(self) -> Floats:
        """Variance over variants, two or more, of each cluster's total, [clusters]."""
        within: Floats = np.einsum("vc,vc->c", self.apart, self.apart) / (self.k - 1)
        return within

    def only(self, rows: NDArray[np.intp]) -> "Totals":
        """Return the totals of the variants at `rows`."""
        truth = None if self.truth is None else self.truth.only(rows)
        return Totals(self.values[rows], self.sizes, self.names, truth, self.strata)


def deviations(values: Floats) -> Floats:
    """Return values less their mean over variants (axis 0), exactly 0 where all are equal."""
    apart: Floats = values - values.mean(axis=0)
    # The mean of equal numbers can be off by a rounding, which would pass for a difference.
    apart[..., (values == values[0]).all(axis=0)] = 0.0
    return apart


def group(clusters: NDArray[np.str_]) -> Grouping:
    """Return how examples fall into clusters; `clusters` names one an example."""
    names, codes = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(codes, minlength=len(names))
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    return Grouping(names, order, starts[: len(names)], sizes.astype(np.float64))


def total(
    contributions: Floats,
    grouping: Grouping,
    truth: Truth | None = None,
    strata: NDArray[np.intp] | None = None,
    weights: Floats | None = None,
) -> Totals:
    """Return cluster totals of contributions [variants, examples].

    Args:
        contributions: [variants, examples].
        grouping: of the examples.
        truth: see `Totals`.
        strata: of the examples, [examples]; not believed where a cluster lies in several.
        weights: of the examples, [examples]; sizes are then sums of weights, which are scaled to be
            1 on average. All alike where None.
    """
    values = np.asarray(contributions, dtype=np.float64)[:, grouping.order]
    sizes, single = grouping.sizes, len(grouping.names) in (0, len(grouping.order))
    if weights is not None and len(weights):
        own = (weights / weights.mean())[grouping.order]
        values, sizes = values * own, own if single else np.add.reduceat(own, grouping.starts)
    if not single:
        values = np.add.reduceat(values, grouping.starts, axis=1)
    codes = None if strata is None else of_clusters(strata, grouping.order, grouping.starts)
    return Totals(values, sizes, grouping.names, truth, codes)


def shared(
    a: NDArray[np.str_], b: NDArray[np.str_]
) -> tuple[NDArray[np.intp] | slice, NDArray[np.intp] | slice]:
    """Return where the names that two sorted lists of unique names share stand in each.

    Both positions are full slices where the lists are the same, which is the common case of
    distortions of one set of images.
    """
    if a is b or np.array_equal(a, b):
        return slice(None), slice(None)
    _, at_a, at_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    return at_a, at_b
