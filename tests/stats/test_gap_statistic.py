"""Gini's gap with the noise extrapolated out, and its interval."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from underspec.stats.gap import GapFit, fit_gap, gap_ends, gini
from underspec.stats.spread import SpreadFit, fit_spread, spread_ends
from underspec.stats.totals import Totals, group, total

UNIT = (0.0, 1.0)


def _fit(c):
    c = np.asarray(c, dtype=float)
    t = total(c, group(np.array([f"{i:05d}" for i in range(c.shape[1])])))
    return fit_gap(t, fit_spread(t, UNIT))


def _plain(**changes):
    spread = SpreadFit(20, 1e-4, 2e-5, 0.0, 0.1, 0.0, 0.0)
    return GapFit(1.2e-4, 1e-4, 0.3, spread)._replace(**changes)


def test_gini_is_the_mean_over_pairs():
    """Without noise it is the plain mean absolute difference."""
    means = np.random.default_rng(1).normal(size=9)
    pairs = [abs(a - b) for a, b in itertools.combinations(means, 2)]

    assert gini(means) == pytest.approx(np.mean(pairs))


def test_gini_with_added_noise_is_the_mean_of_folded_normals():
    """Scipy's folded normal gives the same expectation for each pair."""
    means, added = np.array([0.1, 0.15, 0.4, 0.1]), 0.004
    scale = math.sqrt(2 * added)
    pairs = [
        stats.foldnorm.mean(abs(a - b) / scale, scale=scale)
        for a, b in itertools.combinations(means, 2)
    ]

    assert gini(means, added) == pytest.approx(np.mean(pairs))


def test_normal_effects_give_the_textbook_gap():
    """For many normal variants the gap is 2/sqrt(π) times the true spread, noise or not."""
    rng = np.random.default_rng(2)
    effects = 0.05 * rng.standard_normal((600, 1))
    fit = _fit(effects + 0.8 * rng.standard_normal((600, 250)))

    assert fit.raw > 1.5 * fit.true
    assert math.sqrt(fit.true) == pytest.approx(2 / math.sqrt(math.pi) * 0.05, rel=0.06)


def test_two_kinds_of_variant_are_not_read_as_normal():
    """With kinds 85/15 the gap is 2pq times the distance; 2σ/sqrt(π) would be a quarter too high."""
    rng = np.random.default_rng(3)
    kind = (np.arange(400) % 20 < 3)[:, None]
    fit = _fit(0.1 * kind + 0.45 * rng.standard_normal((400, 1500)))
    truth = 2 * 0.85 * 0.15 * 0.1
    normal = 2 / math.sqrt(math.pi) * math.sqrt(max(0, fit.spread.true))

    assert math.sqrt(fit.true) == pytest.approx(truth, rel=0.06)
    assert normal > 1.2 * truth


def _estimates(effect, reliability, studies):
    """Return the mean estimate over true gap, ours and by a parabola in λ, k = 50."""
    rng = np.random.default_rng(6)
    noise = (1 - reliability) / reliability
    spread = SpreadFit(50, 1 + noise, noise, 0.0, 0.1, 0.0, 0.0)
    ours, parabola = [], []
    for _ in range(studies):
        means = effect(rng) + math.sqrt(noise) * rng.standard_normal(50)
        fit = fit_gap(Totals(means[:, None], np.ones(1), np.array(["all"])), spread)
        g = [gini(means, level * noise) ** 2 for level in range(3)]
        ours.append(math.sqrt(max(0, fit.true)))
        parabola.append(math.sqrt(max(0, 3 * g[0] - 3 * g[1] + g[2])))
    return np.mean(ours), np.mean(parabola)


def test_kinds_are_read_rightly_where_a_parabola_is_not():
    """Two equal kinds at reliability .95: a gap of 1 within 2 %, where a parabola reads 6 % more."""
    ours, parabola = _estimates(lambda rng: 2.0 * (rng.random(50) < 0.5) - 1, 0.95, 300)

    assert ours == pytest.approx(1, abs=0.02)
    assert parabola == pytest.approx(1.06, abs=0.02)


def test_kinds_blurred_by_noise_are_read_too_high():
    """What docs/statistics.md admits to: 8 % at reliability .8, 15 to 20 % at .6."""
    some, _ = _estimates(lambda rng: 2.0 * (rng.random(50) < 0.5) - 1, 0.8, 300)
    much, _ = _estimates(lambda rng: 2.0 * (rng.random(50) < 0.5) - 1, 0.6, 300)

    assert some == pytest.approx(1.08, abs=0.03)
    assert 1.12 < much < 1.22


def test_normal_effects_are_read_rightly_at_any_reliability():
    """Normal effects with most of the variance noise, and with little: within 4 %."""
    for reliability in (0.6, 0.95):
        ours, _ = _estimates(lambda rng: rng.standard_normal(50), reliability, 300)

        assert ours == pytest.approx(2 / math.sqrt(math.pi), rel=0.04)


def test_blurred_lower_end_is_that_of_the_spread():
    """Under reliability .9 the gap's lower end is at most the spread's; above it is its own."""
    blurred = _plain()
    clear = _plain(spread=_plain().spread._replace(noise=5e-6), error=0.05)

    assert blurred.spread.true < 0.9 * blurred.spread.observed
    assert gap_ends(_plain(error=0.01)).low == spread_ends(blurred.spread).low
    assert gap_ends(clear).low > spread_ends(clear.spread).low


def test_error_is_the_jackknife_of_the_log():
    """The closed form equals leaving each variant out in turn."""
    c = np.random.default_rng(4).normal(size=(8, 60))
    means = c.mean(axis=1)
    logs = [2 * math.log(gini(np.delete(means, v))) for v in range(8)]
    expected = math.sqrt(7 / 8 * np.square(logs - np.mean(logs)).sum())

    assert _fit(c).error == pytest.approx(expected)


def test_ends_without_noise_are_the_log_interval():
    """With no noise and no examples' part the ends are exp(±t se) around G²."""
    quiet = _plain(true=1.2e-4, spread=_plain().spread._replace(noise=0.0))
    reach = stats.t.ppf(0.975, 19) * 0.3

    assert gap_ends(quiet) == pytest.approx((1.2e-4 * math.exp(-reach), 1.2e-4 * math.exp(reach)))


def test_upper_end_is_at_least_that_of_pure_noise():
    """The largest gap compatible with no spread is 2/sqrt(π) of that spread."""
    lucky = _plain(raw=1e-6, true=-1e-5, spread=SpreadFit(20, 1e-6, 5e-5, 0.0, 0.1, 0.0, 0.0))
    pure = spread_ends(SpreadFit(20, 5e-5, 5e-5, 0.0, 0.1, 0.0, 0.0))

    assert gap_ends(lucky).high == pytest.approx(4 / math.pi * pure.high)
    assert gap_ends(lucky).low < 0


def test_equal_variants_have_no_gap():
    """No gap, a lower end of 0, and an upper end that the few examples leave room for."""
    fit = _fit(np.ones((12, 30)))

    assert (fit.raw, fit.true, fit.error) == (0.0, 0.0, 0.0)
    assert gap_ends(fit).low == 0.0
    assert 0 < gap_ends(fit).high < 0.05


def test_one_variant_apart_has_no_finite_upper_end():
    """Where all of the gap hangs on one variant, leaving it out leaves nothing: no upper end."""
    c = np.zeros((10, 40))
    c[3, :20] = 1
    fit = _fit(c)

    assert math.isinf(fit.error)
    assert gap_ends(fit).low <= 0
    assert math.isinf(gap_ends(fit).high)
    assert gap_ends(fit, 0.5).high < math.inf


def test_two_variants_have_no_finite_upper_end():
    """One pair tells of no other pair."""
    fit = _fit(np.random.default_rng(5).normal(size=(2, 30)))

    assert math.isinf(gap_ends(fit).high)


@given(
    st.floats(0, 0.01),
    st.floats(-0.001, 0.01),
    st.floats(0, 3),
    st.floats(1e-9, 0.5),
    st.floats(1e-9, 0.5),
    st.floats(0, 1e-6),
)
def test_ends_shrink_towards_the_estimate_as_alpha_grows(raw, true, error, a, b, examples):
    """Intervals are nested, so that a p-value by bisection exists."""
    spread = SpreadFit(20, 1e-3, 2e-4, 0.0, 0.1, examples, 0.0)
    fit = GapFit(raw, min(true, raw), error, spread)
    wide, narrow = gap_ends(fit, min(a, b)), gap_ends(fit, max(a, b))

    assert wide.low <= narrow.low + 1e-12
    assert narrow.low <= fit.true + 1e-12
    assert wide.high >= narrow.high - 1e-12


@pytest.mark.parametrize("twins", [0, 6, 11])
def test_twins_do_not_hide_how_far_the_others_part(twins):
    """Identical variants share all their luck: the gap is that of the models as they are."""
    rng = np.random.default_rng(twins)
    found, truth = [], []
    for _ in range(150):
        own = rng.normal(0, 0.02, 20)
        luck = 0.3 * rng.normal(size=(20, 1000))
        if twins:
            own[:twins], luck[:twins] = own[0], luck[0]
        values = own[:, None] + luck + rng.normal(size=1000)
        totals = total(values, group(np.array([f"{i:04d}" for i in range(1000)])))
        fit = fit_gap(totals, fit_spread(totals, (-math.inf, math.inf)))
        found.append(math.sqrt(max(0.0, fit.true)))
        truth.append(np.abs(own[:, None] - own).sum() / (20 * 19))

    assert np.mean(found) == pytest.approx(np.mean(truth), rel=0.06)
