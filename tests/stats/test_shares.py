"""Shares, quantiles and maxima over clusters: values by hand, and coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.stats.shares import Clustered, inside, largest, over_both, quantile, share

ALONE = Clustered.of(None, 400)


@given(st.floats(0, 1), st.floats(0, 0.5), st.integers(2, 1000), st.floats(0.1, 5), st.floats(0, 1))
def test_ends_stay_inside(part, error, clusters, top, lift):
    """Whatever comes in: 0 <= low <= value <= high <= top, up to a rounding."""
    found = inside(part * top, error * top, 2.0, clusters, top, lift * top)

    assert 0 <= found.low <= found.value * (1 + 1e-9)
    assert found.value <= found.high * (1 + 1e-9)
    assert found.high <= top


def test_never_seen_may_still_be():
    """Of 100 clusters none: the upper end is the exact binomial one."""
    assert inside(0.0, 0.0, 2.0, 100).high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert inside(1.0, 0.0, 2.0, 100).low == pytest.approx(0.025 ** (1 / 100))


def test_one_cluster_has_no_interval():
    """An estimate, and no ends."""
    found = share(np.ones(5), Clustered.of(np.array(["a"] * 5), 5))

    assert found.value == 1.0
    assert math.isnan(found.low)
    assert math.isnan(quantile(np.arange(5.0), Clustered.of(np.array(["a"] * 5), 5), 0.9).high)
    assert math.isnan(over_both(np.ones((4, 5)), Clustered.of(np.array(["a"] * 5), 5)).low)


def test_no_example_is_no_share():
    """Of nothing there is no share."""
    rows = np.zeros(400, dtype=bool)

    assert math.isnan(share(np.ones(400), ALONE, rows).value)


def test_rows_of_clusters_left_out_and_in():
    """The clusters of some examples, coded anew; sums in any order of rows."""
    names = np.array(["b", "a", "b", "c", "a", "b"])
    whole = Clustered.of(names, 6)
    some = whole.only(np.array([True, False, True, True, False, True]))

    np.testing.assert_array_equal(whole.sums(np.arange(6.0)), [5, 7, 3])
    assert some.count == 2
    np.testing.assert_array_equal(some.sums(np.array([1.0, 2, 3, 4])), [7, 3])


def missed(found, true):
    """Return whether an interval misses."""
    return not found.low <= true <= found.high


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("each", [1, 5])
def test_shares_are_covered(p, each):
    """A share of examples in clusters of like ones, 400 examples, at least 93 %."""
    generator = np.random.default_rng([each, int(100 * p)])
    studies, misses = 500, 0
    clustered = Clustered.of(np.repeat(np.arange(400 // each), each).astype(np.str_), 400)
    for _ in range(studies):
        chance = generator.beta(2 * p, 2 * (1 - p), size=400 // each)
        rows = generator.random(400) < np.repeat(chance, each)
        misses += missed(share(rows, clustered), p)
    assert misses <= 0.07 * studies + 2.5 * math.sqrt(0.07 * 0.93 * studies)


@pytest.mark.parametrize("each", [1, 4])
def test_quantiles_are_covered(each):
    """The 90th percentile of values that clusters share, at least 93 %."""
    generator = np.random.default_rng(each)
    studies, misses = 500, 0
    clustered = Clustered.of(np.repeat(np.arange(400 // each), each).astype(np.str_), 400)
    for _ in range(studies):
        shared = np.repeat(generator.normal(size=400 // each), each)
        values = shared + generator.normal(size=400)
        misses += missed(quantile(values, clustered, 0.9), 1.2815516 * math.sqrt(2))
    assert misses <= 0.07 * studies + 2.5 * math.sqrt(0.07 * 0.93 * studies)


@pytest.mark.parametrize("spread", [0.0, 0.02])
def test_the_largest_is_covered(spread):
    """The largest of 20 true shares, all alike or not; the plain lower end would fail."""
    generator = np.random.default_rng(int(100 * spread))
    studies, misses, naive = 400, 0, 0
    true = 0.1 + spread * np.linspace(-1, 1, 20)
    for _ in range(studies):
        values = generator.random((20, 400)) < true[:, None]
        found = largest(values, ALONE)
        misses += missed(found, true.max())
        naive += share(values[values.mean(axis=1).argmax()], ALONE).low > true.max()
    assert misses <= 0.05 * studies + 2.5 * math.sqrt(0.05 * 0.95 * studies)
    if spread == 0:
        assert naive > 0.1 * studies
