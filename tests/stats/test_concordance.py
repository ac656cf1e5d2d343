"""The chance that the better of two on one test is the better on another."""

import numpy as np
import pytest
from scipy import stats

from underspec.stats.concordance import concordance


def test_known_values():
    """A coin at no correlation, certainty at full, a third and two thirds at one half."""
    assert concordance(np.array([-1, -0.5, 0, 0.5, 1])) == pytest.approx(
        [0, 1 / 3, 1 / 2, 2 / 3, 1]
    )


def test_against_kendall():
    """It is (1 + Kendall's tau) / 2 of normal pairs."""
    pairs = np.random.default_rng(1).multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=20_000)
    tau = stats.kendalltau(pairs[:, 0], pairs[:, 1]).statistic

    assert concordance(0.7) == pytest.approx((1 + tau) / 2, abs=0.005)


def test_nothing_stays_nothing():
    """What is too noisy to say stays so."""
    assert np.isnan(concordance(np.array([np.nan]))).all()
