"""How alike flipped sets are: known answers, chance, and whether the interval holds the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.stats.flips import overlap
from underspec.stats.shares import Clustered


def alone(n):
    return Clustered.of(None, n)


def test_known_sets():
    """Three sets by hand: 1/3, 0 and 1/2 in common."""
    flipped = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]], dtype=bool)
    found = overlap(flipped, alone(4))

    assert found.variants == 3
    assert found.jaccard.value == pytest.approx((1 / 3 + 0 + 1 / 2) / 3)


def test_by_chance_is_the_mean_over_all_draws():
    """What random sets share, by listing every one of them."""
    from itertools import combinations

    n, sizes = 6, (1, 2, 4)
    flipped = np.zeros((3, n), dtype=bool)
    for row, size in zip(flipped, sizes, strict=True):
        row[:size] = True
    expected = []
    for a, b in combinations(sizes, 2):
        first = set(range(a))
        others = [set(other) for other in combinations(range(n), b)]
        expected.append(np.mean([len(first & o) / len(first | o) for o in others]))

    assert overlap(flipped, alone(n)).by_chance == pytest.approx(np.mean(expected))


def test_large_sets_share_by_chance_what_small_ones_of_the_same_shares_do():
    """Above some size the overlap is that of the expected numbers."""
    flipped = np.zeros((2, 20_000), dtype=bool)
    flipped[0, :6_000], flipped[1, -4_000:] = True, True

    assert overlap(flipped, alone(20_000)).by_chance == pytest.approx(1_200 / 8_800, rel=1e-3)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_that_flip_say_nothing(rows):
    """Under two sets there is nothing to compare, and under three no interval."""
    flipped = np.zeros((4, 10), dtype=bool)
    flipped[:rows, 2] = True
    found = overlap(flipped, alone(10))

    assert found.variants == rows
    assert np.isnan([*found.jaccard, found.by_chance]).all()
    flipped[: rows + 2, 2:4] = True
    ends = overlap(flipped[: 2 + rows], alone(10)).jaccard
    assert ends.value == 1
    assert np.isnan(ends.low) == (rows == 0)


@given(st.integers(0, 10_000))
def test_order_is_of_no_account(seed):
    """Variants and pairs may come in any order, and nothing but the flipped pairs counts."""
    rng = np.random.default_rng(seed)
    flipped = rng.random((5, 30)) < rng.uniform(0.05, 0.9)
    clusters = Clustered.of(np.array([f"c{i}" for i in rng.integers(0, 12, 30)]), 30)
    found = overlap(flipped, clusters)
    order = rng.permutation(30)
    moved = overlap(
        flipped[rng.permutation(5)][:, order], Clustered(clusters.codes[order], clusters.sizes)
    )
    if found.variants > 1:
        np.testing.assert_allclose(moved.jaccard, found.jaccard, rtol=1e-9)
        assert moved.by_chance == pytest.approx(found.by_chance)
    if found.variants > 2:
        assert 0 <= found.jaccard.low <= found.jaccard.value <= found.jaccard.high <= 1


def world(rng, k, n, each=1):
    """Flipped sets of variants with own rates, of pairs that are more or less near the edge."""
    near = np.repeat(rng.normal(size=n // each), each)
    rate = rng.normal(-1.6, 0.3, size=k)
    return rate[:, None] + near + 0.7 * rng.normal(size=(k, n)) > 0


def covered(draws, k, n, each):
    """Return how often the interval holds the mean overlap of many variants and pairs."""
    big = world(np.random.default_rng(1), 120, 6_000, each)
    truth = overlap(big, alone(6_000)).jaccard.value
    clusters = Clustered(np.arange(n) // each, np.full(n // each, float(each)))
    held = 0
    for draw in range(draws):
        ends = overlap(world(np.random.default_rng((2, draw)), k, n, each), clusters).jaccard
        held += ends.low <= truth <= ends.high
    return held / draws


def test_the_interval_holds_the_truth_quickly():
    """In a short run about 95 % of intervals hold the overlap of all variants and pairs."""
    assert covered(60, 12, 200, 1) >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "each"), [(10, 200, 1), (30, 1000, 1), (15, 600, 4)])
def test_the_interval_holds_the_truth(k, n, each):
    """Within 92.5 to 99.5 % over many studies, pairs alone or four to a cluster."""
    assert 0.925 <= covered(500, k, n, each) <= 0.995
