"""Groups of probes by corrected correlations."""

import numpy as np
import pytest
from scipy import stats
from scipy.cluster import hierarchy

from underspec.core.streams import stream
from underspec.stats.clustering import (
    chances,
    combined,
    correlations,
    group_probes,
    reliable,
)
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.relation import Joint, joint
from underspec.stats.split import split
from underspec.stats.totals import Totals, group, total

KEY = stream(3, "groups")


def _clean(means):
    """Moments of probes without noise."""
    cov = np.cov(means)
    return Joint(means, cov, cov.copy())


def _blocks(seed, k, sizes, rho):
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(sizes)), sizes)
    common = rng.normal(size=(len(sizes), k))[which]
    return np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.normal(size=(len(which), k))


def _ids(k):
    return [f"v{v:03d}" for v in range(k)]


def test_blocks_are_found():
    """Three blocks that are alike within: found whole, in every resample, neighbours in the order."""
    found = group_probes(_clean(_blocks(1, 60, [3, 4, 2], 0.95)), _ids(60), KEY)

    assert {frozenset(one) for one in found.groups} == {
        frozenset({0, 1, 2}),
        frozenset({3, 4, 5, 6}),
        frozenset({7, 8}),
    }
    assert found.order == tuple(probe for one in found.groups for probe in one)
    assert (found.stability > 0.98).all()


def test_the_tree_is_scipys():
    """Average linkage on 1 - r, cut at .5, leaves in their best order: as scipy says by itself."""
    means = _blocks(2, 40, [1] * 9, 0.0) + np.random.default_rng(5).normal(size=40)
    tree = hierarchy.linkage(
        (1 - np.corrcoef(means))[np.triu_indices(9, 1)], "average", optimal_ordering=True
    )
    labels = hierarchy.fcluster(tree, 0.5, "distance")
    found = group_probes(_clean(means), _ids(40), KEY, resamples=2)

    assert 1 < len(found.groups) < 9
    assert found.order == tuple(hierarchy.leaves_list(tree))
    assert len(found.groups) == labels.max()
    assert all(len({labels[probe] for probe in one}) == 1 for one in found.groups)


def test_order_of_variants_and_probes_moves_nothing():
    """Shuffled variants, and probes, give the same groups and stability."""
    means = _blocks(3, 30, [3, 3, 1], 0.6)
    ids = np.array(_ids(30))
    plain = group_probes(_clean(means), ids.tolist(), KEY)
    mixed = np.random.default_rng(1).permutation(30)
    again = group_probes(_clean(means[:, mixed]), ids[mixed].tolist(), KEY)
    probes = np.random.default_rng(2).permutation(7)
    other = group_probes(_clean(means[probes]), ids.tolist(), KEY)

    assert again.groups == plain.groups
    assert again.stability == pytest.approx(plain.stability)
    named = {
        frozenset(int(probes[at]) for at in one): stability
        for one, stability in zip(other.groups, other.stability, strict=True)
    }
    for one, stability in zip(plain.groups, plain.stability, strict=True):
        assert named[frozenset(one)] == pytest.approx(stability)


def test_a_loose_pair_is_not_found_again():
    """Two probes just above the cut part in many resamples."""
    rng = np.random.default_rng(4)
    base = stats.zscore(rng.normal(size=12))
    other = rng.normal(size=12)
    other = stats.zscore(other - base * (base @ other) / 12)
    found = group_probes(
        _clean(np.stack([base, 0.55 * base + np.sqrt(1 - 0.55**2) * other])), _ids(12), KEY
    )

    assert found.groups == ((0, 1),)
    assert 0.6 < found.stability[0] < 0.9


def test_noisy_probes_are_left_out():
    """Under three tenths of reliability, and without any spread, a probe is in no group."""
    observed, true = np.eye(4), np.diag([1.0, 0.29, 0.3, -0.1])
    moments = Joint(np.zeros((4, 20)), observed, true)

    assert reliable(moments).tolist() == [0, 2]
    assert sorted(group_probes(moments, _ids(20), KEY, resamples=1).order) == [0, 2]
    nothing = group_probes(
        Joint(np.zeros((1, 20)), np.zeros((1, 1)), np.zeros((1, 1))), _ids(20), KEY
    )
    assert nothing.groups == ()


def test_correlations_are_corrected_and_bounded():
    """Independent noise is divided out, shared noise taken off; beyond 1 is 1; unity with oneself."""
    rho = correlations(np.array([[1, 0.6], [0.6, 1]]), np.array([[0.25, 0.15], [0.15, 0.25]]))
    beyond = correlations(np.array([[1, 0.9], [0.9, 1]]), np.diag([0.5, 0.5]))

    assert rho == pytest.approx(np.array([[1, 0.6], [0.6, 1]]))
    assert beyond == pytest.approx(np.ones((2, 2)))
    assert correlations(np.zeros((2, 2)), np.zeros((2, 2))) == pytest.approx(np.eye(2))


def test_chances_without_noise_are_nearly_pearsons():
    """Fisher's z is close to the exact test, and adjusted over all pairs."""
    means = _blocks(6, 60, [2, 2], 0.2)
    got = chances(np.cov(means), np.zeros((4, 4)), 60)
    a, b = np.triu_indices(4, 1)
    exact = np.array([stats.pearsonr(means[i], means[j]).pvalue for i, j in zip(a, b, strict=True)])

    assert got[a, b] == pytest.approx(benjamini_hochberg(exact), rel=0.05)
    assert np.array_equal(got, got.T)


def test_chances_take_shared_noise_for_what_it_is():
    """A raw correlation that is nothing but shared images is no evidence."""
    got = chances(np.array([[1, 0.5], [0.5, 1]]), np.array([[0.5, 0.5], [0.5, 0.5]]), 50)

    assert got[0, 1] == pytest.approx(1)


def test_combined_is_the_probe_of_all_examples():
    """The moments of a group are those of the mean over its probes, made of the same images."""
    rng = np.random.default_rng(7)
    grouping = group(np.repeat([f"i{at:02d}" for at in range(30)], 2))
    probes = [total(rng.normal(size=(12, 60)), grouping) for _ in range(3)]
    got = combined(joint(probes), [[0, 1], [2]])
    mean = Totals((probes[0].values + probes[1].values) / 2, probes[0].sizes, probes[0].names)
    direct = joint([mean, probes[2]])

    assert got.means == pytest.approx(direct.means)
    assert got.observed == pytest.approx(direct.observed)
    assert got.true == pytest.approx(direct.true)
    assert got.true[0, 0] == pytest.approx(split(mean).true)
