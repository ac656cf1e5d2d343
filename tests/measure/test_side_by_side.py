"""Findings that hold probes against each other: groups, the holdout's rank, accuracy on the line."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, norm

from tests.measure.made_evidence import ACCURACY, LOSS, answers, evidence
from tests.measure.shared_images import shared_evidence
from tests.worlds.rates import fewest, most, tell
from underspec.core.errors import UsageError
from underspec.measure import Scale, relate, side_by_side
from underspec.measure.accuracy_line import accuracy_lines
from underspec.measure.groups import gather
from underspec.measure.holdout_rank import holdout_ranks
from underspec.measure.relations import together
from underspec.stats.truth import Truth


def _accuracies(seed, k, blocks, rho, *, spread=0.03, holdout=0.01):
    """True accuracies [1 + probes, k]: probes of one block correlate by rho, others not at all."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(blocks)), blocks)
    common = rng.normal(size=(len(blocks), k))[which]
    own = np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.normal(size=(len(which), k))
    return np.concatenate([0.9 + holdout * rng.normal(size=(1, k)), 0.8 + spread * own])


@pytest.fixture(scope="module")
def blocks():
    """A holdout by itself, three probes alike and two alike, all of the same images."""
    return shared_evidence(1, _accuracies(1, 50, [3, 2], 0.9), 1500)


def _gathered(made, kept=None, seed=1):
    ids = made[0].variants if kept is None else kept
    return gather(together(made, kept=ids), seed=seed, resamples=60)


def test_groups_of_a_study(blocks):
    """Both blocks are found, sure and steady, with nothing to do with each other or the holdout."""
    got = _gathered(blocks)
    groups = {frozenset(one.probes): one for one in got.groups}
    three, two = frozenset({"p1", "p2", "p3"}), frozenset({"p4", "p5"})

    assert set(groups) == {three, two, frozenset({"holdout"})}
    for one in (groups[three], groups[two]):
        assert one.sure
        assert one.stability > 0.9
        assert 0.75 < one.least <= one.correlation <= 1
    assert groups[frozenset({"holdout"})].correlation is None
    assert got.order == tuple(probe for one in got.groups for probe in one.probes)
    assert got.left_out == {}
    assert got.note is None
    assert len(got.between) == 3
    for one in got.between:
        assert one.pearson.low < 0 < one.pearson.high
        assert one.p_adjusted > 0.05


def test_seed_moves_only_the_stability(blocks):
    """The same seed gives the same groups; another one other resamples."""
    got, again, other = (_gathered(blocks, seed=seed) for seed in (1, 1, 2))

    assert got == again
    assert [one.probes for one in got.groups] == [one.probes for one in other.groups]


def test_probes_that_cannot_be_placed_are_named():
    """Equal variants are too noisy to place, one cluster too small; under ten kept nothing is said."""
    made = shared_evidence(2, _accuracies(2, 15, [2], 0.9), 1500)
    equal = evidence("equal", np.ones((15, 50)), prefix="e")
    single = evidence("single", np.ones((15, 50)), clusters=["p"] * 50)
    got = _gathered([*made, equal, single])

    assert set(got.left_out) == {"equal", "single"}
    assert "too noisy" in got.left_out["equal"]
    assert "two clusters" in got.left_out["single"]
    assert "only 15 variants" in got.note
    assert _gathered(made, made[0].variants[:9]) is None


def _false_and_true(studies, k, n, sizes, rho):
    """Count studies with a sure group across blocks, and sure groups within them."""
    false = true = loose = 0
    for seed in range(studies):
        made = shared_evidence((seed, k, n), _accuracies(seed, k, sizes, rho), n)
        numbers = np.repeat(range(len(sizes) + 1), [1, *sizes])
        block = dict(zip([one.name for one in made], numbers, strict=True))
        mixed = [
            (len({block[probe] for probe in one.probes}) > 1, one.sure)
            for one in _gathered(made, seed=seed).groups
            if len(one.probes) > 1
        ]
        loose += any(across for across, _ in mixed)
        false += any(across and sure for across, sure in mixed)
        true += sum(sure and not across for across, sure in mixed)
    tell(f"k = {k}, n = {n}, blocks {sizes} of {rho}: {loose} of {studies} with a false group, {false} "
         f"with a sure one, {true} true sure ones")  # fmt: skip
    return false, true


def test_sure_groups_are_hardly_ever_false():
    """40 studies of six unrelated probes: a sure group in about 5 % at most."""
    false, _ = _false_and_true(40, 20, 500, [1] * 6, 0.0)

    assert false <= most(0.05, 40)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(20, 1000), (50, 1000), (50, 300)])
def test_sure_groups_are_hardly_ever_false_long(k, n):
    """100 studies of ten unrelated probes."""
    false, _ = _false_and_true(100, k, n, [1] * 10, 0.0)

    assert false <= most(0.05, 100)


@pytest.mark.slow
@pytest.mark.parametrize("k", [20, 50])
def test_groups_that_are_there_are_found_long(k):
    """60 studies of three blocks with a correlation of .85 within: four of five sure, none mixed."""
    false, true = _false_and_true(60, k, 1000, [4, 4, 2], 0.85)

    assert true >= fewest(0.8, 180)
    assert false <= most(0.05, 60)


def test_holdout_tells_what_follows_it():
    """A probe that is the holdout over again is foretold, an unrelated one is not."""
    rng = np.random.default_rng(3)
    skill, other = rng.normal(size=(2, 40))
    made = shared_evidence(3, [0.9 + 0.02 * skill, 0.7 + 0.04 * skill, 0.7 + 0.04 * other], 2000)
    same, none = holdout_ranks(made, relate(made, kept=made[0].variants), kept=made[0].variants)

    assert (same.probe, none.probe) == ("p1", "p2")
    assert same.trained.chance.value > 0.9
    assert same.trained.p_adjusted < 1e-6
    assert none.trained.chance.low < 0.5 < none.trained.chance.high
    assert none.trained.p_adjusted > 0.05
    assert same.trained.variants == 40
    assert same.trained.spearman.low < same.trained.spearman.value
    # All are kept, so both say the same.
    assert same.kept.chance.value == pytest.approx(same.trained.chance.value)
    assert same.kept.p_adjusted == pytest.approx(same.trained.p_adjusted)


def test_selection_takes_the_ranking_away():
    """Among variants chosen for near-equal accuracy on the holdout it foretells less, or nothing."""
    skill = np.random.default_rng(4).normal(size=60)
    made = shared_evidence(4, [0.9 + 0.02 * skill, 0.7 + 0.04 * skill], 1500)
    kept = tuple(v for v, s in zip(made[0].variants, skill, strict=True) if abs(s) < 0.3)
    (got,) = holdout_ranks(made, relate(made, kept=kept), kept=kept)

    assert got.trained.chance.low > 0.8
    assert got.kept.variants == len(kept) < 20
    assert got.kept.chance.value is None or got.kept.chance.low < got.trained.chance.low
    assert got.kept.note


def test_ranks_of_too_little(blocks):
    """Under ten trained nothing; under ten kept no second figure; noise alone has a reason."""
    few = shared_evidence(5, _accuracies(5, 9, [1], 0.0), 300)
    assert holdout_ranks(few, (), kept=few[0].variants) == ()
    assert holdout_ranks(blocks[:1], (), kept=blocks[0].variants) == ()

    kept = blocks[0].variants[:5]
    equal = evidence("equal", np.ones((50, 50)), prefix="e")
    single = evidence("single", np.ones((50, 50)), clusters=["p"] * 50)
    got = holdout_ranks([*blocks, equal, single], relate(blocks, kept=kept), kept=kept)
    assert all(one.kept is None for one in got)
    assert "too noisy" in got[-2].trained.note
    assert got[-2].trained.p_adjusted is None
    assert "too small" in got[-1].trained.note


def _rank_counts(studies, k, n, rho):
    """Count studies in which the chance's interval holds the truth, and those that have one."""
    held = said = 0
    for seed in range(studies):
        rng = np.random.default_rng((seed, k, n))
        a, b = rng.normal(size=(2, k))
        made = shared_evidence(
            rng.integers(1 << 40),
            [0.9 + 0.015 * a, 0.7 + 0.03 * (rho * a + math.sqrt(1 - rho**2) * b)],
            n,
        )
        (got,) = holdout_ranks(made, (), kept=())
        if got.trained.chance.value is not None:
            said += 1
            held += (
                got.trained.chance.low <= 0.5 + math.asin(rho) / math.pi <= got.trained.chance.high
            )
    tell(f"k = {k}, n = {n}, rho {rho}: {held} of {said} hold the chance")
    return held, said


def test_coverage_of_the_chance():
    """100 studies at a correlation of .6."""
    held, said = _rank_counts(100, 30, 600, 0.6)

    assert said > 60
    assert held >= fewest(0.93, said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "n", "rho"), [(20, 1000, 0.0), (20, 1000, 0.7), (50, 1000, 0.7), (50, 2000, 0.3)]
)
def test_coverage_of_the_chance_long(k, n, rho):
    """300 studies."""
    held, said = _rank_counts(300, k, n, rho)

    assert held >= fewest(0.93, said)


def _on_a_line(seed, k=30, n=1500, *, off=0.0):
    x = 1.3 + 0.1 * np.random.default_rng(seed).normal(size=k)
    y = 0.2 + 0.6 * x
    y[3] += off
    return shared_evidence(seed, norm.cdf([x, y]), n)


def test_one_variant_off_the_line():
    """It alone is flagged, with its distance in points; all others have a z."""
    made = _on_a_line(6, off=0.4)
    (got,) = accuracy_lines(made, ACCURACY)

    assert [one.variant for one in got.off] == ["v003"]
    assert 0.05 < got.off[0].points < 0.1
    assert got.off[0].p_adjusted <= 0.05
    assert got.z["v003"] == got.off[0].z > 4
    assert set(got.z) == set(made[0].variants)
    assert got.slope.low < 0.6 < got.slope.high
    assert got.intercept.low < 0.2 < got.intercept.high
    assert 0 < got.determination.value < 1
    assert got.note is None


def test_error_is_the_line_turned_over():
    """For the share of wrong answers slope and distances are the same, positive where it is better."""
    made = _on_a_line(6, off=0.4)
    wrong = [replace(one, contributions=1 - one.contributions) for one in made]
    (right,) = accuracy_lines(made, ACCURACY)
    (error,) = accuracy_lines(wrong, Scale(greater_is_better=False))

    assert error.slope.value == pytest.approx(right.slope.value)
    assert error.intercept.value == pytest.approx(-right.intercept.value)
    assert error.off[0].points == pytest.approx(right.off[0].points)
    assert error.z["v003"] == pytest.approx(right.z["v003"])


def test_where_no_line_is():
    """Not for losses, few variants or figures that are no means; no probit at 0 or 1; too noisy."""
    made = _on_a_line(7)
    truth = Truth(np.eye(30))
    perfect = evidence("perfect", np.ones((30, 50)), prefix="e")
    single = evidence("single", made[0].contributions, clusters=["p"] * 1500)
    flat = shared_evidence(8, np.full((2, 30), 0.8), 300)

    assert accuracy_lines(made, LOSS) == ()
    assert accuracy_lines(made[:1], ACCURACY) == ()
    assert accuracy_lines([replace(one, truth=truth) for one in made], ACCURACY) == ()
    few = [
        replace(one, variants=one.variants[:9], contributions=one.contributions[:9]) for one in made
    ]
    assert accuracy_lines(few, ACCURACY) == ()
    _, edge, small = accuracy_lines([*made, perfect, single], ACCURACY)
    assert "no probit" in edge.note
    assert "two clusters" in small.note
    (noisy,) = accuracy_lines(flat, ACCURACY)
    assert "too noisy" in noisy.note
    assert (noisy.slope.value, noisy.z, noisy.off) == (None, {}, ())


def test_flags_are_adjusted_over_all_probes():
    """60 studies of four probes with everybody on the line: a flag in about 5 % at most."""
    flagged = 0
    for seed in range(60):
        x = 1.3 + 0.1 * np.random.default_rng(seed).normal(size=15)
        made = shared_evidence(seed, norm.cdf([x, *([0.2 + 0.6 * x] * 4)]), 500)
        flagged += any(one.off for one in accuracy_lines(made, ACCURACY))
    tell(f"flags in {flagged} of 60 studies")

    assert flagged <= binom.ppf(0.99, 60, 0.05)


def test_strata_are_not_grouped(blocks):
    """A group of another probe's examples joins no group, and is told why."""
    kept = blocks[0].variants
    part = replace(blocks[1], name="part", kind="stratified", family="part")
    got = side_by_side([*blocks, part], ACCURACY, kept=kept, seed=7).probe_groups
    only = side_by_side([blocks[0], part], ACCURACY, kept=kept, seed=7).probe_groups

    assert got.groups == gather(together(blocks, kept=kept), seed=7).groups
    assert "another probe's examples" in got.left_out["part"]
    assert only is None


def test_side_by_side_is_its_parts(blocks):
    """One call gives relations, groups, ranks and lines, the holdout being the first probe."""
    kept = blocks[0].variants[:30]
    got = side_by_side(blocks, ACCURACY, kept=kept, seed=7)

    assert got.relations == relate(blocks, kept=kept)
    assert got.probe_groups == gather(together(blocks, kept=kept), seed=7)
    assert got.holdout_ranks == holdout_ranks(blocks, got.relations, kept=kept)
    assert got.accuracy_lines == accuracy_lines(blocks, ACCURACY)
    with pytest.raises(UsageError, match="twice"):
        side_by_side(blocks, ACCURACY, kept=[*kept, kept[0]], seed=7)


def test_a_full_study_is_quick():
    """50 variants × 40 probes × 2,500 examples in well under 10 seconds."""
    made = [
        evidence("holdout" if at == 0 else f"p{at}", answers(at, np.linspace(0.8, 0.9, 50), 2500))
        for at in range(40)
    ]
    start = time.perf_counter()
    got = side_by_side(made, ACCURACY, kept=made[0].variants, seed=1)

    assert time.perf_counter() - start < 8
    assert len(got.accuracy_lines) == len(got.holdout_ranks) == 39
