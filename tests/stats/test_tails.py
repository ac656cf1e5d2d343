"""P-values from the ends that findings hold, against those from the fits."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from underspec.core.streams import stream
from underspec.measure import Scale
from underspec.measure.gap import gap_finding
from underspec.measure.spread import spread_finding
from underspec.stats.evidence import smallest_alpha
from underspec.stats.gap import fit_gap, gap_ends, gini
from underspec.stats.mean import drop_ends, mean_ends
from underspec.stats.ratio import exceeds, ratio_ends
from underspec.stats.spread import TWO_SIDED, fit_spread
from underspec.stats.tails import LEAST, Told, gap_tail, mean_tail, ratio_tail
from underspec.stats.totals import group, total
from underspec.testing.worlds.effects import effects

BOUNDS = (0.0, 1.0)
SHAPES = st.sampled_from(["normal", "exponential", "t5", "even", "uneven"])


def drawn(seed, k, n, spread, shape, images=None, mean=0.8):
    """Return the totals of right and wrong answers of variants that differ in truth."""
    generator = stream(5, "tails", seed).generator()
    accuracy = np.clip(mean + spread * effects(shape, k, generator), 0.01, 0.99)
    right = (generator.random((k, n)) < accuracy[:, None]).astype(float)
    clusters = np.array([f"c{i % (images or n)}" for i in range(n)])
    return total(right, group(clusters))


STUDIES = {
    "seed": st.integers(0, 10**6),
    "k": st.integers(10, 60),
    "n": st.integers(40, 400),
    "spread": st.floats(0.02, 0.2),
    "shape": SHAPES,
    "where": st.floats(0.05, 0.999),
}


def told(fit, means=None):
    """Return what the findings tell of a fitted spread."""
    spread = spread_finding(fit, 99, Scale())
    return Told(fit.k, spread.observed**2, spread.true_squared, spread.low**2, means)


@settings(max_examples=150, deadline=None)
@given(**STUDIES)
def test_gap_from_the_file_is_never_surer_than_from_the_fit(seed, k, n, spread, shape, where):
    """Without the means the p-value is at least the fit's; with them it is the fit's."""
    totals = drawn(seed, k, n, spread, shape)
    own = fit_spread(totals, BOUNDS)
    fit = fit_gap(totals, own)
    gap = gap_finding(fit, Scale())
    assume(gap.low > 1e-3)
    bound = where * gap.low

    exact = smallest_alpha(lambda alpha: gap_ends(fit, alpha).low > bound**2)
    p = gap_tail(gap.value**2, gap.low**2, bound**2, told(own))
    with_means = gap_tail(gap.value**2, gap.low**2, bound**2, told(own, totals.means))

    assert exact * (1 - 1e-4) <= p <= TWO_SIDED * (1 + 1e-6)
    if spread_finding(own, n, Scale()).low > 0:
        assert with_means == pytest.approx(exact, rel=1e-4)


@settings(max_examples=150, deadline=None)
@given(**STUDIES, lab=st.floats(0.01, 0.1), lab_shape=SHAPES)
def test_ratio_from_the_file_is_never_surer_than_from_the_fit(
    seed, k, n, spread, shape, where, lab, lab_shape
):
    """Whatever the two spreads, the p-value from the ends is at least that from the fits."""
    totals = drawn(seed, k, n, spread, shape)
    here = fit_spread(totals, BOUNDS)
    holdout = fit_spread(drawn(seed + 1, k, 2 * n, lab, lab_shape), BOUNDS)
    low = ratio_ends(here, holdout).low
    assume(low > 1e-3)
    bound = where * low

    exact = smallest_alpha(lambda alpha: exceeds(here, holdout, bound, alpha))
    lab_told = holdout.true, holdout.observed
    p = ratio_tail(low, bound, told(here), lab_told)
    with_means = ratio_tail(low, bound, told(here, totals.means), lab_told)

    assert exact * (1 - 1e-4) <= with_means <= p * (1 + 1e-4)
    assert p <= TWO_SIDED * (1 + 1e-6)


def test_means_of_something_else_are_not_used():
    """Means that do not have the spread's variance, or not its number, change nothing."""
    own = fit_spread(drawn(1, 20, 300, 0.1, "normal"), BOUNDS)
    other = drawn(2, 20, 300, 0.1, "normal").means

    assert told(own, other).fit is None
    assert told(own, other[:-1]).fit is None
    assert told(own).fit is None


@pytest.mark.parametrize("images", [None, 40])
def test_mean_and_drop_are_exact(images):
    """For means and drops the ends at 2.5 % tell those at any level."""
    for seed in range(5):
        lab, probe = (
            drawn(seed, 12, 200, 0.05, "normal", images, 0.9),
            drawn(seed + 9, 12, 200, 0.1, "t5", images, 0.7),
        )
        drop = drop_ends(lab, probe, BOUNDS)
        bound = drop.low - 0.02
        exact = smallest_alpha(lambda a: drop_ends(lab, probe, BOUNDS, alpha=a).low > bound)  # noqa: B023
        assert mean_tail(drop.value, drop.low, bound, 12) == pytest.approx(exact, rel=1e-6)

        mean = mean_ends(probe, BOUNDS)
        bound = mean.high + 0.02
        exact = smallest_alpha(lambda a: mean_ends(probe, BOUNDS, a).high < bound)  # noqa: B023
        assert mean_tail(mean.value, mean.high, bound, 12) == pytest.approx(exact, rel=1e-6)


def test_the_bound_on_the_mean_difference():
    """Evenly spaced variants have the largest mean difference for their variance, and reach it."""
    for k in (2, 5, 20):
        even = np.arange(k, dtype=float)
        assert gini(even) ** 2 == pytest.approx(4 / 3 * (1 + 1 / k) * even.var(ddof=1))


def test_at_the_end_itself_the_p_value_is_that_of_the_end():
    """A bound at the lower end is passed at 2.5 %; without any width at the least."""
    wide, narrow = Told(20, 4.1, 4.0, 1.0), Told(20, 4.0, 4.0, 4.0)
    assert gap_tail(4.0, 1.0, 1.0 - 1e-9, wide) == pytest.approx(TWO_SIDED)
    assert mean_tail(0.2, 0.1, 0.1, 20) == pytest.approx(TWO_SIDED)
    assert gap_tail(4.0, 4.0, 1.0, narrow) == LEAST
    assert math.isclose(mean_tail(0.2, 0.1, -5.0, 200), LEAST)
