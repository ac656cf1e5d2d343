"""Noise where the number of examples of each stratum, such as a class, was fixed by design.

Examples are then drawn within strata, and only what differs within them is luck. With W_g the share
of stratum g, noise² = sum_g W_g² noise_g² (Cochran 1977, ch. 5).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = [
    "LEAST",
    "Strata",
    "as_if_equal",
    "design_weights",
    "examples_within",
    "noise_shared",
    "noise_within",
    "of_clusters",
    "pooled",
    "strata",
]

LEAST = 3
"""Clusters of a stratum that stands by itself: two, and one to leave out."""


class Strata(NamedTuple):
    """What is known of each stratum, [strata], and which one each cluster is of.

    Attributes:
        codes: stratum of each cluster, 0 and on, [clusters].
        counts: clusters.
        sizes: examples.
        squares: sum over clusters of their squared sizes.
        means: deviation of each variant's mean there from the average variant's, [variants, strata].
        within: sum over clusters of the variance over variants of their totals.
    """

    codes: NDArray[np.intp]
    counts: Floats
    sizes: Floats
    squares: Floats
    means: Floats
    within: Floats

    @property
    def noise(self) -> Floats:
        """Noise variance of the variants' means in each stratum; all is noise where one cluster is."""
        spread = _variance(self.means)
        return _share(self.within - self.squares * spread, self.sizes**2 - self.squares, spread)


def of_clusters(
    codes: NDArray[np.intp], order: NDArray[np.intp], starts: NDArray[np.intp]
) -> NDArray[np.intp] | None:
    """Return the stratum of each cluster, None where some cluster lies in several.

    Args:
        codes: of the examples, [examples].
        order: positions of the examples, cluster by cluster.
        starts: where each cluster begins in `order`.
    """
    ordered = codes[order]
    if not len(starts):
        return ordered
    low, high = np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)
    return low if np.array_equal(low, high) else None


def design_weights(codes: NDArray[np.intp], design: NDArray[np.intp]) -> Floats:
    """Return weights, 1 on average, that give strata the shares that they have by design.

    In a part of a set that was counted off, such as a half by chance, strata have sizes of chance,
    and differences between strata would pass for spread.

    Args:
        codes: strata of the part's examples, [examples].
        design: strata of all examples of the set, in any order.
    """
    kinds, dense, counts = np.unique(codes, return_inverse=True, return_counts=True)
    wanted = np.bincount(
        np.searchsorted(kinds, design[np.isin(design, kinds)]), minlength=len(kinds)
    )
    weights: Floats = (wanted / wanted.sum() * len(codes) / counts)[dense]
    return weights


def pooled(codes: NDArray[np.intp], least: int = LEAST) -> NDArray[np.intp]:
    """Return codes 0 and on in which strata of fewer than `least` clusters are thrown together.

    Taking strata together overstates the noise rather than understates it. What is thrown together
    may still be too few, beside others that are not.
    """
    _, dense, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return _thrown_together(counts, least)[dense]


def strata(codes: NDArray[np.intp], sizes: Floats, apart: Floats, within: Floats) -> Strata:
    """Return what is known of each stratum.

    Args:
        codes: see `pooled`, [clusters].
        sizes: examples of each cluster, [clusters].
        apart: totals less those of the average variant, [variants, clusters].
        within: variance over variants of each cluster's total, [clusters].
    """
    count = int(codes.max()) + 1
    examples, means = _means(codes, sizes, apart)
    return Strata(
        codes=codes,
        counts=np.bincount(codes).astype(np.float64),
        sizes=examples,
        squares=_sums(codes, sizes**2, count),
        means=means,
        within=_sums(codes, within, count),
    )


def noise_within(known: Strata) -> float:
    """Return the noise variance of the variants' means."""
    shares = known.sizes / known.sizes.sum()
    return float((shares**2 * known.noise).sum())


def examples_within(
    known: Strata, sizes: Floats, apart: Floats, within: Floats, means: Floats
) -> float:
    """Return the sampling variance of the true variance over clusters drawn within strata.

    The delete-one-cluster jackknife with the shares of the strata held, in closed form, less what
    it counts a second time: the spread of the covariances of a cluster's totals with the variants'
    means that comes from there being only so many variants.

    Args:
        known: strata; those of fewer than three clusters, which cannot spare one, add nothing.
        sizes: examples of each cluster.
        apart: totals less those of the average variant, [variants, clusters].
        within: variance over variants of each cluster's total.
        means: of the variants, less their mean.
    """
    free, at, m = len(means) - 1, known.codes, sizes
    n = float(m.sum())
    share, spread, noise = (known.sizes / n)[at], _variance(known.means)[at], known.noise[at]
    spared = known.counts[at] >= LEAST
    left = np.where(spared, known.sizes[at] - m, 1.0)
    # Without cluster c the mean of its stratum moves by d_vc = (m_c a_vg - T_vc) / (N_g - m_c).
    with_own = np.einsum("vc,vc->c", known.means[:, at], apart) / free
    with_all = (means @ known.means / free)[at]
    moved = (m * with_all - means @ apart / free) / left
    own_moved = (m * spread - with_own) / left
    square = (m**2 * spread - 2 * m * with_own + within) / left**2
    squares = known.squares[at] - m**2
    noise_left = known.within[at] - within - squares * (spread + 2 * own_moved + square)
    noise_left = _share(noise_left, np.where(spared, left**2 - squares, 0.0), noise)
    change = 2 * share * moved + share**2 * (square - noise_left + noise)
    change = change - (np.bincount(at, change) / known.counts)[at]
    change = np.where(spared, change, 0.0)
    jackknife = float((((known.counts - 1) / known.counts)[at] * change**2).sum())
    observed = float(means @ means) / free
    twice = float((spared * left**2 * (observed * square + moved**2)).sum()) * 4 / n**2 / free
    return max(0.0, jackknife - twice)


def as_if_equal(codes: NDArray[np.intp], sizes: Floats, apart: Floats) -> Floats:
    """Return what `apart` would be if variants did not part between strata, [variants, clusters].

    Each variant's mean there is replaced by its mean over all, and what is left within is made
    larger for the mean having been taken from it. A stratum of one cluster stays as it is.

    Args:
        codes: see `pooled`, [clusters].
        sizes: examples of each cluster, [clusters].
        apart: totals less those of the average variant, [variants, clusters].
    """
    counts = np.bincount(codes).astype(np.float64)
    _, means = _means(codes, sizes, apart)
    own = apart.sum(axis=1, keepdims=True) / sizes.sum()
    means = np.where(counts > 1, means, own)
    clusters = len(codes)
    more = np.sqrt(_share(counts * (clusters - 1), (counts - 1) * clusters, np.ones_like(counts)))
    left: Floats = more[codes] * (apart - sizes * means[:, codes]) + sizes * own
    return left


def noise_shared(
    codes: tuple[NDArray[np.intp], NDArray[np.intp]],
    sizes: tuple[Floats, Floats],
    apart: tuple[Floats, Floats],
    at: tuple[NDArray[np.intp] | slice, NDArray[np.intp] | slice],
) -> float | None:
    """Return the covariance over variants that shared clusters bring to two probes' means.

    Of the probes p and q, each first p's, then q's. ``sum_g W_pg W_qg noise_pqg`` with
    ``noise_pqg = (sum_c Cov_v(T_pc, T_qc) - s_g Cov_v(a_pg, a_qg)) / (N_pg N_qg - s_g)``,
    ``s_g = sum_c m_pc m_qc``, c over the clusters of stratum g that both hold.

    Args:
        codes: strata of the clusters, the same code for the same stratum in both.
        sizes: examples of each cluster.
        apart: totals less those of the average variant, [variants, clusters].
        at: where the shared clusters stand.

    Returns:
        None where a shared cluster is in another stratum of the one than of the other.
    """
    if not np.array_equal(codes[0][at[0]], codes[1][at[1]]):
        return None
    found = [np.unique(one, return_counts=True) for one in codes]
    both, p, q = np.intersect1d(found[0][0], found[1][0], return_indices=True)
    if not len(both):
        return 0.0
    together = _thrown_together(np.minimum(found[0][1][p], found[1][1][q]), LEAST)
    count = int(together.max()) + 1
    dense, examples, means = [], [], []
    for one, m, values in zip(codes, sizes, apart, strict=True):
        rows = np.flatnonzero(np.isin(one, both))
        dense.append(np.full(len(one), -1, dtype=np.intp))
        dense[-1][rows] = together[np.searchsorted(both, one[rows])]
        size, mean = _means(dense[-1][rows], m[rows], values[:, rows])
        examples.append(size)
        means.append(mean)
    free = len(apart[0]) - 1
    crossed = np.einsum("vc,vc->c", apart[0][:, at[0]], apart[1][:, at[1]]) / free
    within = _sums(dense[0][at[0]], crossed, count)
    squares = _sums(dense[0][at[0]], sizes[0][at[0]] * sizes[1][at[1]], count)
    spread = np.einsum("vg,vg->g", means[0], means[1]) / free
    noise = _share(within - squares * spread, examples[0] * examples[1] - squares, spread)
    shares = examples[0] / sizes[0].sum() * examples[1] / sizes[1].sum()
    return float((shares * noise).sum())


def _thrown_together(counts: NDArray[np.intp], least: int) -> NDArray[np.intp]:
    """Return a new code, 0 and on, for each stratum of so many clusters."""
    codes = np.arange(len(counts))
    small = np.flatnonzero(counts < least)
    codes[small] = small[:1]
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)


def _share(above: Floats, below: Floats, otherwise: Floats) -> Floats:
    """Return above / below, or what is given where nothing is below."""
    known = below > 0
    return np.where(known, above / np.where(known, below, 1.0), otherwise)


def _means(codes: NDArray[np.intp], sizes: Floats, apart: Floats) -> tuple[Floats, Floats]:
    """Return the examples of each stratum, and the means there, [variants, strata]."""
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    examples = _sums(codes, sizes, len(counts))
    return examples, np.add.reduceat(apart[:, order], starts, axis=1) / examples


def _sums(codes: NDArray[np.intp], values: Floats, count: int) -> Floats:
    return np.bincount(codes, values, count).astype(np.float64)


def _variance(apart: Floats) -> Floats:
    variance: Floats = np.einsum("vg,vg->g", apart, apart) / (len(apart) - 1)
    return variance
