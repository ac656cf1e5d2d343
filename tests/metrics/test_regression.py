"""Metrics of predicted numbers, against scikit-learn and a direct count of pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as reference

from underspec import metrics


@st.composite
def predicted(draw):
    """Return predictions and targets with many ties, and weights or None."""
    n = draw(st.integers(2, 40))
    said = draw(arrays.arrays(np.int64, (2, n, 1), elements=st.integers(-3, 3)))
    targets = draw(arrays.arrays(np.int64, n, elements=st.integers(-3, 3)))
    weights = draw(st.none() | arrays.arrays(np.float64, n, elements=st.floats(0.125, 8)))
    return said.astype(np.float32) / 2, targets / 2, weights


@settings(deadline=None, max_examples=40)
@given(predicted())
def test_errors_and_r2_are_scikit_learns(case):
    """Weighted or not; R² is undefined where all targets are the same."""
    said, targets, weights = case
    for name, single in (
        ("abs_error", reference.mean_absolute_error),
        ("squared_error", reference.mean_squared_error),
    ):
        got = np.average(metrics.get(name)(said, targets), axis=1, weights=weights)
        found = [single(targets, row[:, 0], sample_weight=weights) for row in said]
        np.testing.assert_allclose(got, found, atol=1e-12)
    got = metrics.get("r2").value(said, targets, weights)
    if (targets == targets[0]).all():
        assert np.isnan(got).all()
    else:
        found = [reference.r2_score(targets, row[:, 0], sample_weight=weights) for row in said]
        np.testing.assert_allclose(got, found, atol=1e-9)


def by_pairs(said, targets, weights):
    """Return Harrell's c by looking at every pair."""
    larger = np.outer(weights, weights) * (targets[:, None] > targets[None])
    agreed = (said[:, None] > said[None]) + 0.5 * (said[:, None] == said[None])
    return (larger * agreed).sum() / larger.sum()


@settings(deadline=None, max_examples=40)
@given(predicted())
def test_concordance_is_that_of_all_pairs(case):
    """Ties in predictions count half, ties in targets not at all; undefined where all are tied."""
    said, targets, weights = case
    got = metrics.get("concordance").value(said, targets, weights)
    if (targets == targets[0]).all():
        assert np.isnan(got).all()
        return
    size = np.ones(len(targets)) if weights is None else weights
    found = [by_pairs(row[:, 0], targets, size) for row in said]
    np.testing.assert_allclose(got, found, atol=1e-12)


def test_concordance_of_two_targets_is_auc():
    """With the targets 0 and 1 it is the area under the ROC curve."""
    draw = np.random.Generator(np.random.Philox(3))
    targets = (draw.random(500) < 0.2).astype(np.float64)
    said = (draw.random((4, 500)) + 0.3 * targets).round(2).astype(np.float32)
    area = metrics.get("auc").value(np.stack([1 - said, said], axis=2), targets.astype(np.int32))

    got = metrics.get("concordance").value(said[:, :, None], targets)
    assert got == pytest.approx(area)


def test_concordance_without_ties_is_kendalls():
    """Without ties c is (tau + 1) / 2, for as many examples as it takes to fill odd blocks."""
    from scipy.stats import kendalltau

    draw = np.random.Generator(np.random.Philox(4))
    targets = draw.standard_normal(1500)
    said = (targets + draw.standard_normal((3, 1500))).astype(np.float32)
    got = metrics.get("concordance").value(said[:, :, None], targets)

    assert got == pytest.approx([(kendalltau(row, targets).statistic + 1) / 2 for row in said])
