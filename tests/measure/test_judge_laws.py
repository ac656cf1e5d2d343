"""What must not change a finding, and how findings scale."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measure.made_evidence import (
    LOSS,
    answers,
    evidence,
    judged,
    numbers,
    same,
    spread_out,
)
from underspec.measure import Scale, relate

K, N = 12, 150
CLUSTERS = [f"p{i // 2:03d}" for i in range(N)]
WORDS = (
    "p_adjusted",
    "overdispersion.p_adjusted",
    "spread_verdict",
    "verdict",
    "other",
    "because",
    "needs",
)


def _study(seed):
    """A small study: a probe of the holdout's patients, one of other images, a tiny one."""
    lab = answers(seed, np.linspace(0.7, 0.9, K), N)
    field = answers(seed + 1, np.linspace(0.5, 0.9, K), N)
    other = spread_out(seed + 2, K, 120, 0.7, 0.1)
    return (
        evidence("holdout", lab, clusters=CLUSTERS),
        [
            evidence("fog", field, clusters=CLUSTERS),
            evidence("site", other, prefix="s"),
            evidence("tiny", other[:, :4], prefix="t"),
        ],
    )


def _reordered(one, rows, columns):
    return replace(
        one,
        variants=tuple(one.variants[row] for row in rows),
        contributions=one.contributions[np.ix_(rows, columns)],
        clusters=one.clusters[columns],
    )


def _assert_same(one, other, **but):
    for a, b in zip(one, other, strict=True):
        assert same(a, b, **but) == []


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_order_of_variants_changes_nothing(seed, random):
    """Variants may come in any order, another one in each probe, and the pool in any order."""
    holdout, probes = _study(seed)

    def shuffled(one):
        rows = random.sample(range(K), K)
        return _reordered(one, rows, np.arange(len(one.clusters)))

    kept = list(holdout.variants[:11])
    turned = random.sample(kept, len(kept))

    _assert_same(
        judged(holdout, probes, kept=kept),
        judged(shuffled(holdout), [shuffled(one) for one in probes], kept=turned),
    )
    _assert_same(
        relate([holdout, *probes], kept=kept),
        relate([shuffled(holdout), *(shuffled(one) for one in probes)], kept=turned),
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_order_of_examples_changes_nothing(seed, random):
    """Examples may come in any order, another one in each probe."""
    holdout, probes = _study(seed)

    def shuffled(one):
        n = len(one.clusters)
        return _reordered(one, np.arange(K), random.sample(range(n), n))

    mixed = [shuffled(one) for one in probes]

    _assert_same(judged(holdout, probes), judged(shuffled(holdout), mixed))
    _assert_same(
        relate([holdout, *probes], kept=holdout.variants),
        relate([shuffled(holdout), *mixed], kept=holdout.variants),
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_adding_a_probe_changes_only_adjusted_p_and_words(seed):
    """What is said of a probe by itself does not hang on which others there are, nor on order."""
    holdout, probes = _study(seed)
    few = judged(holdout, probes[:2])
    many = judged(holdout, [probes[2], probes[1], *_study(seed + 7)[1][:1], probes[0]])

    assert same(few[0], many[0]) == []
    assert same(few[1], many[4], but=WORDS) == []
    assert same(few[2], many[2], but=WORDS) == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_copies_of_rows_within_their_cluster_change_nothing_but_n(seed, copies):
    """A study whose every row comes again, in its own cluster, says no more than the first time.

    The half example by which means are drawn in for the null ratio is the one exception.
    """
    holdout, probes = _study(seed)

    def often(one):
        return replace(
            one,
            contributions=np.repeat(one.contributions, copies, axis=1),
            clusters=np.repeat(one.clusters, copies),
        )

    once = judged(holdout, probes)
    twice = judged(often(holdout), [often(one) for one in probes])
    for a, b in zip(once, twice, strict=True):
        assert same(a, b, but=(*WORDS, "n", "ratio.null_ratio", "p", "power"), tiny=1e-7) == []
        assert a.n * copies == b.n
    _assert_same(
        relate([holdout, *probes], kept=holdout.variants),
        relate([often(holdout), *map(often, probes)], kept=holdout.variants),
    )


def test_the_same_study_twice_is_the_same_to_the_last_digit():
    """No clock, no global randomness, no state kept between calls."""
    assert judged(*_study(3)) == judged(*_study(3))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_errors_are_judged_as_answers_are(seed):
    """Share of errors, to be minimised, gives the findings of accuracy, means turned round.

    But for the test of any spread on few images, whose permutations are then drawn otherwise.
    """
    holdout, probes = _study(seed)
    turned = Scale(greater_is_better=False)

    def errors(one):
        return replace(one, contributions=1 - one.contributions)

    right = judged(holdout, probes)
    wrong = judged(errors(holdout), [errors(one) for one in probes], metric=turned)
    for a, b in zip(right, wrong, strict=True):
        assert same(a, b, but=("mean", "overdispersion")) == []
        assert a.overdispersion.phi == pytest.approx(b.overdispersion.phi)
        assert a.mean.value == pytest.approx(1 - b.mean.value)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 3.0, 100.0]))
def test_units_of_a_loss_do_not_matter(seed, factor):
    """A loss in other units gives the same verdicts, ratios and p, and scaled ends."""
    holdout, probes = _study(seed)

    def scaled(one):
        return replace(one, contributions=factor * (1 - one.contributions))

    base = judged(*_turned(holdout, probes), metric=LOSS)
    other = judged(
        scaled(holdout),
        [scaled(one) for one in probes],
        metric=LOSS,
        epsilon=0.01 * factor,
        max_drop=0.05 * factor,
    )
    for a, b in zip(base, other, strict=True):
        x, y = numbers(a), numbers(b)
        free = ("p", "p_adjusted", "ratio.low", "ratio.high", "spread.reliability", "power")
        scaled_ends = ("gap.low", "gap.high", "drop.low", "spread.high", "mean.high")
        for key in free + scaled_ends:
            assert (x[key] is None) == (y[key] is None), key
            if x[key] is not None:
                by = factor if key in scaled_ends else 1
                assert by * x[key] == pytest.approx(y[key], rel=1e-5, abs=1e-7), key
        assert a.verdict == b.verdict
        assert a.needs == b.needs


def _turned(holdout, probes):
    def loss(one):
        return replace(one, contributions=1 - one.contributions)

    return loss(holdout), [loss(one) for one in probes]
