"""The worlds themselves: what they claim to be true is what they draw."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.measure import Scale, attribute
from underspec.testing.worlds import (
    Auc,
    Boundary,
    Crowd,
    Drift,
    Fork,
    Mirror,
    Nested,
    Null,
    Plain,
    Pocket,
    World,
    audit,
)
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
    Nested(probes=2, crowd=SMALL),
    Pocket(probes=2, crowd=SMALL),
    Auc(0.02, 0.01, probes=2, positives=0.3, variants=12, images=200),
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
        Pocket(probes=1),
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


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_components_of_a_nested_world_are_those_it_claims(share):
    """Over 40 studies of 8 groups, what each source is found to bring averages the truth.

    Within 4 standard errors; variance within groups is written out here, between by `attribute`.
    """
    world = Nested(share=share, probes=1, crowd=Crowd(variants=40, images=400))
    levels = {one.id: one.seeds for one in world.assigned()}
    off = {"pretrain": [], "init": [], "init by hand": []}
    for number in range(40):
        (probe,) = world.draw(stream(3, number)).probes
        for found in attribute([probe], levels, Scale()):
            off[found.source].append(found.variance - world.components[found.source])
        groups = probe.contributions.reshape(8, 5, -1)
        inner = np.mean([_true_variance(group) for group in groups])
        off["init by hand"].append(inner - world.components["init"])

    assert sum(world.components.values()) == pytest.approx(world.spread**2)
    assert all(len(values) == 40 for values in off.values())
    for name, values in off.items():
        assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(40), name


def test_a_nested_world_is_what_its_seeds_say():
    """Variants of one pretraining share its seed, and no two share the other."""
    variants = Nested(inner=4, crowd=Crowd(variants=12)).assigned()

    assert [one.id for one in variants] == [f"v{v:03d}" for v in range(12)]
    assert len({one.seeds["pretrain"] for one in variants}) == 3
    assert len({one.seeds["init"] for one in variants}) == 12
    with pytest.raises(UsageError, match="share must be from 0 to 1"):
        Nested(share=1.2)


def test_only_images_of_the_pocket_part_the_variants():
    """With no luck left, variants differ on about 5 % of the images and on no others."""
    crowd = Crowd(variants=30, images=4000, difficulty=1e6)
    c = Pocket(share=0.05, probes=1, crowd=crowd).draw(stream(1)).holdout.contributions
    parted = (c != c[0]).any(axis=0).mean()

    assert parted == pytest.approx(0.05, abs=0.015)
    with pytest.raises(UsageError, match="share must be between 0 and 1"):
        Pocket(share=0)


def test_the_pocket_is_the_same_where_images_are_shared():
    """Probes of the holdout's images have their pocket there too; others elsewhere."""

    def pockets(shared):
        crowd = Crowd(30, 2000, difficulty=1e6, shared=shared, same=1.0)
        drawn = Pocket(probes=1, crowd=crowd).draw(stream(1))
        return [(c != c[0]).any(axis=0) for c in _contributions(drawn)]

    lab, field = pockets(shared=True)
    assert (lab & field).sum() > 0.7 * lab.sum()
    lab, field = pockets(shared=False)
    assert (lab & field).sum() < 0.3 * lab.sum()


def _contributions(drawn):
    return [drawn.holdout.contributions, *(probe.contributions for probe in drawn.probes)]


@pytest.mark.parametrize("same", [0.0, 0.98])
def test_auc_of_scores_is_the_closed_form(same):
    """Each of three equal variants has the AUC asked for, by scikit-learn on 100,000 examples."""
    from sklearn.metrics import roc_auc_score

    world = Auc(0.0, 0.0, mean=0.8, positives=0.1, same=same, variants=3, images=100_000)
    probe = world.scored(stream(4)).probes["probe_00"]
    found = [roc_auc_score(probe.labels, scores) for scores in probe.scores]

    assert probe.labels.mean() == pytest.approx(0.1, abs=0.005)
    # Four standard errors of an AUC of .8 with 10,000 positives.
    assert found == pytest.approx([0.8] * 3, abs=0.01)
    assert np.std(found) < (0.0006 if same else 0.006)


def test_spread_of_auc_is_the_one_asked_for():
    """Over 30 studies of 20 variants, true variance and mean of the AUC average what is claimed.

    The variance is that between two halves of the examples, which share no luck.
    """
    world = Auc(0.04, 0.02, mean=0.8, positives=0.3, same=0.5, variants=20, images=600)
    variances, means = [], []
    for number in range(30):
        probe = world.scored(stream(6, number)).probes["probe_00"]
        halves = [
            _auc(probe.labels[rows], probe.scores[:, rows])
            for rows in (slice(None, 300), slice(300, None))
        ]
        variances.append(np.cov(*halves)[0, 1])
        means.append(np.mean(halves))

    for values, truth in ((variances, 0.04**2), (means, 0.8)):
        assert abs(np.mean(values) - truth) < 4 * np.std(values) / math.sqrt(30)


def _auc(labels, scores):
    """Mann and Whitney's statistic over pairs, for scores without ties, [variants]."""
    ranks = scores.argsort(axis=1).argsort(axis=1) + 1
    positives = labels.sum()
    beaten = ranks[:, labels == 1].sum(axis=1) - positives * (positives + 1) / 2
    return beaten / (positives * (len(labels) - positives))


def test_scores_are_audited_by_auc_and_only_whole():
    """The world of scores goes through the product with its AUC; halving it is refused."""
    world = Auc(0.02, 0.01, positives=0.3, variants=12, images=300)
    study = audit(world, stream(1), selection=False)

    assert study.findings[1].mean.value == pytest.approx(0.85, abs=0.05)
    assert study.findings[1].spread.true_squared is not None
    with pytest.raises(UsageError, match="selection=False"):
        audit(world, stream(1), selection=True)
    with pytest.raises(UsageError, match="positives must be"):
        Auc(0.01, 0.01, positives=1.0)
    with pytest.raises(UsageError, match="one class only"):
        Auc(0.01, 0.01, positives=1e-9, images=20).draw(stream(1))
