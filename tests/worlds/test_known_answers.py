"""The worlds themselves: what they claim to be true is what they draw."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.testing.worlds import Boundary, Crowd, Drift, Fork, Mirror, Null, Plain, World
from underspec.testing.worlds.effects import effect_gap, effects

SHAPES = ("normal", "exponential", "t5", "even", "uneven")
SMALL = Crowd(variants=12, images=40)
WORLDS: tuple[World, ...] = (
    Null(probes=2, crowd=SMALL),
    Boundary("ratio", probes=2, crowd=SMALL),
    Boundary("gap", probes=2, crowd=SMALL),
    Mirror("sample", probes=2, crowd=SMALL),
    Mirror("changed", probes=2, crowd=SMALL),
    Fork(probes=2, crowd=SMALL),
    Drift(probes=2, crowd=SMALL),
    Plain(0.02, 0.01, probes=2, crowd=SMALL),
)


@pytest.mark.parametrize("shape", SHAPES)
def test_effects_have_mean_0_variance_1_and_the_gap_they_claim(shape):
    """Over 40,000 draws, within four standard errors or 2 %."""
    drawn = effects(shape, 40_000, np.random.default_rng(1))
    gap = np.abs(drawn[:20_000] - drawn[20_000:]).mean()

    assert abs(drawn.mean()) < 0.02
    assert drawn.var() == pytest.approx(1, rel=0.06)
    assert gap == pytest.approx(effect_gap(shape), rel=0.03)


def test_gap_of_t_is_the_integral():
    """The one constant that is not closed: 2 ∫ F (1 - F) over the scaled t."""
    x = np.linspace(-400, 400, 2_000_001)
    f = stats.t.cdf(x, 5)

    assert effect_gap("t5") == pytest.approx(
        2 * np.trapezoid(f * (1 - f), x) * math.sqrt(3 / 5), rel=1e-5
    )


def test_unknown_shape():
    """A shape that there is not is told with those that there are."""
    with pytest.raises(UsageError, match="No shape of effects named 'cauchy'"):
        effects("cauchy", 3, np.random.default_rng(1))


@pytest.mark.parametrize("world", WORLDS, ids=repr)
def test_the_same_key_draws_the_same(world):
    """Drawing twice gives the same study; another key another one."""
    once, again, other = (world.draw(stream(seed, "x")) for seed in (1, 1, 2))
    first, second = list(once.probes), list(again.probes)

    assert np.array_equal(once.holdout.contributions, again.holdout.contributions)
    assert all(
        np.array_equal(a.contributions, b.contributions) and a.name == b.name
        for a, b in zip(first, second, strict=True)
    )
    assert not np.array_equal(once.holdout.contributions, other.holdout.contributions)
    assert list(once.truths) == [one.name for one in first]
    assert 0 <= world.epsilon < 0.1


@pytest.mark.parametrize(
    "world",
    [
        Boundary("ratio", probes=1),
        Boundary("gap", shape="exponential", probes=1),
        Fork(probes=1),
        Drift(probes=1),
        Mirror(probes=1),
    ],
    ids=repr,
)
def test_drawn_accuracies_have_the_claimed_truth(world):
    """Over 40 studies, true variances and drops average what is claimed, within 4 standard errors.

    The variance is the plain unbiased one, written out here; each study draws variants and images.
    """
    world = replace(world, crowd=Crowd(variants=40, images=500))
    off = {"lab spread": [], "spread": [], "drop": []}
    for number in range(40):
        drawn = world.draw(stream(3, number))
        (truth,), (probe,) = drawn.truths.values(), drawn.probes
        lab, field = drawn.holdout.contributions, probe.contributions
        off["lab spread"].append(_true_variance(lab) - drawn.holdout_truth.spread**2)
        off["spread"].append(_true_variance(field) - truth.spread**2)
        off["drop"].append(lab.mean() - field.mean() - truth.drop)
    for name, values in off.items():
        assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(40), name


def _true_variance(c):
    observed = c.mean(axis=1).var(ddof=1)
    return observed - (c.var(axis=0, ddof=1).mean() - observed) / (c.shape[1] - 1)


def test_the_ratios_boundary_is_where_a_common_skill_puts_it():
    """True ratio = φ(Φ⁻¹(.80)) / φ(Φ⁻¹(.92)); at the gap's boundary the gap is epsilon."""
    ratio, gap = Boundary("ratio", probes=1), Boundary("gap", probes=1)
    truth = next(iter(ratio.draw(stream(1)).truths.values()))
    other = next(iter(gap.draw(stream(1)).truths.values()))
    density = stats.norm.pdf(stats.norm.ppf([0.8, 0.92]))

    assert truth.ratio == pytest.approx(density[0] / density[1], rel=1e-6)
    assert truth.gap == pytest.approx(3 * ratio.epsilon)
    assert other.gap == pytest.approx(gap.epsilon)
    assert other.ratio == pytest.approx(3 * truth.ratio)


def test_images_are_shared_where_the_world_says_so():
    """A changed holdout keeps its images and most answers; a new sample keeps neither."""
    changed = Mirror("changed", probes=1).draw(stream(1))
    sample = Mirror("sample", probes=1).draw(stream(1))
    (same,), (new,) = changed.probes, sample.probes

    assert np.array_equal(same.clusters, changed.holdout.clusters)
    assert not np.isin(new.clusters, sample.holdout.clusters).any()
    assert (same.contributions == changed.holdout.contributions).mean() > 0.9
    assert (new.contributions == sample.holdout.contributions).mean() < 0.9


def test_rows_of_an_image_go_together():
    """With three rows an image, answers within an image agree more than between images."""
    drawn = Null(probes=1, crowd=Crowd(variants=5, images=2000, rows=3)).draw(stream(1))
    c = drawn.holdout.contributions[0].reshape(2000, 3)

    assert len(np.unique(drawn.holdout.clusters)) == 2000
    assert np.corrcoef(c[:, 0], c[:, 1])[0, 1] > 0.1
    assert abs(np.corrcoef(c[:-1, 0], c[1:, 1])[0, 1]) < 0.1


def test_effects_in_part_alike_are_normal_only():
    """A mixture of two skewed effects would have another gap than claimed: refused."""
    with pytest.raises(UsageError, match="alike must be"):
        Plain(0.01, 0.01, shape="exponential", alike=0.5)
    with pytest.raises(UsageError, match="alike must be"):
        Plain(0.01, 0.01, alike=1.5)
