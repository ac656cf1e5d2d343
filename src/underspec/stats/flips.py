"""How alike the sets of pairs are that two variants flip."""

from typing import NamedTuple

import numpy as np

from underspec.core.records import Booleans, Floats
from underspec.stats.shares import Between, Clustered, over_both

__all__ = ["Overlap", "overlap"]

# Sets above this are so large that their overlap by chance hardly varies.
_LARGE = 2_000


class Overlap(NamedTuple):
    """Mean over pairs of variants of what their flipped sets share.

    Attributes:
        jaccard: ``|A and B| / |A or B|``, with its interval over variants and clusters; NaN where
            there is none.
        by_chance: what it would be on average for sets of these sizes, drawn at random.
        variants: those that flip something, of which the two above are.
    """

    jaccard: Between
    by_chance: float
    variants: int


def overlap(flipped: Booleans, clustered: Clustered) -> Overlap:
    """Return how alike flipped sets are.

    A variant that flips nothing says nothing of which pairs flip, and is left out. The interval is
    that of any mean over variants and examples (`over_both`), of jackknife pseudo-values over
    variants (a U-statistic of degree two) and first-order influences of pairs (the infinitesimal
    jackknife of ``|A and B| / |A or B|``). Pairs that nobody flips have none, and are not counted.

    Args:
        flipped: which pairs each variant flips, [variants, pairs].
        clustered: clusters of the pairs.

    Returns:
        NaN throughout under two variants that flip something, ends NaN under three.
    """
    seen: Booleans = np.any(flipped, axis=0)
    sets = flipped[flipped.any(axis=1)][:, seen].astype(np.float64)
    k, n = len(sets), flipped.shape[1]
    nothing = Between(np.nan, np.nan, np.nan)
    if k < 2:
        return Overlap(nothing, np.nan, k)
    both = sets @ sets.T
    sizes = np.diag(both)
    either = sizes[:, None] + sizes[None, :] - both
    alike = both / either
    np.fill_diagonal(alike, 0.0)
    value = float(alike.sum()) / (k * (k - 1))
    chance = _by_chance(sizes, n)
    if k < 3:
        return Overlap(Between(value, np.nan, np.nan), chance, k)
    own = alike.sum(axis=1)[:, None] / (k - 1) + _influence(sets, both, either)
    mean = own.mean(axis=0)
    pseudo = (2 * (k - 1) * own - k * mean) / (k - 2)
    found = over_both(pseudo, clustered.only(seen))
    return Overlap(found._replace(value=value), chance, k)


def _influence(sets: Floats, both: Floats, either: Floats) -> Floats:
    """Return what each pair adds to a variant's mean overlap with the others, [variants, pairs]."""
    k, n = sets.shape
    shared, joined = 1 / either, both / either**2
    np.fill_diagonal(shared, 0.0)
    np.fill_diagonal(joined, 0.0)
    pull = sets * ((shared + joined) @ sets) - sets * joined.sum(axis=1)[:, None] - joined @ sets
    influence: Floats = pull * (n / (k - 1))
    return influence


def _by_chance(sizes: Floats, n: int) -> float:
    """Return the mean over pairs of sets of the expected overlap of random sets of their sizes."""
    kinds, counts = np.unique(sizes, return_counts=True)
    expected = np.array([[_expected(int(a), int(b), n) for b in kinds] for a in kinds])
    weight = np.outer(counts, counts) - np.diag(counts)
    return float((expected * weight).sum() / weight.sum())


def _expected(a: int, b: int, n: int) -> float:
    """Return the mean of ``h / (a + b - h)`` for the hypergeometric h that random sets share."""
    from scipy.special import gammaln

    if min(a, b) > _LARGE:
        shared = a * b / n
        return shared / (a + b - shared)
    h = np.arange(max(0, a + b - n), min(a, b) + 1, dtype=np.float64)
    logs = (
        _choose(gammaln, a, h) + _choose(gammaln, n - a, b - h) - _choose(gammaln, n, np.array([b]))
    )
    return float(np.exp(logs) @ (h / (a + b - h)))


def _choose(gammaln: np.ufunc, whole: int, part: Floats) -> Floats:
    """Return the log of how many ways there are."""
    log: Floats = gammaln(whole + 1.0) - gammaln(part + 1.0) - gammaln(whole - part + 1.0)
    return log
