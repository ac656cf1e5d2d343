"""The test of any spread at all."""

import numpy as np
import pytest
from scipy import stats

from underspec.core.streams import stream
from underspec.stats.dispersion import FEW, overdispersion
from underspec.stats.totals import group, total

KEY = stream(1, "test")


def _totals(c, clusters=None):
    c = np.asarray(c, dtype=float)
    names = [f"{i:05d}" for i in range(c.shape[1])] if clusters is None else clusters
    return total(c, group(np.asarray(names)))


def test_is_cochrans_q_for_right_and_wrong():
    """For binary rows (k-1)φ is k-1 over k times Cochran's Q with its own variance estimate."""
    c = np.random.default_rng(1).integers(0, 2, size=(6, 400)).astype(float)
    k = 6
    g, rows = c.sum(axis=1), c.sum(axis=0)
    q = (k - 1) * (k * (g**2).sum() - g.sum() ** 2) / (k * rows.sum() - (rows**2).sum())
    got = overdispersion(_totals(c), KEY)

    assert (k - 1) * got.phi == pytest.approx(q)
    assert got.p == pytest.approx(stats.chi2.sf(q, k - 1))


def test_unanimous_examples_say_nothing():
    """None where every variant agrees everywhere; unanimous examples change no φ."""
    c = np.random.default_rng(2).integers(0, 2, size=(5, 120)).astype(float)
    padded = np.concatenate([c, np.ones((5, 50))], axis=1)

    assert overdispersion(_totals(np.ones((5, 30))), KEY) is None
    assert overdispersion(_totals(padded), KEY).phi == pytest.approx(
        overdispersion(_totals(c), KEY).phi
    )


def test_false_alarms_with_clusters():
    """Equal variants with five rows an image are called at 5 % about 5 % of the time."""
    rng, p, p_rows = np.random.default_rng(3), [], []
    names = np.repeat([f"{i:03d}" for i in range(150)], 5)
    for _ in range(400):
        luck = rng.normal(size=(8, 150)).repeat(5, axis=1) + 0.5 * rng.normal(size=(8, 750))
        c = (luck > 0).astype(float)
        p.append(overdispersion(_totals(c, names), KEY).p)
        p_rows.append(overdispersion(_totals(c), KEY).p)
    # Binomial bound at 1 in 1,000: 34 of 400 for a rate of 5 %.
    assert np.sum(np.array(p) < 0.05) <= 34
    assert np.sum(np.array(p_rows) < 0.05) > 100


def test_few_clusters_permute_and_hold_their_level():
    """With 12 disagreeing images p-values by permutation are uniform or larger."""
    rng, p = np.random.default_rng(4), []
    for i in range(200):
        c = (rng.normal(size=(5, 12)) + rng.normal(size=12) > 0).astype(float)
        got = overdispersion(_totals(c), stream(1, i))
        p.append(1.0 if got is None else got.p)

    # Binomial bounds at 1 in 1,000 for rates of 5 and 50 %.
    assert np.sum(np.array(p) <= 0.05) <= 21
    assert np.sum(np.array(p) <= 0.5) <= 122


def test_permutation_agrees_with_the_chi_square_where_both_hold():
    """Just under the number from which chi-square is used, both give nearly the same p."""
    rng = np.random.default_rng(5)
    c = rng.normal(size=(10, FEW - 1)) + 0.25 * rng.normal(size=(10, 1))
    got = overdispersion(_totals(c), KEY)

    assert got.p == pytest.approx(stats.chi2.sf(9 * got.phi, 9), abs=0.03)


def test_permutation_finds_what_cannot_be_chance():
    """Twenty images that one variant alone gets wrong have the least p there is."""
    c = np.ones((6, 40))
    c[2, :20] = 0

    assert overdispersion(_totals(c), KEY).p == pytest.approx(1 / 2000)


def test_permutation_hangs_on_the_key_not_on_the_order_of_variants():
    """The same key gives the same p for variants in another order."""
    c = np.random.default_rng(6).integers(0, 2, size=(7, 20)).astype(float)
    once = overdispersion(_totals(c), KEY)

    assert overdispersion(_totals(c[::-1]), KEY) == pytest.approx(once)
    assert overdispersion(_totals(c), KEY) == once
