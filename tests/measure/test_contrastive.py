"""Contrastive probes: variants with known flip rates, equal ones, and what is left aside."""

import dataclasses

import numpy as np
import pytest

from tests.measure.made_evidence import ACCURACY, LOSS, evidence, judged, spread_out
from underspec.core.errors import UsageError
from underspec.measure import Beside, Evidence, Scale, side_by_side

PAIRS = Scale()
NUMBERS = Scale(greater_is_better=True, proportion=False, range=(-np.inf, 0.0))
HOLDOUT = evidence("holdout", spread_out(1, 30, 3000, 0.9, 0.004))


def flips(seed, rates, n, *, down=1.0, name="edit", clusters=None):
    """Pairs of variants that flip each with its own rate, a share of them down."""
    rng = np.random.default_rng(seed)
    near = rng.random((len(rates), n))
    flipped = near < np.asarray(rates)[:, None]
    turns = np.where(rng.random(flipped.shape) < down, -1, 1) * flipped
    made = evidence(name, 1.0 - flipped, kind=None, clusters=clusters)
    return dataclasses.replace(made, kind="contrastive", scale=PAIRS, turns=turns.astype(np.int8))


def test_known_flip_rates_are_found():
    """Share, drop, ways, overlap by chance and the gap of variants of two kinds come out."""
    rates = np.tile([0.02, 0.12], 15)
    found = judged(HOLDOUT, [flips(3, rates, 4000, down=0.8)])[1]

    assert found.n == 4000
    assert found.mean.value == pytest.approx(0.93, abs=0.01)
    assert found.drop.value == pytest.approx(1 - found.mean.value)
    assert (found.drop.low, found.drop.high) == (1 - found.mean.high, 1 - found.mean.low)
    # Two of one kind are alike, two of different kinds lie 0.1 apart.
    assert found.gap.value == pytest.approx(0.1 * 15 / 29, rel=0.1)
    assert found.spread_verdict == "yes"
    assert found.flips.down.low < 0.8 * 0.07 < found.flips.down.high
    assert found.flips.up.low < 0.2 * 0.07 < found.flips.up.high
    assert found.flips.jaccard.low <= found.flips.by_chance <= found.flips.jaccard.high
    assert found.flips.variants == 30
    assert (found.ratio.value, found.ratio.null_ratio) == (None, None)
    assert "holdout" in found.ratio.denominator
    assert found.power > 0.9
    assert "change their answer for 7." in found.because


def test_the_drop_is_held_to_the_largest_allowed():
    """Few flips, many and about as many as are allowed, all alike."""
    shares = ((0.01, 3000), (0.2, 3000), (0.052, 200))
    few, many, some = (flips(s, np.full(30, rate), n) for s, (rate, n) in enumerate(shares))
    clean, fallen, open_ = judged(HOLDOUT, [few, many, some], epsilon=0.02)[1:]

    assert (clean.verdict, fallen.verdict) == ("clean", "structural")
    assert ("within the 5 % allowed" in clean.because, "more than" in fallen.because) == (
        True,
        True,
    )
    assert open_.drop_verdict == "unknown"
    assert "whether that is more than 5 % is open" in open_.because
    assert open_.needs.examples > 200


def test_under_ten_kept_nothing_is_said_of_the_spread():
    """As elsewhere; the drop may be."""
    kept = HOLDOUT.variants[:5]
    found = judged(HOLDOUT, [flips(1, np.full(30, 0.3), 900)], kept=kept, epsilon=0.05)[1]

    assert (found.spread_verdict, found.drop_verdict, found.p) == ("unknown", "yes", None)
    assert "only 5 were kept" in found.because
    assert found.needs.variants >= 10
    nobody = judged(HOLDOUT, [flips(1, np.full(30, 0.3), 900)], kept=())[1]
    assert (nobody.mean.value, nobody.flips.variants) == (None, 0)
    assert nobody.because.startswith("No near-equal model was kept")


@pytest.mark.parametrize("name", ["auc", "log_loss", "mine"])
def test_margins_of_another_kind_do_not_judge(name):
    """It is told under its own name, with its numbers and the reason, and counts in no adjustment."""
    metric = LOSS if name == "log_loss" else ACCURACY
    pairs, fog = flips(3, np.tile([0.02, 0.12], 15), 900), evidence("fog", HOLDOUT.contributions)
    both = judged(HOLDOUT, [pairs, fog], metric=metric, metric_name=name)
    alone = judged(HOLDOUT, [fog], metric=metric, metric_name=name)
    told = both[1]

    assert (told.metric, told.verdict, told.p, told.power, told.needs) == (
        "agreement", "reported", None, None, None
    )  # fmt: skip
    assert told.gap.value == pytest.approx(0.1 * 15 / 29, rel=0.15)
    assert "Not judged" in told.because
    assert [both[0], both[2]] == list(alone)


def test_of_numbers_it_is_the_difference():
    """Minus the mean difference, judged beside the absolute error alone, and without flips."""
    rng = np.random.default_rng(5)
    apart = np.abs(rng.normal(size=(30, 900))) * np.repeat([1.0, 2.0], 15)[:, None]
    pairs = dataclasses.replace(evidence("edit", -apart), kind="contrastive", scale=NUMBERS)
    found = judged(HOLDOUT, [pairs], metric=LOSS, metric_name="abs_error", max_drop=0.5)[1]
    told = judged(HOLDOUT, [pairs], metric=LOSS, metric_name="squared_error", max_drop=0.5)[1]

    assert found.flips is None
    assert found.drop.value == pytest.approx(apart.mean())
    assert (found.drop.low, found.drop.high) == (-found.mean.high, -found.mean.low)
    assert (found.verdict, found.metric) == ("both", "abs_error")
    assert "move their answer by 1.2" in found.because
    assert (told.verdict, told.metric) == ("reported", "closeness")


def test_without_labels_only_the_overlap_is_told():
    """Where ways are not known, up and down are None."""
    pairs = dataclasses.replace(flips(3, np.full(30, 0.1), 900), turns=None)
    found = judged(HOLDOUT, [pairs])[1].flips

    assert (found.up, found.down) == (None, None)
    assert found.jaccard.value > 0


def test_side_by_side_holds_it_to_no_accuracy():
    """It is in the relations, turned as the metric is, but has no line and no rank."""
    rng = np.random.default_rng(2)
    skill = rng.normal(size=30)
    rates = np.clip(0.1 - 0.03 * skill, 0.01, 0.5)
    holdout = evidence("holdout", 1.0 - (rng.random((30, 4000)) < rates[:, None]))
    losses = evidence("holdout", 1.0 - holdout.contributions)
    pairs = flips(4, rates, 4000)
    more = side_by_side([holdout, pairs], ACCURACY, kept=holdout.variants, seed=0)
    less = side_by_side([losses, pairs], LOSS, kept=holdout.variants, seed=0)

    assert more.relations[0].pearson.value > 0.8
    assert less.relations[0].pearson.value == pytest.approx(more.relations[0].pearson.value)
    for one in (more, less):
        assert one.holdout_ranks == one.accuracy_lines == ()


def test_no_further_metric_takes_it():
    """Agreement is what it is whatever the metric."""
    beside = Beside("log_loss", LOSS, HOLDOUT.variants)
    for one in (HOLDOUT, flips(3, np.full(30, 0.1), 90)):
        beside.take(one)

    assert [found.name for found in beside.findings("accuracy")] == ["holdout"]


def test_evidence_of_pairs_is_checked():
    """A scale and ways belong to contrastive probes alone, and fit."""
    pairs = flips(3, np.full(30, 0.1), 90)
    with pytest.raises(UsageError, match="is contrastive: contrastive probes have a scale"):
        dataclasses.replace(pairs, scale=None)
    with pytest.raises(UsageError, match="is shifted: contrastive"):
        dataclasses.replace(evidence("fog", np.ones((3, 5))), scale=PAIRS)
    with pytest.raises(UsageError, match="turns of shape"):
        dataclasses.replace(pairs, turns=pairs.turns[:, 1:])
    assert isinstance(pairs, Evidence)


def false_calls(draws, k, n, *, rate=0.08):
    """Return how often variants that part by exactly epsilon, or not at all, are called."""
    equal = boundary = 0
    for draw in range(draws):
        rng = np.random.default_rng((9, draw))
        holdout = evidence("holdout", rng.random((k, 400)) < 0.9)
        null = flips((1, draw), np.full(k, rate), n)
        # The mean difference of two normal rates is their standard deviation times 2 / sqrt(pi).
        own = np.clip(rate + 0.02 * np.sqrt(np.pi) / 2 * rng.normal(size=k), 0, 1)
        edge = flips((2, draw), own, n)
        for epsilon, probe in ((0.01, null), (0.02, edge)):
            found = judged(holdout, [probe], epsilon=epsilon)[1]
            if probe is null:
                equal += found.spread_verdict == "yes"
            else:
                boundary += found.spread_verdict == "yes"
    return equal / draws, boundary / draws


def test_equal_flip_rates_are_not_called_quickly():
    """Of variants that flip equally often few are called; the pairs they flip differ all the same."""
    equal, boundary = false_calls(40, 12, 300)

    assert equal <= 0.05
    assert boundary <= 0.2


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(12, 300), (30, 1000)])
def test_equal_flip_rates_are_not_called(k, n):
    """No more than 5 % of studies call equal variants, nor those whose gap is epsilon."""
    equal, boundary = false_calls(400, k, n)

    assert equal <= 0.05
    # Three standard errors of 5 % in 400 studies.
    assert boundary <= 0.05 + 0.033
