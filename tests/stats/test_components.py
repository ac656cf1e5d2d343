"""Variance components: closed forms, scipy, known F tails, coverage and bias by simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.streams import stream
from underspec.stats.arrangement import arrange
from underspec.stats.components import components
from underspec.stats.forms import Read
from underspec.stats.layout import Layout
from underspec.stats.split import split
from underspec.stats.totals import Totals, group, total

KEY = stream(0, "test")


def nested(*sizes):
    k = sum(sizes)
    return np.stack([np.repeat(np.arange(len(sizes)), sizes), np.arange(k)])


def crossed(*sides):
    return np.array(list(itertools.product(*map(range, sides)))).T


def star(sources, each):
    codes = np.zeros((sources, 1 + sources * each), dtype=int)
    for i in range(sources * each):
        codes[i % sources, 1 + i] = 1 + i // sources
    return codes


def exact(means, n=4):
    """Totals of variants that answer every example alike: no noise at all."""
    means = np.asarray(means, dtype=float)
    return Totals(np.tile(means[:, None], n), np.ones(n), np.array([f"{i:05d}" for i in range(n)]))


def of(contributions, clusters=None):
    contributions = np.asarray(contributions, dtype=float)
    names = [f"{i:05d}" for i in range(contributions.shape[1])] if clusters is None else clusters
    return total(contributions, group(np.asarray(names)))


def fit(totals, codes):
    return components(totals, Layout(arrange(np.asarray(codes))), KEY)


def rng(*seed):
    return np.random.default_rng(seed)


# Arrangements


def test_joint_seeds_cannot_be_told_apart():
    """Where every source differs in every variant, nothing is a factor."""
    assert arrange(np.stack([np.arange(9), np.arange(9)[::-1]])).kind == "none"


def test_values_in_a_joint_design_can():
    """A source of three values beside a seed is a factor with levels that variants share."""
    got = arrange(np.stack([np.arange(9), np.arange(9) % 3]))
    assert (got.kind, got.factors, got.rest) == ("levels", ((1,),), (0,))


def test_designs_are_recognised():
    """Nested, crossed and star layouts are read from their levels."""
    assert arrange(nested(3, 3, 3))[0:2] == ("levels", ((0,),))
    assert arrange(crossed(3, 4))[0:2] == ("levels", ((0,), (1,)))
    assert arrange(star(3, 4))[0:2] == ("star", ((0,), (1,), (2,)))


def test_sources_that_move_together_are_one_factor_and_fixed_ones_none():
    """Two outer sources are not told apart; a source with one level is not there."""
    outer = nested(2, 2, 2)[0]
    got = arrange(np.stack([outer, np.arange(6), outer + 7, np.zeros(6, dtype=int)]))
    assert (got.factors, got.rest, got.fixed) == (((0, 2),), (1,), (3,))


def test_levels_inside_levels_go_to_the_rest():
    """Of three nested sources the outermost is the factor."""
    got = arrange(np.stack([np.arange(12) // 6, np.arange(12) // 2, np.arange(12)]))
    assert (got.factors, got.rest) == (((0,),), (1, 2))


# Closed forms


@pytest.mark.parametrize("sizes", [(4,) * 5, (3, 8, 5, 12, 6)])
def test_one_way_f_is_scipys(sizes):
    """F, its degrees of freedom and p of a nested layout, balanced or not."""
    from scipy.stats import f_oneway

    codes, y = nested(*sizes), rng(1).normal(size=sum(sizes))
    y += rng(2).normal(size=len(sizes))[codes[0]]
    want = f_oneway(*[y[codes[0] == level] for level in range(len(sizes))])
    got = fit(exact(y), codes)[0]

    assert got.f == pytest.approx(want.statistic)
    assert got.p == pytest.approx(want.pvalue)
    assert got.df == (len(sizes) - 1, sum(sizes) - len(sizes))


def test_balanced_one_way_components_are_those_of_the_anova():
    """(MS_between - MS_within) / k, MS_within, and ICC = (F - 1) / (F + k - 1)."""
    codes, k = nested(*[6] * 5), 6
    y = rng(3).normal(size=30) + rng(4).normal(size=5)[codes[0]]
    table = y.reshape(5, 6)
    between, within = k * table.mean(axis=1).var(ddof=1), table.var(axis=1, ddof=1).mean()
    outer, inner = fit(exact(y), codes)

    assert outer.true == pytest.approx((between - within) / k)
    assert inner.true == pytest.approx(within)
    assert outer.icc == pytest.approx((outer.f - 1) / (outer.f + k - 1))
    assert outer.share == pytest.approx(outer.icc)
    assert (inner.share_low, inner.share_high) == pytest.approx(
        (1 - outer.share_high, 1 - outer.share_low)
    )


@pytest.mark.parametrize(
    ("f", "p", "icc"),
    [(5.66, 4e-4, 0.19), (9.66, 1e-6, 0.30), (48.98, 3e-22, 0.71), (1.71, 0.15, 0.03), (20.18, 5e-12, 0.49),
     (4.95, 1e-3, 0.16)],
)  # fmt: skip
def test_tails_of_f_with_4_and_95_degrees_of_freedom(f, p, icc):
    """Five groups of twenty: a layout with that F has that p, to one digit, and that ICC."""
    codes = nested(*[20] * 5)
    inside = rng(5).normal(size=(5, 20))
    inside -= inside.mean(axis=1, keepdims=True)
    inside /= math.sqrt(np.square(inside).sum() / 95)
    groups = rng(6).normal(size=5)
    groups = (groups - groups.mean()) / groups.std(ddof=1) * math.sqrt(f / 20)
    got = fit(exact((groups[:, None] + inside).ravel()), codes)[0]

    assert got.f == pytest.approx(f)
    assert got.df == (4, 95)
    assert f"{got.p:.0e}" == f"{p:.0e}" or got.p == pytest.approx(p, rel=0.05)
    assert got.icc == pytest.approx((f - 1) / (f + 19))
    assert round(got.icc, 2) == icc


def test_balanced_two_way_is_that_of_the_anova():
    """Row, column and interaction components, and their F, from the mean squares."""
    from scipy.special import fdtrc

    a, b = 5, 4
    table = rng(7).normal(size=(a, b)) + rng(8).normal(size=(a, 1)) + 2 * rng(9).normal(size=b)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    ms_a, ms_b = b * rows.var(ddof=1), a * columns.var(ddof=1)
    left = table - rows[:, None] - columns + table.mean()
    ms_e = np.square(left).sum() / ((a - 1) * (b - 1))
    first, second, rest = fit(exact(table.ravel()), crossed(a, b))

    assert first.true == pytest.approx((ms_a - ms_e) / b)
    assert second.true == pytest.approx((ms_b - ms_e) / a)
    assert rest.true == pytest.approx(ms_e)
    assert first.f == pytest.approx(ms_a / ms_e)
    assert first.df == (a - 1, (a - 1) * (b - 1))
    assert second.p == pytest.approx(fdtrc(b - 1, (a - 1) * (b - 1), ms_b / ms_e))
    assert first.share + second.share + rest.share == pytest.approx(1)


def test_star_gives_the_spread_of_each_group():
    """The group of a source is the base and the variants that leave it in this source alone."""
    codes, y = star(2, 3), rng(10).normal(size=7)
    first, second = fit(exact(y), codes)
    assert first.true == pytest.approx(y[[0, 1, 3, 5]].var(ddof=1))
    assert second.true == pytest.approx(y[[0, 2, 4, 6]].var(ddof=1))
    assert first.share == pytest.approx(first.true / (first.true + second.true))
    assert (first.levels, first.df) == (4, (3, math.inf))


# The noise of a finite probe


def test_forms_split_as_the_spread_does():
    """The form of the variance over variants is `split`, clusters and all."""
    c = rng(11).integers(0, 2, size=(6, 30)).astype(float)
    totals = of(c, [f"c{i % 11}" for i in range(30)])
    k = totals.k
    got, want = Read(totals).form(np.eye(k) / (k - 1) - 1 / (k * (k - 1))), split(totals)
    assert got == pytest.approx((want.observed, want.noise, want.true))


@given(st.integers(0, 10_000))
def test_a_component_is_the_covariance_of_examples_apart(seed):
    """The true component is the observed one computed from products of different examples."""
    codes = nested(2, 3, 2)
    c = rng(12, seed).normal(size=(7, 5))
    layout = Layout(arrange(codes))
    weights = layout.anew - layout.held[0]
    apart = c - c.mean(axis=0)
    want = np.mean(
        [apart[:, i] @ weights @ apart[:, j] for i, j in itertools.permutations(range(5), 2)]
    )
    assert fit(of(c), codes)[0].true == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("codes", [crossed(3, 4), nested(5, 3, 4), star(11, 1)])
@given(variants=st.permutations(range(12)), examples=st.permutations(range(9)))
def test_order_of_variants_and_examples_does_not_matter(codes, variants, examples):
    """Shuffled variants and examples give the same components."""
    c, names = rng(13).normal(size=(12, 9)), np.array([f"i{i}" for i in range(9)])
    shuffled = of(c[np.ix_(variants, examples)], names[examples])
    for want, got in zip(fit(of(c, names), codes), fit(shuffled, codes[:, variants]), strict=True):
        assert np.allclose(np.hstack(want), np.hstack(got), equal_nan=True)


@given(st.floats(0.01, 100), st.floats(-5, 5))
def test_units_scale_variances_and_leave_shares(scale, shift):
    """A metric in other units has the same shares, F and p."""
    codes, c = crossed(3, 4), rng(14).normal(size=(12, 9))
    for one, other in zip(fit(of(c), codes), fit(of(scale * c + shift), codes), strict=True):
        assert other.true == pytest.approx(scale**2 * one.true, rel=1e-6, abs=1e-9)
        assert np.allclose(one[5:8], other[5:8], equal_nan=True)
        assert np.allclose(one.f, other.f, equal_nan=True)


@given(st.integers(0, 10_000), st.sampled_from(["nested", "crossed", "star", "ragged"]))
def test_intervals_hold_their_estimates(seed, name):
    """Ends surround the estimate, shares lie within 0 and 1, and factors add up to the whole."""
    codes = {
        "nested": nested(3, 3, 3), "crossed": crossed(3, 3), "star": star(2, 4), "ragged": nested(1, 4, 2, 1),
    }[name]  # fmt: skip
    c = (
        rng(15, seed).normal(size=(codes.shape[1], 12))
        + rng(16, seed).normal(size=codes.shape[1])[:, None]
    )
    found = fit(of(c), codes)
    for one in found:
        assert one.low <= one.true <= one.high
        assert 0 <= one.share_low <= 1
        assert 0 <= one.share_high <= 1
        if not math.isnan(one.share):
            assert one.share_low - 1e-9 <= one.share <= one.share_high + 1e-9
    assert sum(one.icc for one in found) == pytest.approx(1)


def test_equal_variants_have_no_share():
    """Where no variant differs, there is nothing to divide."""
    for codes in (nested(3, 3), crossed(2, 3), star(2, 3)):
        for one in fit(exact(np.ones(codes.shape[1])), codes):
            assert one.true == 0
            assert math.isnan(one.share)
            assert math.isnan(one.p)


# Simulation


def simulate(codes, sds, rest, *, studies, noise=0.5, n=200, shape="normal", seed=0):
    """Return [studies, factors, (true, covered, share covered, above, p)] for synthetic effects."""
    draw = rng(20, seed)
    arrangement = arrange(codes)
    layout = Layout(arrangement)
    truth = [sd**2 for sd in sds] + ([rest**2] if arrangement.kind == "levels" else [])
    names = np.array([f"{i:05d}" for i in range(n)])

    def effects(count):
        if shape == "exponential":
            return draw.exponential(size=count) - 1
        return (
            draw.standard_t(5, size=count) / math.sqrt(5 / 3)
            if shape == "t5"
            else draw.normal(size=count)
        )

    k, out = codes.shape[1], []
    for _ in range(studies):
        a = rest * effects(k)
        for sd, code in zip(sds, arrangement.codes, strict=True):
            a = a + sd * effects(int(code.max()) + 1)[code]
        c = a[:, None] + noise * math.sqrt(n) * draw.normal(size=(k, n))
        found = components(Totals(c, np.ones(n), names), layout, KEY)
        out.append(
            [
                (one.true, one.low <= t <= one.high, one.share_low <= t / sum(truth) <= one.share_high,
                 one.low > t, one.p <= 0.05)
                for one, t in zip(found, truth, strict=True)
            ]
        )  # fmt: skip
    return truth, np.array(out, dtype=float)


CELLS = {
    "nested 5 x 20": (nested(*[20] * 5), [0.65], 1.0),
    "nested 10 x 5": (nested(*[5] * 10), [1.0], 1.0),
    "nested 10 x 5, outer dead": (nested(*[5] * 10), [0.0], 1.0),
    "nested, groups of 3 to 12": (nested(3, 8, 5, 12, 6), [1.0], 1.0),
    "nested, groups of 3 to 12, outer dead": (nested(3, 8, 5, 12, 6), [0.0], 1.0),
    "crossed 7 x 7": (crossed(7, 7), [1.0, 0.5], 0.5),
    "crossed 5 x 4, first dead": (crossed(5, 4), [0.0, 1.0], 0.5),
    "crossed, 30 of 4 x 3 x 3": (crossed(4, 3, 3)[:, :30], [1.0, 0.5, 0.0], 0.5),
    "one at a time 3 x 15": (star(3, 15), [1.0, 0.5, 0.0], 0.0),
}


def held(name, shape, studies, least):
    codes, sds, rest = CELLS[name]
    truth, got = simulate(codes, sds, rest, studies=studies, shape=shape)
    mean, error = got.mean(axis=0), got[:, :, 0].std(axis=0) / math.sqrt(studies)
    slack = 2.6 * math.sqrt(least * (1 - least) / studies)
    for at, t in enumerate(truth):
        print(f"| {name} | {shape} | {t:g} | {mean[at, 0]:.3f} ± {error[at]:.3f} | {100 * mean[at, 1]:.1f} | "
              f"{100 * mean[at, 2]:.1f} | {100 * mean[at, 3]:.1f} | {100 * mean[at, 4]:.1f} |")  # fmt: skip
    for at, t in enumerate(truth):
        assert abs(mean[at, 0] - t) < 4 * error[at]
        assert mean[at, 1] > least - slack
        assert mean[at, 2] > least - slack
        if t == 0:
            assert mean[at, 4] < 0.05 + 2.6 * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize(
    "name", ["nested 10 x 5", "nested 10 x 5, outer dead", "crossed 7 x 7", "one at a time 3 x 15"]
)
def test_components_are_unbiased_and_covered(name):
    """A short form: half of the spread is noise of the probe, and it is not taken for a source."""
    held(name, "normal", 80, 0.93)


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_components_of_normal_effects_at_length(name):
    """At least 93 % of intervals hold the truth, and a dead source is called in 5 % at most."""
    held(name, "normal", 1500, 0.93)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["exponential", "t5"])
@pytest.mark.parametrize("name", ["nested 10 x 5", "crossed 7 x 7", "one at a time 3 x 15"])
def test_components_of_other_effects_at_length(name, shape):
    """At least 88 % hold the truth where effects are skewed or heavy-tailed."""
    held(name, shape, 1500, 0.88)


def tastes(codes, studies, n, *, seed=40):
    """Studies in which groups share a taste for examples, but none is better: right and wrong answers."""
    layout, draw = Layout(arrange(codes)), rng(seed)
    groups = codes[0].max() + 1
    names, out = np.array([f"{i:05d}" for i in range(n)]), []
    for _ in range(studies):
        taste = 0.5 * draw.normal(size=(groups, n))[codes[0]]
        own = 0.05 * draw.normal(size=(codes.shape[1], 1))
        luck = draw.normal(size=(codes.shape[1], n)) + draw.normal(size=n)
        right = (1.26 + own * 1.5 + taste + luck > 0).astype(float)
        one = components(Totals(right, np.ones(n), names), layout, KEY)[0]
        out.append((one.p <= 0.05, one.p_true <= 0.05, one.low > 0))
    return np.mean(out, axis=0)


def test_shared_taste_for_examples_is_no_effect():
    """F on these examples is fooled by luck that a group shares, the true p less: a short form."""
    plain, true, low = tastes(nested(*[5] * 10), 150, 300)
    assert plain > 0.09
    assert true < plain / 1.5
    assert low < 0.07


@pytest.mark.slow
def test_shared_taste_for_examples_is_no_effect_at_length():
    """The true p and the ends keep what they promise where F on these examples does not."""
    plain, true, low = tastes(nested(*[5] * 10), 3000, 300)
    print(f"shared taste: F rejects {100 * plain:.1f} %, true p {100 * true:.1f} %, lower end above 0 "
          f"{100 * low:.1f} %")  # fmt: skip
    assert plain > 0.09
    assert true < 0.05 + 2.6 * math.sqrt(0.05 * 0.95 / 3000)
    assert low < 0.025 + 2.6 * math.sqrt(0.025 * 0.975 / 3000)


def test_a_rule_without_the_noise_correction_fails():
    """Taken as observed, the components of a noisy probe are wrong: the check can fail."""
    codes = nested(*[5] * 10)
    layout, draw = Layout(arrange(codes)), rng(30)
    plain = []
    for _ in range(40):
        a = draw.normal(size=10)[codes[0]] + draw.normal(size=50)
        plain.append(
            components(of(a[:, None] + 7 * draw.normal(size=(50, 60))), layout, KEY)[1].observed
        )
    assert np.mean(plain) - 1 > 4 * np.std(plain) / math.sqrt(40)
