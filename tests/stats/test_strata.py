"""Noise within strata of counted size: identities, a jackknife done the long way, simulations."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec.stats.gap import fit_gap, gap_ends
from underspec.stats.split import covariance, split
from underspec.stats.spread import fit_spread, spread_ends
from underspec.stats.strata import design_weights, examples_within, of_clusters, pooled, strata
from underspec.stats.totals import Totals, deviations, group, total

CLASSES = 10
BOUNDS = (0.0, 1.0)


def totals_of(values, codes=None, clusters=None):
    """Totals of contributions [variants, examples]; `codes` by cluster."""
    n = values.shape[1]
    names = np.array([f"c{c:05d}" for c in (range(n) if clusters is None else clusters)])
    return dataclasses.replace(total(values, group(names)), strata=codes)


@pytest.fixture
def uneven():
    """Synthetic contributions of 12 variants over 40 clusters of one to three rows, in 4 strata."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(40), rng.integers(1, 4, 40))
    values = 0.1 * rng.normal(size=(12, len(clusters)))
    values += rng.normal(size=(12, 1)) * (rng.random(len(clusters)) < 0.3)
    return totals_of(values, rng.integers(0, 4, 40), clusters)


def long_way(totals, shares):
    """The true variance by the formula for each stratum, with given shares."""
    means, noise = np.zeros(totals.k), 0.0
    for code, share in enumerate(shares):
        at = totals.strata == code
        values, sizes = totals.values[:, at], totals.sizes[at]
        size, squares = sizes.sum(), np.square(sizes).sum()
        own = values.sum(axis=1) / size
        within = values.var(axis=0, ddof=1).sum()
        true = (size**2 * own.var(ddof=1) - within) / (size**2 - squares)
        means += share * own
        noise += share**2 * (own.var(ddof=1) - true)
    return means.var(ddof=1) - noise


def test_split_is_the_formula_stratum_by_stratum(uneven):
    """noise² = sum of squared shares times the noise within; observed = true + noise."""
    shares = [uneven.sizes[uneven.strata == code].sum() / uneven.n for code in range(4)]
    found = split(uneven)

    assert found.true == pytest.approx(long_way(uneven, shares), rel=1e-9)
    assert found.observed == pytest.approx(found.true + found.noise, rel=1e-12)


def test_examples_are_the_jackknife_within_strata(uneven):
    """Leaving out each cluster with the shares held, less what is counted twice."""
    k, n, codes = uneven.k, uneven.n, uneven.strata
    shares = [uneven.sizes[codes == code].sum() / n for code in range(4)]
    apart = deviations(uneven.means)
    jackknife = twice = 0.0
    for code in range(4):
        at = np.flatnonzero(codes == code)
        own = uneven.apart[:, at].sum(axis=1) / uneven.sizes[at].sum()
        left = []
        for cluster in at:
            rest = np.arange(40) != cluster
            fewer = Totals(
                uneven.values[:, rest], uneven.sizes[rest], uneven.names[rest], strata=codes[rest]
            )
            left.append(long_way(fewer, shares))
            pull = uneven.apart[:, cluster] - uneven.sizes[cluster] * own
            square = (apart @ apart) * (pull @ pull) + (apart @ pull) ** 2
            twice += 4 / n**2 * square / (k - 1) ** 3
        jackknife += (len(at) - 1) / len(at) * np.square(np.array(left) - np.mean(left)).sum()
    known = strata(pooled(codes), uneven.sizes, uneven.apart, uneven.within)
    found = examples_within(known, uneven.sizes, uneven.apart, uneven.within, apart)

    assert 0 < twice < jackknife / 2
    assert found == pytest.approx(jackknife - twice, rel=1e-9)
    assert fit_spread(uneven, BOUNDS).examples == found


def test_one_stratum_changes_nothing(uneven):
    """With one stratum the split is the plain one, and so is the covariance."""
    plain = dataclasses.replace(uneven, strata=None)
    one = dataclasses.replace(uneven, strata=np.full(40, 7))

    assert tuple(split(one)) == pytest.approx(tuple(split(plain)), rel=1e-9)
    assert tuple(covariance(one, one)) == pytest.approx(tuple(covariance(plain, plain)), rel=1e-9)


def test_covariance_with_itself_is_the_split(uneven):
    """A probe's covariance with itself has its observed and its true variance."""
    found = covariance(uneven, uneven)

    assert found.observed == pytest.approx(split(uneven).observed, rel=1e-9)
    assert found.true == pytest.approx(split(uneven).true, rel=1e-9)


def test_covariance_without_shared_clusters_is_observed(uneven):
    """Clusters of two probes that have none in common bring them no shared luck."""
    other = dataclasses.replace(uneven, names=np.array([f"d{c:05d}" for c in range(40)]))

    assert covariance(uneven, other).true == covariance(uneven, other).observed


def test_covariance_with_one_class_of_the_probe(uneven):
    """A probe that is one stratum of another shares its luck with that stratum alone."""
    at = np.flatnonzero(uneven.strata == 2)
    part = Totals(
        uneven.values[:, at], uneven.sizes[at], uneven.names[at], strata=uneven.strata[at]
    )
    found = covariance(uneven, part)
    share = part.n / uneven.n

    assert found.observed - found.true == pytest.approx(share * split(part).noise, rel=1e-9)


def test_other_strata_of_a_shared_cluster_are_not_believed(uneven):
    """Where two probes put one cluster in different strata, or one has none, it is the plain form."""
    plain = dataclasses.replace(uneven, strata=None)
    turned = dataclasses.replace(uneven, strata=(uneven.strata + 1) % 4)

    assert covariance(uneven, turned) == covariance(plain, plain)
    assert covariance(uneven, plain) == covariance(plain, plain)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kinds=st.integers(1, 6))
def test_names_of_strata_and_order_do_not_matter(seed, kinds):
    """Codes may be any numbers, and variants come in any order."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, kinds, 24)
    values = rng.normal(size=(5, 24))
    one = totals_of(values, codes)
    other = totals_of(values[::-1].copy(), 1000 - 17 * codes)

    for found, again in (
        (split(one), split(other)),
        (fit_spread(one, BOUNDS), fit_spread(other, BOUNDS)),
    ):
        assert tuple(found) == pytest.approx(tuple(again), rel=1e-6, abs=1e-12)


def test_equal_variants_have_no_spread_at_all():
    """Variants that are the same to the last digit differ by exactly nothing."""
    values = np.tile(np.random.default_rng(3).random(60), (7, 1))
    found = split(totals_of(values, np.arange(60) % 6))

    assert found == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("codes", "want"),
    [
        ([5, 5, 5, 9, 9, 9], [[0, 1, 2], [3, 4, 5]]),
        ([5, 5, 5, 9, 8, 7], [[0, 1, 2], [3, 4, 5]]),
        ([5, 5, 5, 5, 1, 1, 1, 9], [[4, 5, 6], [0, 1, 2, 3], [7]]),
        ([1, 2], [[0, 1]]),
        ([1, 1, 2, 2], [[0, 1, 2, 3]]),
    ],
)
def test_small_strata_are_thrown_together(codes, want):
    """Those of under three clusters are one stratum, even if that still is too few."""
    found = pooled(np.array(codes))

    assert [np.flatnonzero(found == code).tolist() for code in range(found.max() + 1)] == want


def test_a_stratum_of_one_cluster_is_all_noise():
    """With one cluster nothing tells its noise from spread: all that is seen there is noise."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(9, 13))
    alone = totals_of(values, np.array([0] * 6 + [1] * 6 + [2]))
    rest = totals_of(values[:, :12], alone.strata[:12])
    noise = (12 / 13) ** 2 * split(rest).noise + values[:, 12].var(ddof=1) / 13**2

    assert split(alone).noise == pytest.approx(min(noise, split(alone).observed), rel=1e-9)
    assert covariance(alone, alone).true == pytest.approx(split(alone).observed - noise, rel=1e-9)
    assert np.isfinite(fit_spread(alone, BOUNDS).examples)


def test_clusters_within_one_stratum():
    """A cluster has a stratum if all of its examples have one; else there are no strata."""
    names = np.array(["b", "a", "b", "c"])
    grouping = group(names)

    codes = of_clusters(np.array([4, 7, 4, 4]), grouping.order, grouping.starts)
    assert codes.tolist() == [7, 4, 4]
    assert of_clusters(np.array([4, 7, 5, 4]), grouping.order, grouping.starts) is None


def test_only_keeps_strata(uneven):
    """Some of the variants stand in the same strata."""
    some = uneven.only(np.arange(5))

    assert some.strata is uneven.strata


class _World:
    """Right and wrong answers by classes of counted size; each variant trades classes off.

    A variant's skill on the probit scale is its own, plus trade-offs between classes that sum to 0.
    """

    def __init__(self, skill, trade, hard=1.5, level=1.0):
        self._skill, self._trade, self._hard, self._level = skill, trade, hard, level
        own, trades = self._variants(np.random.default_rng(0), 200_000)
        self.true = float(self._accuracy(own, trades).mean(axis=1).var())

    def _variants(self, rng, k):
        trades = self._trade * rng.normal(size=(k, CLASSES))
        trades -= trades.mean(axis=1, keepdims=True)
        return self._skill * rng.normal(size=(k, 1)), trades

    def _accuracy(self, own, trades):
        from scipy.special import ndtr

        return ndtr((self._level + own + trades) / np.sqrt(1 + self._hard**2))

    def draw(self, rng, k, n, halved=False):
        """Return answers and classes; `halved`: a random half of twice as many."""
        own, trades = self._variants(rng, k)
        codes = np.arange(2 * n if halved else n) % CLASSES
        if halved:
            codes = rng.permutation(codes)[:n]
        luck = self._hard * rng.normal(size=n) + rng.normal(size=(k, n))
        return (luck < self._level + own + trades[:, codes]).astype(float), codes


def _simulated(world, studies, k, n, seed):
    """Return per study: plain and stratified true², their noise², and whether intervals cover."""
    rows = []
    for at in range(studies):
        values, codes = world.draw(np.random.default_rng((seed, at)), k, n)
        within = totals_of(values, codes)
        plain = dataclasses.replace(within, strata=None)
        row = [*split(plain)[1:], *split(within)[1:]]
        for one in (plain, within):
            fit = fit_spread(one, BOUNDS)
            low, high = spread_ends(fit)
            row += [
                low <= world.true <= high,
                gap_ends(fit_gap(one, fit)).low <= 4 / np.pi * world.true,
            ]
        rows.append(row)
    return np.array(rows, dtype=float)


def _off(values, truth):
    """How many standard errors a mean is from the truth."""
    return (values.mean() - truth) / (values.std(ddof=1) / np.sqrt(len(values)))


def test_within_strata_is_unbiased_where_classes_are_traded_off():
    """The plain formula takes trade-offs between classes for noise; within strata they are not."""
    world = _World(skill=0.06, trade=0.9)
    found = _simulated(world, 400, 20, 200, seed=1)

    assert abs(_off(found[:, 3], world.true)) < 4
    assert _off(found[:, 1], world.true) < -4
    assert found[:, 0].mean() > 1.15 * found[:, 2].mean()


def test_covariance_within_strata_is_unbiased():
    """Two probes of the same images: what they share but for the images' luck."""
    world = _World(skill=0.06, trade=0.9)
    found = []
    for at in range(400):
        rng = np.random.default_rng((2, at))
        values, codes = world.draw(rng, 20, 200)
        # The same images, lightly changed: one answer in ten is drawn again by another variant.
        other = np.where(rng.random(values.shape) < 0.1, 1 - values, values)
        p, q = totals_of(values, codes), totals_of(other, codes)
        plain = covariance(dataclasses.replace(p, strata=None), q).true
        found.append((covariance(p, q).true, plain))
    found = np.array(found)
    # Turning a tenth of the answers round leaves 1 - 2/10 of every difference.
    truth = 0.8 * world.true

    assert abs(_off(found[:, 0], truth)) < 4
    assert _off(found[:, 1], truth) < -4


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "studies"), [(20, 300, 1500), (50, 300, 1000), (50, 2000, 600)])
@pytest.mark.parametrize("skill", [0.0, 0.04, 0.1])
def test_coverage_within_strata(capsys, k, n, studies, skill):
    """The spread's interval covers as often as it says, whatever classes are traded off."""
    world = _World(skill=skill, trade=0.9)
    found = _simulated(world, studies, k, n, seed=3)
    noise, cover = found[:, 0].mean() / found[:, 2].mean(), 100 * found[:, 4:].mean(axis=0)
    with capsys.disabled():
        print(
            f"\nk {k}, n {n}, true SD {100 * world.true**0.5:.2f} points: noise² plain/within {noise:.3f}; "
            f"true² off by {_off(found[:, 1], world.true):+.1f} se plain, "
            f"{_off(found[:, 3], world.true):+.1f} within; spread covered {cover[0]:.1f} % plain, "
            f"{cover[2]:.1f} % within; gap's lower end held {cover[1]:.1f} %, {cover[3]:.1f} %"
        )

    assert abs(_off(found[:, 3], world.true)) < 4
    assert noise > 1.1
    assert cover[2] > 93 - 300 * np.sqrt(0.05 * 0.95 / studies)


def test_design_weights_bring_back_the_shares():
    """Weights are 1 on average and give each stratum that is there its share of the whole set."""
    design = np.repeat([3, 8, 5], [10, 20, 30])
    weights = design_weights(np.array([8, 5, 5, 5, 3, 8, 5, 5]), design)
    sums = [weights[np.array(at)].sum() for at in ([4], [0, 5], [1, 2, 3, 6, 7])]

    assert weights.mean() == pytest.approx(1)
    assert sums == pytest.approx([8 / 6, 8 / 3, 8 / 2])
    assert design_weights(np.array([8, 8, 3]), design) == pytest.approx([1, 1, 1])


@pytest.mark.slow
def test_halves_of_counted_sets(capsys):
    """A random half has strata of chance size: within strata is right there only with weights."""
    world, n = _World(skill=0.04, trade=0.9), 300
    design = np.arange(2 * n) % CLASSES
    found = []
    for at in range(2000):
        values, codes = world.draw(np.random.default_rng((4, at)), 20, n, halved=True)
        within = totals_of(values, codes)
        plain = dataclasses.replace(within, strata=None)
        weighted = totals_of(values * design_weights(codes, design), codes)
        found.append(
            [split(one).true for one in (plain, within, weighted)] + [split(weighted).noise]
        )
    found = np.array(found)
    off = 100 * (found[:, :3].mean(axis=0) - world.true) / found[:, 3].mean()
    with capsys.disabled():
        print(
            f"\nhalves of counted sets, k 20, n {n}: true² off by {off[0]:+.1f} % of noise² plain, "
            f"{off[1]:+.1f} % within, {off[2]:+.1f} % within and weighted"
        )

    assert _off(found[:, 0], world.true) < -4
    assert _off(found[:, 1], world.true) > 4
    assert abs(_off(found[:, 2], world.true)) < 4
