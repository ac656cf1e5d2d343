"""Power, and what more variants or examples would do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.stats.gap import GapFit, gap_ends
from underspec.stats.mean import MeanEnds
from underspec.stats.planning import grow_gap, grow_mean, grow_spread, least, power
from underspec.stats.ratio import exceeds
from underspec.stats.spread import SpreadFit, kurtosis, skewness, spread_ends

FIT = SpreadFit(20, 1.2e-4, 4e-5, 0.0, 0.1, 1e-11, 1e-8)
GAP = GapFit(1.5e-4, 1e-4, 0.3, FIT)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 60))
def test_least_is_the_first_that_is_enough(bar, low, span):
    """Bisection finds what trying one after the other would."""
    tried = next((x for x in range(low, low + span + 1) if x >= bar), None)

    assert least(lambda x: x >= bar, low, low + span) == tried


def test_no_candidates_no_answer():
    """A search from beyond its end finds nothing."""
    assert least(lambda _: True, 5, 4) is None


def test_growing_by_one_changes_nothing():
    """The same study again has the same interval."""
    assert grow_spread(FIT) == pytest.approx(FIT)
    assert gap_ends(grow_gap(GAP)) == pytest.approx(gap_ends(GAP))


def test_more_examples_take_noise_out_and_leave_the_spread():
    """Ten times the examples: a tenth of the noise, the same true spread, narrower."""
    grown = grow_spread(FIT, examples=10)

    assert grown.noise == pytest.approx(4e-6)
    assert grown.true == pytest.approx(FIT.true)
    assert np.ptp(spread_ends(grown)) < np.ptp(spread_ends(FIT))


def test_more_variants_narrow_every_interval():
    """Four times the variants: narrower spread, gap and mean."""
    mean = MeanEnds(0.1, 0.0, 0.2, 4e-4, 1e-4)
    now, later = grow_mean(mean, 20), grow_mean(mean, 20, variants=4)

    assert np.ptp(spread_ends(grow_spread(FIT, 4))) < np.ptp(spread_ends(FIT))
    assert np.ptp(gap_ends(grow_gap(GAP, 4))) < np.ptp(gap_ends(GAP))
    assert np.ptp(later) < np.ptp(now)


def test_a_negative_estimate_is_grown_as_zero():
    """No spread is expected to stay none."""
    grown = grow_spread(FIT._replace(observed=1e-5), examples=2)

    assert grown.true == 0
    assert grow_gap(GAP._replace(true=-1e-5)).true == 0


def _drawn(rng, k, true, noise):
    means = rng.normal(0.0, math.sqrt(true + noise), k)
    apart = means - means.mean()
    shape = kurtosis(apart), 0.1, 0.0, 0.0, skewness(apart)
    return SpreadFit(k, float(means.var(ddof=1)), noise, *shape)


@pytest.mark.parametrize(
    ("k", "noise", "holdout"),
    [(10, 1e-5, 1e-4), (20, 1e-5, 1e-4), (20, 4e-5, 3e-5), (50, 1e-5, 1e-4)],
)
def test_power_is_the_simulated_one(k, noise, holdout):
    """The chance given is the share of simulated normal studies in which both tests pass."""
    epsilon, null, alpha = 0.008, 1.3, 0.05
    allowed = max(epsilon**2 * math.pi / 4, null**2 * holdout)
    rng, called, studies = np.random.default_rng(1), 0, 3000
    for _ in range(studies):
        seen = _drawn(rng, k, 4 * allowed, noise)
        below = _drawn(rng, k, holdout, 2e-5)
        clear = spread_ends(seen, alpha).low > epsilon**2 * math.pi / 4
        called += clear and exceeds(seen, below, null, alpha)
    probe = SpreadFit(k, 2e-4, noise, 0.0, 0.1, 0.0, 0.0)
    lab = SpreadFit(k, holdout + 2e-5, 2e-5, 0.0, 0.1, 0.0, 0.0)

    assert power(probe, lab, epsilon, null) == pytest.approx(called / studies, abs=0.05)


def test_power_grows_with_variants():
    """More variants see more."""
    few, many = (FIT._replace(k=k) for k in (10, 60))

    assert power(few, few, 0.005, 1.0) < power(many, many, 0.005, 1.0)


def test_no_power_where_nothing_is_allowed():
    """With epsilon 0 and no holdout spread, twice nothing is no effect to look for."""
    assert power(FIT, FIT._replace(observed=1e-5), 0.0, 1.0) is None
