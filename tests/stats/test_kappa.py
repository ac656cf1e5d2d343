"""Error consistency against scikit-learn and against leaving out."""

import itertools

import numpy as np
import pytest

from underspec.stats.kappa import FEWEST, error_consistency


def made(k=6, n=200, seed=1):
    """Return whether k variants are right on n examples, of varying difficulty."""
    generator = np.random.default_rng(seed)
    latent = generator.normal(size=n) + generator.normal(0.8, 0.3, size=(k, 1))
    return latent + generator.normal(size=(k, n)) > 0


def test_it_is_the_mean_kappa_of_pairs():
    """Cohen's kappa of right and wrong, pair by pair."""
    metrics = pytest.importorskip("sklearn.metrics")
    right = made()
    pairs = [metrics.cohen_kappa_score(a, b) for a, b in itertools.combinations(right, 2)]

    found = error_consistency(right)
    assert found.value == pytest.approx(np.mean(pairs))
    assert found.by_variant.mean() == pytest.approx(found.value)
    assert found.left_out == 0


def test_pseudo_values_over_variants_are_the_jackknife():
    """``k times the whole less k - 1 times the rest``, for each variant."""
    right, k = made(), 6
    found = error_consistency(right)
    rest = [error_consistency(np.delete(right, v, axis=0)).value for v in range(k)]

    expected = k * found.value - (k - 1) * np.array(rest)
    np.testing.assert_allclose(found.by_variant.mean(axis=1), expected, atol=1e-10)


def test_pseudo_values_over_examples_are_the_influence():
    """An example more moves the whole as its pseudo-value says, to first order."""
    right, n = made(n=4000), 4000
    found = error_consistency(right)
    for at in range(0, n, 400):
        more = error_consistency(np.concatenate([right, right[:, [at]]], axis=1)).value
        moved = (found.by_variant[:, at].mean() - found.value) / (n + 1)
        assert more - found.value == pytest.approx(moved, rel=0.02, abs=2e-7)


def test_independent_errors_have_none():
    """Errors of variants that share nothing: about 0; the same errors: 1."""
    generator = np.random.default_rng(2)
    right = generator.random((8, 20_000)) < 0.8

    assert error_consistency(right).value == pytest.approx(0.0, abs=0.01)
    assert error_consistency(np.tile(right[:1], (4, 1))).value == pytest.approx(1.0)


def test_pairs_without_a_kappa_are_left_out():
    """Two variants that are right everywhere have none; the other pairs stand."""
    right = made(k=4, n=300)
    right[:2] = True
    found = error_consistency(right)

    assert found.left_out == 1
    assert np.isfinite(found.by_variant).all()


def test_few_mistakes_tell_nothing():
    """Under ten mistakes, or right answers, of the average variant: no figure."""
    right = np.ones((5, 1000), dtype=bool)
    right[:, : FEWEST - 1] = False

    assert error_consistency(right) is None
    assert error_consistency(~right) is None
    assert error_consistency(np.ones((5, 50), dtype=bool)) is None
