"""How pool and verdicts move with epsilon: against judging again, and in worlds of known answer."""

import dataclasses
import time
from collections import Counter

import numpy as np
import pytest

from tests.measure.made_evidence import ACCURACY, LOSS, evidence, judged, spread_out
from underspec.measure import EpsilonSweep, Scale
from underspec.stats.truth import Truth, from_halves

EPSILONS = (0.002, 0.01, 0.03, 0.1)


def _pools(holdout, epsilons=EPSILONS):
    """Whoever lies within each epsilon of the median on the same examples; a stand-in for a rule."""
    means = holdout.contributions.mean(axis=1)
    far = np.abs(means - np.median(means))
    return [
        (e, tuple(v for v, d in zip(holdout.variants, far, strict=True) if d <= e))
        for e in epsilons
    ]


def _swept(holdout, probes, pools, metric=ACCURACY, max_drop=0.05):
    sweep = EpsilonSweep(holdout, pools, own=0.01, metric=metric, max_drop=max_drop)
    for probe in (holdout, *probes):
        assert sweep.take(probe) is probe
    return sweep.finding()


def _close(a, b):
    return (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-9)


@pytest.fixture(scope="module")
def world():
    """Forty synthetic variants, a little apart in the lab, and probes of four kinds."""
    holdout = evidence("holdout", spread_out(1, 40, 1500, 0.9, 0.006))
    probes = [
        evidence("apart", spread_out(2, 40, 1500, 0.88, 0.05), prefix="a"),
        evidence("fallen", spread_out(3, 40, 1500, 0.6, 0.002), prefix="b"),
        evidence("both", spread_out(4, 40, 1500, 0.6, 0.06)),
        evidence("alike", spread_out(5, 40, 1500, 0.9, 0.002), prefix="c"),
    ]
    return holdout, probes


def test_each_point_is_what_judging_again_gives(world):
    """Kept, words and gaps are those of `judge` with the same pool and epsilon."""
    holdout, probes = world
    pools = _pools(holdout)
    curve = _swept(holdout, probes, pools)

    assert [point.epsilon for point in curve.points] == list(EPSILONS)
    assert len({point.kept for point in curve.points}) >= 3
    assert len({tuple(point.verdicts.items()) for point in curve.points}) >= 3
    for point, (epsilon, kept) in zip(curve.points, pools, strict=True):
        again = judged(holdout, probes, kept=kept, epsilon=epsilon)[1:]
        widest = max(again, key=lambda one: one.gap.value)
        assert point.kept == len(kept)
        assert point.verdicts == Counter(one.verdict for one in again)
        assert point.worst == widest.name
        assert _close(point.worst_gap, widest.gap)
        assert point.mean_gap == pytest.approx(np.mean([one.gap.value for one in again]))


def test_calls_are_where_judging_again_calls(world):
    """First and last epsilon of each call, and the next one, from which on there is none."""
    holdout, probes = world
    pools = _pools(holdout)
    curve = _swept(holdout, probes, pools)
    called = {probe.name: [] for probe in probes}
    for epsilon, kept in pools:
        for one in judged(holdout, probes, kept=kept, epsilon=epsilon)[1:]:
            if one.verdict in ("underspecified", "both"):
                called[one.name].append(epsilon)

    assert [one.probe for one in curve.probes] == [probe.name for probe in probes]
    for one in curve.probes:
        at = called[one.probe]
        assert (one.first, one.last) == ((at[0], at[-1]) if at else (None, None))
        after = [e for e in EPSILONS if at and e > at[-1]]
        assert one.critical == (after[0] if after else None)
    # Apart by 5 points: the gap is beyond 3 points, and within 10.
    assert curve.probes[0].critical == 0.1
    assert curve.probes[1].first is None


def test_too_few_kept_is_said(world):
    """Under ten kept a point has gaps but no verdict on spread, and says so."""
    holdout, probes = world
    few = (0.001, holdout.variants[:9])
    one, two = (0.0005, holdout.variants[:1]), (0.002, holdout.variants[:10])
    curve = _swept(holdout, probes, [one, few, two])

    assert curve.points[0].mean_gap is curve.points[0].worst is None
    assert curve.points[0].verdicts == {"undecided": 4}
    assert curve.points[1].mean_gap > 0
    assert not {"underspecified", "both", "clean"} & set(curve.points[1].verdicts)
    assert [point.note is None for point in curve.points] == [False, False, True]
    assert "Under 10 are kept" in curve.points[0].note


def test_one_pool_at_two_epsilons(world):
    """Where the pool has stopped growing only the threshold moves: calls can only end."""
    holdout, probes = world
    everyone = holdout.variants
    curve = _swept(holdout, probes, [(e, everyone) for e in (0.005, 0.02, 0.05, 0.2)])
    called = [p.verdicts.get("underspecified", 0) + p.verdicts.get("both", 0) for p in curve.points]

    assert called == sorted(called, reverse=True)
    assert called[0] == 2
    assert called[-1] == 0
    assert len({point.worst_gap for point in curve.points}) == 1


def test_no_pools_no_curve(world):
    """A rule that epsilon does not move has no curve; probes pass through."""
    holdout, probes = world

    assert _swept(holdout, probes, []) is None


def test_contrastive_probes_are_left_out(world):
    """Contrastive probes are not judged by their mean, here neither."""
    holdout, probes = world
    pairs = dataclasses.replace(probes[0], name="pairs", kind="contrastive", scale=Scale())
    pools = _pools(holdout)

    assert _swept(holdout, [*probes, pairs], pools) == _swept(holdout, probes, pools)


def test_order_of_variants_does_not_matter(world):
    """The same curve whatever order a probe lists its variants in."""
    holdout, probes = world
    turned = [
        dataclasses.replace(
            p, variants=p.variants[::-1], contributions=p.contributions[::-1].copy()
        )
        for p in probes
    ]
    pools = _pools(holdout)

    assert _swept(holdout, turned, pools) == _swept(holdout, probes, pools)


def test_losses_without_a_limit():
    """A loss has no points, no skill null and, without max_drop, no falls."""
    rng = np.random.default_rng(8)
    skill = rng.normal(size=(30, 1))
    holdout = evidence("holdout", 1 + 0.02 * skill + rng.gamma(2, 0.3, (30, 800)))
    probe = evidence("probe", 2 + 0.3 * skill + rng.gamma(2, 0.3, (30, 800)))
    pools = _pools(holdout, (0.05, 0.2))
    curve = _swept(holdout, [probe], pools, metric=LOSS, max_drop=None)

    for point, (epsilon, kept) in zip(curve.points, pools, strict=True):
        again = judged(
            holdout, [probe], kept=kept, epsilon=epsilon, metric=LOSS, max_drop=None,
            metric_name="log_loss",
        )[1]  # fmt: skip
        assert point.verdicts == {again.verdict: 1}
        assert _close(point.worst_gap, again.gap)


def test_a_metric_that_is_no_mean(world):
    """Where the true variance comes from halves it does so at every epsilon."""

    def halved(probe):
        rng = np.random.default_rng(6)
        halves = np.zeros((2, 8, len(probe.variants)))
        for at in range(8):
            rows = rng.permutation(1500)
            halves[0, at] = probe.contributions[:, rows[:750]].mean(axis=1)
            halves[1, at] = probe.contributions[:, rows[750:]].mean(axis=1)
        return dataclasses.replace(probe, truth=Truth(from_halves(halves), halves, (0.0, 1.0)))

    holdout, probes = halved(world[0]), [halved(probe) for probe in world[1]]
    pools = _pools(holdout)
    curve = _swept(holdout, probes, pools)

    for point, (epsilon, kept) in zip(curve.points, pools, strict=True):
        again = judged(holdout, probes, kept=kept, epsilon=epsilon)[1:]
        assert point.verdicts == Counter(one.verdict for one in again)
        assert point.mean_gap == pytest.approx(np.mean([one.gap.value for one in again]))
    assert curve != _swept(*world, pools)


@pytest.mark.slow
def test_many_probes_are_quick(capsys):
    """76 probes of 50 variants and 5,000 examples at 15 epsilons take under 10 s of one core."""
    rng = np.random.default_rng(0)
    skill, hard = rng.normal(size=(50, 1)), rng.normal(size=5000)

    def made(name, spread):
        odds = 1.3 + spread * skill + hard + rng.normal(size=(50, 5000))
        return evidence(name, odds > 0)

    holdout = made("holdout", 0.02)
    pools = _pools(holdout, np.geomspace(0.0005, 0.02, 15).tolist())
    sweep = EpsilonSweep(holdout, pools, own=0.01, metric=ACCURACY, max_drop=0.05)
    seconds = 0.0
    for at in range(76):
        probe = made(f"probe-{at}", 0.02 * (at % 5))
        start = time.process_time()
        sweep.take(probe)
        seconds += time.process_time() - start
    start = time.process_time()
    curve = sweep.finding()
    seconds += time.process_time() - start
    with capsys.disabled():
        print(f"\nepsilon curve, 50 variants, 76 probes, 5,000 examples: {seconds:.1f} s")

    assert len(curve.points) == 15
    assert seconds < 10
