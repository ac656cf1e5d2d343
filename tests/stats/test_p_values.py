"""P-values by inversion, and adjustment for many tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from underspec.stats.evidence import benjamini_hochberg, holm, smallest_alpha

p_values = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))


@pytest.mark.parametrize("p", [0.4, 0.03, 1e-5, 1e-11])
def test_finds_the_alpha_at_which_the_end_crosses(p):
    """Bisection gives the p-value to many digits."""
    assert smallest_alpha(lambda alpha: alpha >= p) == pytest.approx(p, rel=1e-9)


def test_extremes():
    """Never beyond: 1. Always beyond: the least that is told."""
    assert smallest_alpha(lambda _: False) == 1.0
    assert smallest_alpha(lambda _: True) == 1e-12


def test_agrees_with_a_t_test():
    """Inverting a t interval gives the one-sided t-test."""
    x = np.random.default_rng(1).normal(0.4, 1, size=12)
    error = x.std(ddof=1) / np.sqrt(12)
    got = smallest_alpha(lambda a: x.mean() - stats.t.ppf(1 - a, 11) * error > 0)

    assert got == pytest.approx(stats.ttest_1samp(x, 0, alternative="greater").pvalue)


@given(p_values)
def test_benjamini_hochberg_is_scipys(p):
    """The same numbers as scipy's false_discovery_control."""
    assert np.allclose(benjamini_hochberg(p), stats.false_discovery_control(p))


@given(p_values)
def test_holm_by_its_definition(p):
    """Sorted p times the number left, never falling, at most 1."""
    order = np.argsort(p, kind="stable")
    running, expected = 0.0, np.empty(len(p))
    for rank, at in enumerate(order):
        running = max(running, p[at] * (len(p) - rank))
        expected[at] = min(running, 1.0)

    assert np.allclose(holm(p), expected)


@given(p_values)
def test_adjustments_never_lower_a_p_value(p):
    """Raw p <= Benjamini-Hochberg <= Holm."""
    assert (benjamini_hochberg(p) >= p - 1e-15).all()
    assert (holm(p) >= benjamini_hochberg(p) - 1e-15).all()


def test_no_tests_no_adjustment():
    """An empty family is no error."""
    assert benjamini_hochberg(np.array([])).shape == (0,)
    assert holm(np.array([])).shape == (0,)
