"""Corrected correlations over variants."""

import numpy as np
import pytest
from scipy import stats

from underspec.stats import relation
from underspec.stats.relation import Joint, correlate, joint, rank_correlation, spearman
from underspec.stats.split import covariance, split
from underspec.stats.totals import group, total

A, B = np.array([0]), np.array([1])


def _totals(c, clusters):
    return total(np.asarray(c, dtype=float), group(np.asarray(clusters)))


def _probes():
    rng = np.random.default_rng(1)
    return [
        _totals(rng.normal(size=(6, 7)), list("aabbcde")),
        _totals(rng.normal(size=(6, 5)), list("ddexx")),
        _totals(rng.normal(size=(6, 4)), list("pqrs")),
        _totals(rng.normal(size=(6, 7)), list("aabbcde")),
    ]


def _moments(observed, noise, shared, k=40):
    """Moments of two probes with observed covariance matrix, noise variances, shared noise."""
    observed = np.array(observed, dtype=float)
    true = observed - np.array([[noise, shared], [shared, noise]])
    return Joint(np.zeros((2, k)), observed, true)


@pytest.mark.parametrize("cells", [4_000_000, 30])
def test_joint_moments_are_those_of_each_pair(cells, monkeypatch):
    """One pass over all clusters gives what each pair gives by itself, however it is cut."""
    monkeypatch.setattr(relation, "_CELLS", cells)
    probes = _probes()
    got = joint(probes)

    for i, p in enumerate(probes):
        assert got.true[i, i] == pytest.approx(split(p).true, rel=1e-9)
        for j, q in enumerate(probes):
            if i != j:
                pair = covariance(p, q)
                assert (got.observed[i, j], got.true[i, j]) == pytest.approx(
                    (pair.observed, pair.true), rel=1e-9
                )


def test_without_noise_it_is_fishers_interval():
    """Nothing to take out: Pearson's r and Fisher's z, as scipy has them."""
    means = np.random.default_rng(2).normal(size=(40, 2))
    means[:, 1] += means[:, 0]
    reference = stats.pearsonr(means[:, 0], means[:, 1])
    got = correlate(_moments(np.cov(means.T), 0, 0), A, B)

    assert got.value[0] == pytest.approx(reference.statistic)
    assert got.raw[0] == pytest.approx(reference.statistic)
    assert (got.low[0], got.high[0]) == pytest.approx(tuple(reference.confidence_interval()))
    assert got.reliability[0] == 1


def test_shared_noise_is_taken_out():
    """A raw correlation that is nothing but shared images is corrected to 0, with p = 1."""
    got = correlate(_moments([[1, 0.2], [0.2, 1]], 0.25, 0.2), A, B)

    assert got.raw[0] == pytest.approx(0.2)
    assert got.value[0] == pytest.approx(0, abs=1e-12)
    assert got.low[0] < 0 < got.high[0]
    assert got.p[0] == pytest.approx(1)


def test_independent_noise_is_divided_out():
    """With reliability .75 on both sides a raw .6 is a true .8."""
    got = correlate(_moments([[1, 0.6], [0.6, 1]], 0.25, 0.0), A, B)

    assert got.value[0] == pytest.approx(0.8)
    assert got.reliability[0] == pytest.approx(0.75)
    assert got.low[0] < 0.8 < got.high[0]


def test_delta_error_is_the_monte_carlo_one():
    """In the middle range the standard error of atanh ρ matches simulated normal moments."""
    rng, k, noise, shared = np.random.default_rng(3), 1500, 0.5, 0.2
    truth = np.array([[1, 0.5], [0.5, 1]])
    sample = rng.multivariate_normal([0, 0], truth, size=(600, k))
    moments = np.einsum("ski,skj->sij", *(2 * [sample - sample.mean(axis=1, keepdims=True)])) / (
        k - 1
    )
    rho = (moments[:, 0, 1] - shared) / np.sqrt(
        (moments[:, 0, 0] - noise) * (moments[:, 1, 1] - noise)
    )
    got = correlate(_moments(truth, noise, shared, k), A, B)
    half = np.arctanh(got.high[0]) - np.arctanh(got.value[0])

    assert got.reliability[0] == 0.5
    assert half / 1.959964 == pytest.approx(np.arctanh(rho).std(), rel=0.08)


@pytest.mark.parametrize(
    ("noise", "off"), [(0.8, 0.1), (1.2, 0.1), (0.5, 0.6)], ids=["noisy", "negative", "beyond 1"]
)
def test_too_noisy_says_nothing(noise, off):
    """Under reliability .3, at negative variance, and at |ρ| >= 1, there is no value; raw stays."""
    got = correlate(_moments([[1, off], [off, 1]], noise, 0.0), A, B)

    assert np.isnan([got.value[0], got.low[0], got.high[0], got.p[0]]).all()
    assert got.raw[0] == pytest.approx(off)


def test_a_probe_that_does_not_vary_has_no_correlation():
    """No spread: no raw correlation either, and no warning."""
    got = correlate(_moments([[0, 0], [0, 1]], 0.0, 0.0), A, B)

    assert np.isnan(got.raw[0])
    assert np.isnan(got.value[0])


def test_spearman_of_normal_variables():
    """(6/π) asin(ρ/2), against ranks of many normal pairs."""
    pairs = np.random.default_rng(4).multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=60_000)
    reference = stats.spearmanr(pairs[:, 0], pairs[:, 1]).statistic

    assert spearman(0.7) == pytest.approx(reference, abs=0.01)
    assert spearman(np.array([-1.0, 0, 1])) == pytest.approx([-1, 0, 1])


def test_rank_correlation_is_scipys_with_ties():
    """Mean ranks for ties, as in scipy; NaN where all are equal."""
    means = np.random.default_rng(5).integers(0, 6, size=(3, 25)).astype(float)
    means[2] = 1.0
    got = rank_correlation(means)

    assert got[0, 1] == pytest.approx(stats.spearmanr(means[0], means[1]).statistic)
    assert np.isnan(got[0, 2])
