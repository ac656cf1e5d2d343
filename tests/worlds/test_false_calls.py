"""At most 5 % of studies call spread that is not so: each test says how many studies it counts.

A test fails if the count is above the 99 % point of Binomial(studies, .05): a rule that is right
fails 1 test in 100 (with these seeds none), one that errs in 30 % of studies passes 1 fast test in
100, and one that errs in 15 % passes 1 long test in 5,000.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.worlds.rates import most, studies, tell
from underspec import select
from underspec.core.streams import deciding, stream
from underspec.measure import Scale, judge
from underspec.select._protocol import Evidence as Deciding
from underspec.testing.worlds import Boundary, Crowd, Mirror, Null

# The more variants err on the same images, the less noise: reliability .9 with few images.
FAST = Crowd(images=1000, difficulty=4)
LONG = Crowd(images=3000)
WORLDS = {
    "null": Null(probes=8, crowd=FAST),
    "boundary ratio": Boundary("ratio", probes=8, crowd=FAST),
    "boundary gap": Boundary("gap", probes=8, crowd=FAST),
    "mirror sample": Mirror("sample", probes=8, crowd=FAST),
    "mirror changed": Mirror("changed", probes=8, crowd=FAST),
}


def _count(name, world, number, selection):
    """Return studies with a false call, and the share of studies that could have had one."""
    false = able = 0
    values = []
    for study in studies(world, number, selection=selection):
        false += study.false_calls > 0
        values += [one.p for one in study.findings[1:] if one.p is not None]
        able += len(study.kept) >= 10
    low = np.mean(np.array(values) <= 0.025)
    tell(
        f"{name}, selection {'on' if selection else 'off'}: {false} of {number} studies with a "
        f"false call, {able} with 10 kept; p <= .025 in {100 * low:.2f} % of {len(values)} probes"
    )
    return false, able


@pytest.mark.parametrize("selection", [False, True], ids=["whole", "selected"])
@pytest.mark.parametrize("name", WORLDS)
def test_few_studies_with_a_false_call(name, selection):
    """50 studies of 8 probes, 50 variants and 1,000 images: at most 7 with a false call."""
    false, able = _count(name, WORLDS[name], 50, selection)

    assert most(0.05, 50) == 7
    assert false <= 7
    assert able >= 40


@pytest.mark.slow
@pytest.mark.parametrize("selection", [False, True], ids=["whole", "selected"])
@pytest.mark.parametrize("name", WORLDS)
def test_few_studies_with_a_false_call_long(name, selection):
    """300 studies of 15 probes, 50 variants and 3,000 images: at most 24 with a false call."""
    world = replace(WORLDS[name], probes=15, crowd=LONG)
    false, able = _count(name, world, 300, selection)

    assert most(0.05, 300) == 24
    assert false <= 24
    assert able >= 290


@pytest.mark.slow
@pytest.mark.parametrize("edge", ["ratio", "gap"])
def test_few_studies_with_a_false_call_of_twenty_variants(edge):
    """The boundary with 20 variants, all kept: 300 studies, at most 24 with a false call."""
    world = Boundary(edge, probes=15, crowd=replace(LONG, variants=20))
    false, _ = _count(f"boundary {edge}, k = 20", world, 300, selection=False)

    assert false <= 24


# Shares of studies with a false call that docs/statistics.md admits to, effects not being normal.
ADMITTED = {
    ("gap", "normal", "exponential", 50): 0.05,
    ("gap", "normal", "t5", 50): 0.05,
    ("gap", "normal", "even", 50): 0.10,
    ("gap", "normal", "uneven", 50): 0.20,
    ("gap", "normal", "uneven", 20): 0.25,
    ("ratio", "normal", "exponential", 50): 0.05,
    ("ratio", "exponential", "normal", 50): 0.05,
    ("ratio", "exponential", "exponential", 20): 0.20,
    ("ratio", "t5", "t5", 50): 0.10,
    ("ratio", "uneven", "normal", 50): 0.05,
}


@pytest.mark.slow
@pytest.mark.parametrize(("edge", "lab", "field", "k"), ADMITTED)
def test_other_shapes_stay_within_what_is_admitted(edge, lab, field, k):
    """Boundary worlds of other shapes: 100 studies of 15 probes and 3,000 images."""
    crowd = replace(LONG, variants=k)
    world = Boundary(edge, shape=field, holdout_shape=lab, probes=15, crowd=crowd)
    name = f"boundary {edge}, lab {lab}, field {field}, k = {k}"
    false, _ = _count(name, world, 100, selection=False)

    assert false <= most(ADMITTED[edge, lab, field, k], 100)


def _wrongly(world, number, rule):
    """Return how many studies have a call of spread under a rule of our own."""
    return sum(rule(world, stream(20, "wrong", study)) for study in range(number))


def _as_observed(world, key):
    """Call spread wherever the observed gap is above epsilon and above the holdout's."""
    drawn = world.draw(key)

    def gap(one):
        means = one.contributions.mean(axis=1)
        return np.abs(means[:, None] - means).sum() / (len(means) * (len(means) - 1))

    lab = gap(drawn.holdout)
    return any(gap(probe) > max(world.epsilon, lab) for probe in drawn.probes)


def _beside_the_pool(world, key):
    """Select, then take the ratio to the holdout spread of the pool instead of all trained."""
    drawn = world.draw(key)
    holdout = drawn.holdout
    decide = deciding(key.seed(), holdout.clusters)
    kept = select.get("margin", epsilon=world.epsilon)(
        Deciding(holdout.variants, holdout.contributions[:, decide], holdout.clusters[decide])
    ).kept

    def pooled(one, rows):
        return replace(
            one,
            variants=kept,
            contributions=one.contributions[one.rows(kept)][:, rows],
            clusters=one.clusters[rows],
        )

    everything = np.ones(len(holdout.clusters), dtype=bool)
    found = judge(
        pooled(holdout, ~decide),
        (pooled(probe, everything) for probe in drawn.probes),
        kept=kept,
        metric_name="accuracy",
        metric=Scale(),
        epsilon=world.epsilon,
        max_drop=0.05,
    )
    return any(one.spread_verdict == "yes" for one in found[1:])


def _without_skill(world, key):
    """Hold the ratio against 1 instead of what a common skill gives."""
    drawn = world.draw(key)
    found = judge(
        drawn.holdout,
        drawn.probes,
        kept=drawn.holdout.variants,
        metric_name="accuracy",
        metric=Scale(proportion=False),
        epsilon=world.epsilon,
        max_drop=0.05,
    )
    return any(one.spread_verdict == "yes" for one in found[1:])


@pytest.mark.parametrize(
    ("rule", "world"),
    [
        (_as_observed, WORLDS["null"]),
        (_beside_the_pool, Boundary("ratio", probes=8, crowd=Crowd(images=6000, difficulty=4))),
        (_without_skill, WORLDS["boundary ratio"]),
    ],
    ids=["noise left in", "ratio to the pool", "ratio against 1"],
)
def test_these_counts_catch_rules_that_are_wrong(rule, world):
    """15 studies suffice to turn down three rules that earlier drafts of the method had."""
    caught = _wrongly(world, 15, rule)
    tell(f"{rule.__name__}: {caught} of 15 studies with a false call")

    assert caught > most(0.05, 15)
