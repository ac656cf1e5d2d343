"""Means and drops over variants and clusters."""

import math

import numpy as np
import pytest
from scipy import stats

from underspec.stats.mean import drop_ends, mean_ends
from underspec.stats.split import split
from underspec.stats.totals import group, total

UNIT = (0.0, 1.0)
FREE = (-math.inf, math.inf)


def _totals(c, clusters=None):
    c = np.asarray(c, dtype=float)
    names = [f"{i:05d}" for i in range(c.shape[1])] if clusters is None else clusters
    return total(c, group(np.asarray(names)))


def test_variance_of_a_mean_is_the_two_way_random_effects_one():
    """S²/k + Var_i(c̄_i)/n - MS_vi/(kn), as in the textbook of crossed designs."""
    rng = np.random.default_rng(1)
    c = 0.3 * rng.normal(size=(9, 1)) + rng.normal(size=60) + rng.normal(size=(9, 60))
    k, n = c.shape
    big = c.mean(axis=1).var(ddof=1)
    interaction = c - c.mean(axis=0) - c.mean(axis=1)[:, None] + c.mean()
    mean_square = (interaction**2).sum() / ((k - 1) * (n - 1))
    expected = big / k + c.mean(axis=0).var(ddof=1) / n - mean_square / (k * n)
    got = mean_ends(_totals(c), FREE)

    assert got.variants + got.examples == pytest.approx(expected)
    assert got.value == pytest.approx(c.mean())
    assert got.high - got.value == pytest.approx(stats.t.ppf(0.975, k - 1) * math.sqrt(expected))


def test_never_less_than_the_variants_alone():
    """With a lucky negative true variance the error is still S²/k."""
    rng = np.random.default_rng(2)
    c = np.stack([rng.permutation(np.arange(40) % 2) for _ in range(6)]).astype(float)
    got = mean_ends(_totals(c), FREE)

    assert split(_totals(c)).true < 0
    assert got.variants == 0
    assert got.examples >= split(_totals(c)).observed / 6


def test_identical_probe_has_no_drop():
    """The same images with the same answers: a drop of 0, with next to no error."""
    t = _totals(np.random.default_rng(3).integers(0, 2, size=(10, 500)))
    got = drop_ends(t, t, FREE)

    assert got.value == 0
    assert got.high - got.low == pytest.approx(0, abs=1e-7)


def test_pairing_shared_images_helps():
    """A probe of the holdout's images has a narrower drop than one of as many other images."""
    rng = np.random.default_rng(4)
    hard = rng.normal(size=800)
    lab = (rng.normal(size=(12, 800)) + 2 * hard > -2).astype(float)
    field = (rng.normal(size=(12, 800)) + 2 * hard > -1).astype(float)
    same = [f"i{i:04d}" for i in range(800)]
    other = [f"j{i:04d}" for i in range(800)]
    paired = drop_ends(_totals(lab, same), _totals(field, same), UNIT)
    apart = drop_ends(_totals(lab, same), _totals(field, other), UNIT)

    assert paired.value == pytest.approx(apart.value)
    assert paired.high - paired.low < 0.8 * (apart.high - apart.low)


def test_shared_images_in_part_lie_in_between():
    """With half of the images shared, the variance is the average of the two."""
    rng = np.random.default_rng(5)
    hard = rng.normal(size=600)
    c, d = (rng.normal(size=(5, 600)) + 2 * hard for _ in range(2))
    names = np.array([f"{i:04d}" for i in range(600)])
    half = np.where(np.arange(600) % 2 == 0, names, np.char.add("x", names))
    none = np.char.add("x", names)
    a, b, m = (
        drop_ends(_totals(c, names), _totals(d, other), FREE).examples
        for other in (names, none, half)
    )

    assert a < m < b
    assert m == pytest.approx((a + b) / 2, rel=0.1)


def test_sign_turns_with_the_metric():
    """A loss that rises is a drop as an accuracy that falls is."""
    rng = np.random.default_rng(6)
    lab, field = rng.normal(size=(4, 50)), 1 + rng.normal(size=(4, 50))
    up = drop_ends(_totals(lab), _totals(field), FREE, sign=-1.0)
    down = drop_ends(_totals(lab), _totals(field), FREE)

    assert up.value > 0
    assert up.value == -down.value
    assert (up.low, up.high) == pytest.approx((-down.high, -down.low))


def test_two_examples_alike_do_not_settle_a_drop():
    """Two wrong answers out of two are no proof of a fall to zero."""
    lab = _totals(np.random.default_rng(7).random((20, 500)) < 0.9)
    got = drop_ends(lab, _totals(np.zeros((20, 2)), ["x", "y"]), UNIT)

    assert got.value > 0.85
    assert got.low < 0.05


@pytest.mark.parametrize("overlap", ["all", "half", "none"])
def test_drop_covers(overlap):
    """95 % intervals of the drop hold it in at least 93 % of 400 studies with clusters.

    Fails if the count is under the 1-in-1,000 point of Binomial(400, .93).
    """
    rng = np.random.default_rng(8)
    images, rows, k, inside, studies = 80, 2, 12, 0, 400
    lab_names = np.array([f"{i:03d}" for i in range(images)])
    keep = {"all": images, "half": images // 2, "none": 0}[overlap]
    field_names = np.array([f"{i:03d}" if i < keep else f"x{i:03d}" for i in range(images)])
    for _ in range(studies):
        hard = rng.normal(size=images)
        new = np.where(np.arange(images) < keep, hard, rng.normal(size=images))
        lab_skill, field_skill = rng.normal(size=(2, k, 1)) * 0.3
        lab = lab_skill + hard.repeat(rows) + rng.normal(size=(k, images * rows))
        field = 0.5 + field_skill + new.repeat(rows) + rng.normal(size=(k, images * rows))
        got = drop_ends(
            _totals(lab, lab_names.repeat(rows)), _totals(field, field_names.repeat(rows)), FREE
        )
        inside += got.low <= -0.5 <= got.high

    assert inside >= stats.binom.ppf(0.001, studies, 0.93)
