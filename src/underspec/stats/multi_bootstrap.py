"""The Multi-Bootstrap: variants and examples resampled at once."""

from typing import NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stats.totals import Totals

__all__ = ["Resampled", "bootstrap_variance", "multi_bootstrap"]

_CELLS = 1_000_000
"""Weights held at once; the draws do not depend on it."""


class Resampled(NamedTuple):
    """What a Multi-Bootstrap says of mean of A less mean of B.

    Attributes:
        value: the estimate.
        low: percentile .025 of the resamples.
        high: percentile .975.
        p: two-sided, of no difference; at least 2 / (resamples + 1).
        draws: the differences, [resamples].
    """

    value: float
    low: float
    high: float
    p: float
    draws: Floats


def multi_bootstrap(
    a: Totals,
    b: Totals,
    key: Stream,
    *,
    resamples: int = 1000,
    paired_variants: bool = False,
) -> Resampled:
    """Return the difference's resamples (Sellam et al., ICLR 2022), as products of matrices.

    Every resample draws variants with replacement and clusters with replacement. Clusters are
    drawn once for both where both hold the same names, variants where they are paired.

    Args:
        a: one side.
        b: the other.
        key: stream of this comparison.
        resamples: how many.
        paired_variants: whether row v of A and row v of B share their seeds.

    Raises:
        UsageError: the sides share some clusters but not all, or paired variants differ in number.
    """
    same = np.array_equal(a.names, b.names)
    if not same and np.intersect1d(a.names, b.names).size:
        raise UsageError(
            "The Multi-Bootstrap pairs all clusters or none, but these two probes share some. Keep the "
            "shared ones on both sides, or name them apart."
        )
    if paired_variants and a.k != b.k:
        raise UsageError(f"Paired variants must be as many, got {a.k} and {b.k}.")
    of = {
        (side, what): key.child(side, what).generator()
        for side in ("a", "b")
        for what in ("variants", "clusters")
    }
    size = max(1, _CELLS // max(len(a.sizes), len(b.sizes)))
    parts = []
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        variants = _draw(of["a", "variants"], count, a.k)
        clusters = _draw(of["a", "clusters"], count, len(a.sizes))
        other = variants if paired_variants else _draw(of["b", "variants"], count, b.k)
        others = clusters if same else _draw(of["b", "clusters"], count, len(b.sizes))
        parts.append(_means(a, variants, clusters) - _means(b, other, others))
    draws = np.concatenate(parts)
    low, high = np.quantile(draws, (0.025, 0.975))
    tail = 1 + min(np.count_nonzero(draws <= 0), np.count_nonzero(draws >= 0))
    return Resampled(
        value=float(a.means.mean() - b.means.mean()),
        low=float(low),
        high=float(high),
        p=min(1.0, 2 * int(tail) / (resamples + 1)),
        draws=draws,
    )


def _draw(generator: np.random.Generator, count: int, size: int) -> Floats:
    """Return how often each of `size` things is drawn in `size` draws, [count, size]."""
    at = generator.integers(0, size, (count, size))
    at += np.arange(count)[:, None] * size
    drawn = np.bincount(at.ravel(), minlength=count * size)
    return drawn.reshape(count, size).astype(np.float64)


def _means(totals: Totals, variants: Floats, clusters: Floats) -> Floats:
    means: Floats = np.einsum("rv,rv->r", variants, clusters @ totals.values.T)
    means /= totals.k * (clusters @ totals.sizes)
    return means


def bootstrap_variance(a: Totals, b: Totals, *, paired_variants: bool = False) -> float:
    """Return the variance of infinitely many resamples, for clusters of one size, in closed form.

    Counts of k draws have second moments ``E w w' = I + (1 - 1/k) 11'``, so the variance is a sum of
    squares over cells, rows and columns. It counts the interaction of variant and example about
    three times (Owen 2007) and that of variants (k - 1)/k times.
    """
    same = np.array_equal(a.names, b.names)
    return (
        _moment(a, a, rows=True, columns=True)
        + _moment(b, b, rows=True, columns=True)
        - 2 * _moment(a, b, rows=paired_variants, columns=same)
    )


def _moment(p: Totals, q: Totals, *, rows: bool, columns: bool) -> float:
    """Return the covariance of two resampled means, which share draws of rows and columns or not."""
    own, other = p.values / (p.n * p.k), q.values / (q.n * q.k)
    row = 1 - 1 / p.k if rows else 1.0
    column = 1 - 1 / len(p.sizes) if columns else 1.0
    total = (row * column - 1) * float(own.sum() * other.sum())
    if rows:
        total += column * float(own.sum(axis=1) @ other.sum(axis=1))
    if columns:
        total += row * float(own.sum(axis=0) @ other.sum(axis=0))
    if rows and columns:
        total += float(np.einsum("vc,vc->", own, other))
    return total
