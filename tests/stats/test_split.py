"""Observed spread = true spread + noise: identities, known answers, unbiasedness."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec.stats.split import covariance, split
from underspec.stats.totals import Totals, group, total


def _totals(contributions, clusters=None):
    contributions = np.asarray(contributions, dtype=float)
    if clusters is None:
        clusters = [f"{i:05d}" for i in range(contributions.shape[1])]
    return total(contributions, group(np.asarray(clusters)))


def _rng(seed):
    return np.random.default_rng(seed)


matrices = st.tuples(st.integers(2, 7), st.integers(2, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-3, 3, width=16))
)


def test_anova_identity():
    """With one example a cluster, noise is the interaction mean square over n, true the component."""
    c = _rng(1).normal(size=(6, 40))
    k, n = c.shape
    rows, columns = c.mean(axis=1), c.mean(axis=0)
    interaction = c - rows[:, None] - columns + c.mean()
    mean_square = (interaction**2).sum() / ((k - 1) * (n - 1))
    between = n * rows.var(ddof=1)
    got = split(_totals(c))

    assert got.noise == pytest.approx(mean_square / n, rel=1e-12)
    assert got.true == pytest.approx((between - mean_square) / n, rel=1e-12)
    assert got.observed == pytest.approx(rows.var(ddof=1), rel=1e-12)


def test_row_formulas_of_the_literature_agree():
    """Both printed forms, mean_i s_i² and the double sum, give the same numbers."""
    c = _rng(2).integers(0, 2, size=(9, 31)).astype(float)
    n = c.shape[1]
    s2, big = c.var(axis=0, ddof=1), c.mean(axis=1).var(ddof=1)
    got = split(_totals(c))

    assert got.noise == pytest.approx((s2.mean() - big) / (n - 1))
    assert got.true == pytest.approx((n**2 * big - s2.sum()) / (n * (n - 1)))


def test_clusters_of_unequal_size_by_pairs():
    """The true variance is the mean covariance of examples from different clusters."""
    c = _rng(3).normal(size=(5, 12)) + _rng(4).normal(size=(5, 1))
    clusters = list("aaaabbbccdde")
    apart = c - c.mean(axis=0)
    pairs = [
        float(apart[:, i] @ apart[:, j]) / 4
        for i, j in itertools.permutations(range(12), 2)
        if clusters[i] != clusters[j]
    ]
    got = split(_totals(c, clusters))

    assert got.true == pytest.approx(np.mean(pairs), rel=1e-12)


@given(matrices)
def test_observed_is_true_plus_noise(c):
    """The identity holds to the last digit that matters, and noise is never negative."""
    got = split(_totals(c))

    assert got.observed == pytest.approx(got.true + got.noise, rel=1e-12, abs=1e-15)
    assert got.noise >= 0


@given(matrices, st.integers(2, 4))
def test_copies_of_rows_within_their_cluster_change_nothing(c, copies):
    """A row repeated within its image brings no new evidence."""
    names = [f"{i}" for i in range(c.shape[1])]
    once = split(_totals(c, names))
    often = split(_totals(np.repeat(c, copies, axis=1), np.repeat(names, copies)))

    assert np.allclose(once, often, rtol=1e-9, atol=1e-12)


def test_equal_variants_have_exactly_no_spread():
    """Equal numbers give 0, not a rounding, whatever their value."""
    c = np.tile(_rng(5).normal(size=37), (7, 1))

    assert split(_totals(c)) == (0.0, 0.0, 0.0)


def test_unbiased_with_clusters():
    """Over many studies true² averages the truth; the row formula on the same rows does not."""
    rng, spread, k, images, rows = _rng(6), 0.3, 6, 25, 4
    clustered, as_rows = [], []
    for _ in range(1500):
        image = rng.normal(size=(k, images)).repeat(rows, axis=1)
        c = spread * rng.normal(size=(k, 1)) + image + 0.5 * rng.normal(size=(k, images * rows))
        clustered.append(split(_totals(c, np.repeat(np.arange(images).astype(str), rows))).true)
        as_rows.append(split(_totals(c)).true)
    error = np.std(clustered) / np.sqrt(len(clustered))

    assert abs(np.mean(clustered) - spread**2) < 4 * error
    assert np.mean(as_rows) - spread**2 > 4 * error


def test_covariance_with_partial_overlap_by_pairs():
    """The true covariance is the mean over pairs of examples that share no cluster."""
    p, q = _rng(7).normal(size=(6, 7)), _rng(8).normal(size=(6, 5))
    in_p, in_q = list("aabbcde"), list("ddexx")
    a, b = p - p.mean(axis=0), q - q.mean(axis=0)
    pairs = [float(a[:, i] @ b[:, j]) / 5 for i in range(7) for j in range(5) if in_p[i] != in_q[j]]
    got = covariance(_totals(p, in_p), _totals(q, in_q))

    assert got.true == pytest.approx(np.mean(pairs), rel=1e-12)
    assert got.observed == pytest.approx(np.cov(p.mean(axis=1), q.mean(axis=1))[0, 1], rel=1e-12)


def test_covariance_without_overlap_is_the_observed():
    """Probes of different images share no noise."""
    p, q = _rng(9).normal(size=(4, 6)), _rng(10).normal(size=(4, 6))
    got = covariance(_totals(p, list("abcdef")), _totals(q, list("ghijkl")))

    assert got.true == pytest.approx(got.observed, rel=1e-12)


def test_covariance_with_itself_is_the_split():
    """A probe's covariance with itself is its own variance, noise out."""
    t = _totals(_rng(11).normal(size=(5, 9)), list("aabbccdde"))

    assert covariance(t, t).true == pytest.approx(split(t).true, rel=1e-12)


def test_totals_sum_rows_of_a_cluster_in_any_order():
    """Clusters are sorted by name and their rows summed, wherever they stood."""
    t = _totals([[1.0, 2, 4, 8], [0, 1, 0, 1]], ["b", "a", "b", "a"])

    assert isinstance(t, Totals)
    assert t.names.tolist() == ["a", "b"]
    assert t.values.tolist() == [[10, 5], [2, 0]]
    assert t.sizes.tolist() == [2, 2]
    assert t.means.tolist() == [3.75, 0.5]
