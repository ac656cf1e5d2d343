"""Sensitivity at a specificity fixed elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from underspec import metrics
from underspec.core.errors import UsageError


def two(scores):
    """Return scores of both classes."""
    return np.stack([1 - scores, scores], axis=2).astype(np.float32)


@settings(deadline=None)
@given(
    arrays.arrays(np.int64, (2, 25), elements=st.integers(0, 8)),
    arrays.arrays(np.int32, 25, elements=st.integers(0, 1)).filter(lambda y: (y == 0).any()),
    st.floats(0.01, 1),
    st.none() | arrays.arrays(np.float64, 25, elements=st.floats(0.125, 8)),
)
def test_the_threshold_is_the_least_that_gives_the_specificity(raw, labels, least, weights):
    """Specificity is at least what was asked for, and under it at the next lower score."""
    said = two(raw / 8)
    fitted = metrics.get("sensitivity", specificity=least).fitted(said, labels, weights)
    size = (np.ones(25) if weights is None else weights)[labels == 0]
    for scores, threshold in zip(said[:, labels == 0, 1], fitted.thresholds, strict=True):
        assert np.average(scores <= threshold, weights=size) >= least - 1e-9
        assert np.average(scores < threshold, weights=size) < least + 1e-9


def test_thresholds_stay_where_they_were_set():
    """On other examples each variant keeps its own threshold; positives above it are found."""
    said = two(np.array([[0.1, 0.2, 0.3, 0.9], [0.4, 0.6, 0.5, 0.9]]))
    fitted = metrics.get("sensitivity").fitted(said, np.array([0, 0, 0, 1], np.int32))
    other = two(np.array([[0.31, 0.29, 0.5, 0.9], [0.59, 0.7, 0.61, 0.9]]))
    labels = np.array([1, 1, 1, 0], np.int32)

    np.testing.assert_allclose(fitted.thresholds, [0.3, 0.6], atol=1e-6)
    np.testing.assert_allclose(fitted.value(other, labels), [2 / 3, 2 / 3])
    weighted = fitted.value(other, labels, np.array([2.0, 1.0, 1.0, 5.0]))
    np.testing.assert_allclose(weighted, [3 / 4, 2 / 4])
    assert np.isnan(fitted.value(other, np.zeros(4, np.int32))).all()


def test_other_variants_than_fitted_are_refused():
    """Thresholds belong to variants, so a different number of them is an error."""
    said = two(np.array([[0.1, 0.2], [0.3, 0.4]]))
    labels = np.array([0, 1], np.int32)
    fitted = metrics.get("sensitivity").fitted(said, labels)
    with pytest.raises(UsageError, match="thresholds are of 2 variants, but 1"):
        fitted.value(said[:1], labels)


def test_a_deciding_half_without_negatives_is_refused():
    """There is nothing to take a threshold from."""
    with pytest.raises(UsageError, match="there are none"):
        metrics.get("sensitivity").fitted(two(np.array([[0.1, 0.2]])), np.ones(2, np.int32))


@pytest.mark.parametrize("specificity", [0, 1.1, -0.5])
def test_a_specificity_that_is_no_share_is_refused(specificity):
    """It lies above 0 and is at most 1."""
    with pytest.raises(UsageError, match="at most 1"):
        metrics.get("sensitivity", specificity=specificity)
