"""Accuracy on the line, with noise in both probes."""

import math

import numpy as np
import pytest
from scipy import stats
from tests.measure.shared_images import shared_answers
from tests.worlds.rates import fewest, most, tell

from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.line import fit_line, probit
from underspec.stats.split import split
from underspec.stats.totals import Totals, group, total


def _totals(contributions, clusters=None):
    n = contributions.shape[1]
    names = np.array([f"i{at:05d}" for at in range(n)]) if clusters is None else clusters
    return total(contributions, group(names))


def _steady(values, names="i"):
    """Totals of variants whose contributions are all alike: no noise at all."""
    count = 6
    ids = np.array([f"{names}{at}" for at in range(count)])
    return Totals(np.repeat(np.asarray(values)[:, None], count, axis=1), np.ones(count), ids)


def test_probit_totals_have_the_probits_as_means():
    """Their mean is the probit, exactly; their noise is the accuracy's over the density, squared."""
    c = shared_answers(1, np.full((1, 8), 0.8), 4000)[0]
    plain, made = _totals(c), probit(_totals(c))
    steep = stats.norm.pdf(stats.norm.ppf(0.8))

    assert made.means == pytest.approx(stats.norm.ppf(plain.means))
    assert split(made).noise == pytest.approx(split(plain).noise / steep**2, rel=0.03)


@pytest.mark.parametrize("names", ["i", "j"], ids=["same examples", "others"])
def test_without_noise_it_is_least_squares(names):
    """Slope, its interval and R² are those of an ordinary regression."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=15)
    y = 0.3 + 0.8 * x + 0.4 * rng.normal(size=15)
    got = fit_line(_steady(x), _steady(y, names))
    want = stats.linregress(x, y)
    reach = stats.t.ppf(0.975, 13) * want.stderr

    assert got.slope == pytest.approx((want.slope, want.slope - reach, want.slope + reach))
    assert got.intercept.value == pytest.approx(want.intercept)
    assert got.determination.value == pytest.approx(want.rvalue**2)
    assert got.apart == pytest.approx(y - want.intercept - want.slope * x)
    rest = float(np.square(got.apart).sum()) / 13
    assert got.residual.value == pytest.approx(rest)
    assert got.residual.low < rest < got.residual.high
    assert got.reliability == 1


def test_noise_in_the_holdout_does_not_flatten_the_line():
    """With a reliability near one half least squares gives half the slope; this does not, on average."""
    corrected, plain, rng = [], [], np.random.default_rng(3)
    for seed in range(30):
        z = 1.0 + 0.06 * rng.normal(size=60)
        c = shared_answers(seed, stats.norm.cdf([z, z]), 700)
        x, y = (
            probit(_totals(c[0])),
            probit(_totals(c[1], np.array([f"j{at}" for at in range(700)]))),
        )
        got = fit_line(x, y)
        if got is not None:
            corrected.append(got.slope.value)
        plain.append(stats.linregress(x.means, y.means).slope)

    assert np.mean(plain) < 0.75
    assert np.mean(corrected) == pytest.approx(1, abs=0.15)


def test_too_noisy_has_no_line():
    """Equal variants have no spread to lay a line through."""
    c = shared_answers(4, np.full((2, 30), 0.8), 400)

    assert fit_line(probit(_totals(c[0])), probit(_totals(c[1]))) is None


def test_a_slope_without_ends():
    """Where the holdout's spread could be nothing but noise the slope has no ends, nor the intercept."""
    rng = np.random.default_rng(6)
    for seed in range(40):
        z = 1.0 + 0.06 * rng.normal(size=12)
        c = shared_answers(seed, stats.norm.cdf([z, z]), 300)
        got = fit_line(probit(_totals(c[0])), probit(_totals(c[1])))
        if got is not None and math.isnan(got.slope.low):
            assert math.isnan(got.slope.high)
            assert math.isnan(got.intercept.low)
            assert math.isfinite(got.slope.value)
            return
    pytest.fail("in forty studies no slope was without ends")


def _study(seed, k, n, slope, scatter, *, rows=1):
    rng = np.random.default_rng((seed, k, n))
    x = 1.3 + 0.08 * rng.normal(size=k)
    y = 0.3 + slope * x + scatter * rng.normal(size=k)
    c = shared_answers(rng.integers(1 << 40), stats.norm.cdf([x, y]), n)
    if rows > 1:
        c = np.repeat(c, rows, axis=2)
    names = np.repeat([f"i{at:05d}" for at in range(n)], rows)
    return fit_line(*(probit(_totals(one, names)) for one in c))


def _covered(studies, k, n, slope, scatter, **more):
    """Return how often each interval held its truth, and how many studies had a line."""
    share = slope**2 * 0.08**2 / (slope**2 * 0.08**2 + scatter**2)
    truths = {"slope": slope, "intercept": 0.3, "determination": share, "residual": scatter**2}
    counts, lines, flagged = dict.fromkeys(truths, 0), 0, 0
    for seed in range(studies):
        got = _study(seed, k, n, slope, scatter, **more)
        if got is None:
            continue
        lines += 1
        p = benjamini_hochberg(2 * stats.norm.sf(np.abs(got.apart / got.error)))
        flagged += bool((p <= 0.05).any())
        for name, truth in truths.items():
            ends = getattr(got, name)
            counts[name] += not (truth < ends.low - 1e-9 or truth > ends.high + 1e-9)
    figures = ", ".join(f"{name} {100 * count / lines:.1f}" for name, count in counts.items())
    tell(f"k = {k}, n = {n}, slope {slope}, scatter {scatter}, {more}: {lines} lines, {figures}, "
         f"any flag {100 * flagged / lines:.1f}")  # fmt: skip
    return counts, lines, flagged


def test_coverage_and_flags():
    """80 studies with scatter hold the truth; 80 without flag anybody in about 5 % at most."""
    counts, lines, _ = _covered(80, 30, 800, 1.0, 0.06)
    _, exact, flagged = _covered(80, 30, 800, 1.0, 0.0)

    assert lines >= 78
    assert min(counts.values()) >= fewest(0.93, lines)
    assert flagged <= most(0.05, exact)


CELLS = [(20, 1000, 1.0, 0.06), (50, 2000, 1.0, 0.06), (50, 2000, 0.7, 0.04), (50, 500, 0.0, 0.06)]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "slope", "scatter"), CELLS)
def test_coverage_long(k, n, slope, scatter):
    """250 studies a cell, the probe made of the holdout's images."""
    counts, lines, _ = _covered(250, k, n, slope, scatter)

    assert min(counts.values()) >= fewest(0.93, lines)


@pytest.mark.slow
def test_coverage_of_clustered_rows_long():
    """300 images with four equal rows each."""
    counts, lines, _ = _covered(250, 20, 300, 1.0, 0.06, rows=4)

    assert min(counts.values()) >= fewest(0.91, lines)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(20, 1000), (50, 1000), (50, 2000)])
def test_flags_of_variants_on_the_line_long(k, n):
    """300 studies in which all variants are on the line: at most 6 % flag one."""
    _, lines, flagged = _covered(300, k, n, 1.0, 0.0)

    assert flagged <= most(0.06, lines)
