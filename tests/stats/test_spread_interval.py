"""The interval of the true spread: closed forms against brute force, floors and edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from underspec.stats.split import split
from underspec.stats.spread import SpreadFit, fit_spread, spread_ends
from underspec.stats.totals import group, total

UNIT = (0.0, 1.0)
FREE = (-math.inf, math.inf)


def _totals(c, clusters=None):
    c = np.asarray(c, dtype=float)
    names = [f"{i:05d}" for i in range(c.shape[1])] if clusters is None else clusters
    return total(c, group(np.asarray(names)))


def _fit(**changes):
    plain = SpreadFit(20, 1e-4, 2e-5, 0.0, 0.1, 0.0, 0.0)
    return plain._replace(**changes)


fits = st.builds(
    SpreadFit,
    k=st.integers(2, 80),
    observed=st.floats(0, 0.1),
    noise=st.floats(0, 0.1),
    kurtosis=st.floats(-2, 30),
    dominance=st.floats(0, 1),
    examples=st.floats(0, 1e-3),
    unseen=st.floats(0, 1e-3),
)


def test_noise_free_normal_limits_are_chi_square():
    """Without noise or heavy tails the ends are the textbook interval of a variance."""
    low, high = spread_ends(_fit(noise=0.0))
    quantiles = stats.chi2.ppf([0.975, 0.025], 19)

    assert (low, high) == pytest.approx(tuple(19 * 1e-4 / quantiles))


def test_noise_is_taken_off_after_the_limits():
    """Noise shifts both ends by itself; it does not shrink the interval."""
    without, with_noise = spread_ends(_fit(noise=0.0)), spread_ends(_fit(noise=3e-5))

    assert np.subtract(without, with_noise) == pytest.approx([3e-5, 3e-5])


def test_kurtosis_and_skewness_are_unbiased_and_the_first_cuts_degrees_of_freedom():
    """G2 as in the textbooks; ν = 2 / (3 G2/k + 2/(k-1)); light tails cut nothing."""
    c = np.random.default_rng(1).exponential(size=(15, 300))
    fit = fit_spread(_totals(c + 5 * c[:, :1]), FREE)
    means = (c + 5 * c[:, :1]).mean(axis=1)

    assert fit.kurtosis == pytest.approx(stats.kurtosis(means, bias=False))
    assert fit.skewness == pytest.approx(stats.skew(means, bias=False))
    assert fit.freedom == pytest.approx(2 / (3 * fit.kurtosis / 15 + 2 / 14))
    assert fit._replace(kurtosis=-1.0).freedom == pytest.approx(14)
    assert fit._replace(kurtosis=1e9).freedom == 1
    assert fit.dominance == pytest.approx(
        ((means - means.mean()) ** 2).max() / ((means - means.mean()) ** 2).sum()
    )


@pytest.mark.parametrize("clusters", [None, list("aaaabbbccdde")])
def test_examples_part_is_the_corrected_jackknife(clusters):
    """The closed form equals deleting each cluster in turn, less what is counted twice."""
    rng = np.random.default_rng(2)
    c = rng.normal(size=(30, 12)) + 2 * rng.normal(size=(30, 1)) * (np.arange(12) < 6)
    t = _totals(c, clusters)
    m = len(t.sizes)
    without = []
    for out in range(m):
        rest = np.arange(m) != out
        without.append(split(type(t)(t.values[:, rest], t.sizes[rest], t.names[rest])).true)
    jackknife = (m - 1) / m * np.square(without - np.mean(without)).sum()
    s2, h = t.values.var(axis=0, ddof=1), np.cov(t.means, t.values.T)[0, 1:]
    twice = 4 / t.n**2 * (split(t).observed * s2 + h**2).sum() / 29

    assert jackknife > twice
    assert fit_spread(t, FREE).examples == pytest.approx(jackknife - twice, rel=1e-9)


def test_examples_part_is_never_negative():
    """At no spread the correction may exceed the jackknife: then the part is 0."""
    c = np.random.default_rng(3).integers(0, 2, size=(4, 400)).astype(float)

    assert fit_spread(_totals(c), UNIT).examples == 0.0


def test_upper_end_is_at_least_that_of_pure_noise():
    """A lucky negative estimate does not print [0, 0]."""
    lucky = spread_ends(_fit(observed=1e-6, noise=5e-5))
    pure = spread_ends(_fit(observed=5e-5, noise=5e-5))

    assert lucky.low < 0
    assert lucky.high == pytest.approx(pure.high)
    assert math.sqrt(lucky.high) == pytest.approx(
        math.sqrt(5e-5) * math.sqrt(19 / stats.chi2.ppf(0.025, 19) - 1)
    )


def test_a_handful_of_unanimous_examples_does_not_rule_spread_out():
    """Five images on which all agree leave room for spread; five thousand leave hardly any."""
    few = spread_ends(fit_spread(_totals(np.ones((20, 5))), UNIT))
    many = spread_ends(fit_spread(_totals(np.ones((20, 5000))), UNIT))

    assert math.sqrt(few.high) > 0.05
    assert math.sqrt(many.high) < 0.001


def test_no_bounds_no_rule_of_three():
    """A metric without bounds gets no such allowance, and no warning."""
    assert fit_spread(_totals(np.ones((5, 5))), FREE).unseen == 0.0
    assert spread_ends(fit_spread(_totals(np.ones((5, 5))), FREE)) == (0.0, 0.0)


@pytest.mark.parametrize("k", [2, 3])
def test_two_or_three_variants_have_wide_ends(k):
    """No kurtosis is estimated under four variants; the ends stay finite."""
    c = np.random.default_rng(4).normal(size=(k, 50)) + np.arange(k)[:, None]
    fit = fit_spread(_totals(c), FREE)
    low, high = spread_ends(fit)

    assert fit.kurtosis == 0
    assert low < fit.true < 5 * fit.true < high < math.inf


def test_two_clusters_leave_nothing_to_delete():
    """With two clusters no jackknife is possible; the variants' part still stands."""
    fit = fit_spread(_totals(np.random.default_rng(5).normal(size=(6, 4)), list("aabb")), FREE)

    assert fit.examples == 0
    assert math.isfinite(spread_ends(fit).high)


@given(fits, st.floats(1e-9, 0.5), st.floats(1e-9, 0.5))
def test_ends_shrink_towards_the_estimate_as_alpha_grows(fit, a, b):
    """Intervals are nested, so that a p-value by bisection exists."""
    fit = fit._replace(noise=min(fit.noise, 2 * fit.observed))
    wide, narrow = spread_ends(fit, min(a, b)), spread_ends(fit, max(a, b))
    slack = 1e-12

    assert wide.low <= narrow.low + slack
    assert narrow.low <= fit.true + slack <= narrow.high + 2 * slack
    assert wide.high >= narrow.high - slack
