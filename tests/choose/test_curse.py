"""The winner's curse: what a choice looks like to who made it, against what it is worth."""

from dataclasses import replace

import numpy as np
import pytest
from tests.choose.test_grade import everyone, ids, probe, world

from underspec import choose
from underspec.choose.grade import evaluate
from underspec.core.streams import deciding, stream

RULES = {
    "best_on": choose.get("best_on", probe="p0"),
    "random_pick": choose.get("random_pick"),
}


def test_the_curse_is_what_its_definition_says():
    """On one split: the pick's merit on both halves, on the holdout and where all do worst."""
    truth = stream(2, "tests").generator().uniform(0.6, 0.9, (6, 4))
    probes = world(2, truth)
    half = deciding(11, probes[0].clusters)
    got, baseline = evaluate(RULES, ids(6), probes, everyone(6), seed=11, splits=1)
    picked = int(got.variants[0][1:])
    lowest = 1 + int(np.argmin([p.merit.mean() for p in probes[1:]]))
    for told, at in zip(got.winners_curse, (0, lowest), strict=True):
        merit = probes[at].merit[picked]

        assert told.probe == f"p{at}"
        assert told.decided.value == pytest.approx(merit[half].mean())
        assert told.reported.value == pytest.approx(merit[~half].mean())
        assert told.optimism.value == pytest.approx(merit[half].mean() - merit[~half].mean())
        assert told.optimism.low < told.optimism.value < told.optimism.high
    everybody = probes[0].merit
    assert baseline.winners_curse[0].decided.value == pytest.approx(everybody[:, half].mean())


def test_a_metric_where_less_is_better_is_told_in_its_own_units():
    """Levels are turned back; optimism stays positive for too good."""
    probes = world(2, np.full((4, 2), 0.8))
    (got, _) = evaluate(RULES, ids(4), probes, everyone(4), seed=3)
    losses = [replace(p, merit=p.merit - 1) for p in probes]
    (turned, _) = evaluate(RULES, ids(4), losses, everyone(4), seed=3, greater_is_better=False)
    for one, other in zip(got.winners_curse, turned.winners_curse, strict=True):
        assert other.reported.value == pytest.approx(1 - one.reported.value)
        assert other.reported.low == pytest.approx(1 - one.reported.high, abs=1e-5)
        assert other.optimism.value == pytest.approx(one.optimism.value)


def test_what_may_not_be_tuned_on_is_not_where_the_curse_is_told():
    """The worst probe is one that has a part in the choice; without any, only the holdout is."""
    first, second, third = world(4, np.full((3, 3), 0.8))
    hard = replace(third, merit=third.merit * 0, may_choose=False)
    (got, _) = evaluate(RULES, ids(3), [first, second, hard], everyone(3), seed=1)
    (alone, _) = evaluate(RULES, ids(3), [first], everyone(3), seed=1)

    assert [c.probe for c in got.winners_curse] == ["p0", "p1"]
    assert [c.probe for c in alone.winners_curse] == ["p0"]


def test_best_on_takes_no_part_in_what_it_cannot_look_at():
    """Its transfer is over the families that it does not look at, and a fenced probe is refused."""
    truth = stream(5, "tests").generator().uniform(0.6, 0.9, (5, 5))
    probes = world(5, truth)
    half = deciding(6, probes[0].clusters)
    rule = {"best_on": choose.get("best_on", probe="p1")}
    (got,) = evaluate(rule, ids(5), probes, everyone(5), seed=6, splits=1)
    picked = int(np.argmax(probes[1].merit[:, half].mean(axis=1)))
    report = np.stack([p.merit[:, ~half].mean(axis=1) for p in probes], axis=1)[:, 3:5]

    # p1 and p2 are one family, p3 and p4 the other.
    assert got.variants == (ids(5)[picked],)
    assert got.transfer.value == pytest.approx(report[picked].mean() - report.mean())


def test_weights_are_as_good_as_copies():
    """An example of weight 3 counts like three of its cluster."""
    draw = stream(7, "tests").generator()
    clusters = np.array([f"c{at}" for at in range(60)])
    times = draw.integers(1, 4, 60)
    probes = [probe(f"p{at}", f"f{at}", draw.random((4, 60)) < 0.7, clusters, draw) for at in range(3)]  # fmt: skip
    heavy = [replace(p, weights=times.astype(float)) for p in probes]
    copied = [
        replace(p, merit=p.merit.repeat(times, axis=1), answers=p.answers.repeat(times, axis=1),
                clusters=clusters.repeat(times))
        for p in probes
    ]  # fmt: skip
    rules = {name: choose.get(name) for name in ("medoid", "minimax_regret")}
    got = evaluate(rules, ids(4), heavy, everyone(4), seed=2, splits=4)
    expected = evaluate(rules, ids(4), copied, everyone(4), seed=2, splits=4)
    for one, other in zip(got, expected, strict=True):
        assert one.variants == other.variants
        assert one.gain.value == pytest.approx(other.gain.value)
        assert one.gain.low == pytest.approx(other.gain.low, abs=1e-5)


def test_a_metric_that_is_no_mean_is_asked_for_its_value():
    """Levels come from the metric itself; what each example pulls only serves to resample."""
    plain = world(8, np.full((5, 3), 0.8))
    # Contributions that are 7 too high everywhere, beside the right values.
    odd = [replace(p, merit=p.merit + 7, value=lambda rows, m=p.merit: m[:, rows].mean(axis=1)) for p in plain]  # fmt: skip
    rules = {"minimax_regret": choose.get("minimax_regret")}
    (expected,) = evaluate(rules, ids(5), plain, everyone(5), seed=2, splits=4)
    (got,) = evaluate(rules, ids(5), odd, everyone(5), seed=2, splits=4)

    assert got.gain.value == pytest.approx(expected.gain.value)
    assert got.gain.low == pytest.approx(expected.gain.low, abs=1e-4)
    for one, other in zip(got.winners_curse, expected.winners_curse, strict=True):
        assert one.probe == other.probe
        assert one.optimism.high == pytest.approx(other.optimism.high, abs=1e-4)


STUDIES = pytest.mark.parametrize(
    "studies", [40, pytest.param(400, marks=pytest.mark.slow)], ids=["fast", "long"]
)


@STUDIES
def test_optimism_where_there_is_nothing_to_choose(studies):
    """Of variants equal in truth the best looks better than it is; the average of all does not.

    The interval is over clusters and for these picks: it covers the optimism that a rule has on the
    average over studies.
    """
    truth = np.full((10, 2), 0.8)
    got = [evaluate(RULES, ids(10), world(s, truth), everyone(10), seed=s) for s in range(studies)]
    best, anyone = ([each[at].winners_curse[0].optimism for each in got] for at in (0, 1))
    values, level = np.array([o.value for o in best]), np.array([o.value for o in anyone])

    assert values.mean() > 0.02
    assert values.mean() > 5 * values.std(ddof=1) / np.sqrt(studies)
    assert abs(level.mean()) < 3.5 * level.std(ddof=1) / np.sqrt(studies)
    covers = np.mean([o.low <= values.mean() <= o.high for o in best])
    stress = np.mean([each[0].winners_curse[1].optimism.value for each in got])
    gain = np.mean([each[0].gain.value for each in got])
    # What docs/statistics.md states.
    print(
        f"best on the holdout: optimism {values.mean():.4f}, on the stress test {stress:.4f}, covered {covers:.3f}, "
        f"gain {gain:.4f}; random pick: optimism {level.mean():.4f}"
    )

    assert covers >= 0.93 - 3 * np.sqrt(0.05 * 0.95 / studies)


def test_halvings_that_do_not_define_the_metric_do_not_count():
    """A metric undefined on some half of the holdout costs that halving, not the study."""
    first, second = world(9, np.full((4, 2), 0.8))
    decides = [deciding(3, first.clusters)]

    def value(rows, merit=first.merit):
        # Known on the study's own halves and on all, and on every half with the first image.
        own = any(np.array_equal(rows, half) or np.array_equal(rows, ~half) for half in decides)
        known = own or rows.all() or rows[0] == rows[1]
        return merit[:, rows].mean(axis=1) if known else np.full(len(merit), np.nan)

    asked = []

    def pool(half):
        asked.append(half)
        return range(4)

    (got,) = evaluate({"medoid": choose.get("medoid")}, ids(4), [replace(first, value=value), second], pool, seed=3)  # fmt: skip

    assert 1 < got.splits < 10
    assert len(asked) == got.splits
    assert np.isfinite([got.gain.low, got.winners_curse[0].optimism.value]).all()
