"""Abstention, selective ensembles, groups and scores on one probe."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measure.arbitrary_worlds import World
from underspec.core.errors import UsageError
from underspec.measure import arbitrariness
from underspec.measure.arbitrariness.abstain import AGREE
from underspec.measure.arbitrariness.scored import MOST_EXAMPLES


def made(k=20, n=300, seed=0, classes=3):
    """Return answers, labels, clusters and scores of synthetic variants."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, n).astype(np.int32)
    logits = generator.normal(size=(n, classes)) + 2 * np.eye(classes)[labels]
    logits = logits + 0.7 * generator.normal(size=(k, n, classes))
    scores = np.exp(logits)
    scores = (scores / scores.sum(axis=2, keepdims=True)).astype(np.float32)
    clusters = np.array([f"c{at // 2}" for at in range(n)])
    return scores.argmax(axis=2).astype(np.int32), labels, clusters, scores


ANSWERS, LABELS, CLUSTERS, SCORES = made()
FULL = arbitrariness("fog", ANSWERS, labels=LABELS, clusters=CLUSTERS, scores=SCORES)


def test_the_old_call_still_works():
    """Answers alone: the four measures with intervals, nothing about labels or scores."""
    got = arbitrariness("fog", ANSWERS)

    assert got.disagreement == got.ends.disagreement.value == FULL.disagreement
    assert got.ends.ambiguity.low < got.ambiguity < got.ends.ambiguity.high
    assert got.ends.discrepancy.low < got.discrepancy < got.ends.discrepancy.high
    assert got.ends.self_consistency.low == pytest.approx(1 - got.ends.disagreement.high)
    assert got.error_consistency is got.viable_range is got.capacity is None
    assert got.groups == ()
    assert all(point.accuracy is None for point in got.abstention)


def test_abstention_by_hand():
    """Coverage, accuracy of the majority and disagreement left, at each share that must agree."""
    votes = np.stack([(c == ANSWERS).sum(axis=0) for c in range(3)])
    pairs = np.mean([a != b for a, b in itertools.combinations(ANSWERS, 2)], axis=0)

    assert [point.agree for point in FULL.abstention] == list(AGREE)
    for point in FULL.abstention:
        told = votes.max(axis=0) / 20 >= point.agree - 1e-12
        assert point.coverage.value == pytest.approx(told.mean())
        assert point.accuracy.value == pytest.approx((votes.argmax(axis=0) == LABELS)[told].mean())
        assert point.disagreement.value == pytest.approx(pairs[told].mean())
    assert FULL.abstention[0].coverage.value == 1.0
    assert FULL.abstention[-1].disagreement.value == 0.0
    assert FULL.abstention[-1].disagreement.high > 0.0


def test_nobody_agrees():
    """Where no example is answered, there is no accuracy there."""
    answers = np.arange(20, dtype=np.int32)[:, None].repeat(30, axis=1)
    got = arbitrariness("x", answers, labels=np.zeros(30, np.int32))

    assert got.abstention[-1].coverage.value == 0.0
    assert got.abstention[-1].accuracy.value is None
    assert got.selective.accuracy.value is None
    assert got.error_consistency is None


def test_selective_ensemble_by_hand():
    """Fifteen of twenty votes against one rival: p = .041, fourteen: .115."""
    assert FULL.selective.votes == 15
    assert FULL.selective.alpha == 0.05
    assert arbitrariness("x", ANSWERS[:5]).selective.votes is None
    assert arbitrariness("x", ANSWERS, alpha=0.2).selective.votes == 14


def test_groups_are_the_probe_of_their_examples():
    """A group's figures are those of its examples by themselves."""
    sites = np.array(["a", "b", "c"])[np.arange(300) // 140]
    got = arbitrariness("x", ANSWERS, labels=LABELS, clusters=CLUSTERS, groups={"site": sites})
    assert [(g.column, g.group) for g in got.groups] == [
        *(("class", str(c)) for c in range(3)), ("site", "a"), ("site", "b"), ("site", "c"),
    ]  # fmt: skip
    rows = sites == "b"
    alone = arbitrariness("x", ANSWERS[:, rows], clusters=CLUSTERS[rows])
    group = next(g for g in got.groups if g.group == "b")

    assert group.n == 140
    assert group.clusters == 70
    assert group.disagreement == alone.ends.disagreement
    assert group.ambiguity == alone.ends.ambiguity
    assert group.discrepancy == alone.ends.discrepancy


def test_small_groups_are_never_told():
    """Under ten examples: counted, not named; a column of too many groups is left out."""
    sites = np.array(["large", "secret"])[(np.arange(300) < 9).astype(int)]
    many = np.arange(300) % 60
    got = arbitrariness("x", ANSWERS, groups={"site": sites, "ward": many.astype(np.str_)})

    assert [g.group for g in got.groups] == ["large"]
    assert "secret" not in repr(got)
    assert got.suppressed == 1 + 60
    assert got.notes == ("ward has 60 groups, so nothing is told of them: at most 50 are.",)


def test_the_range_of_scores():
    """Largest less smallest score of the label, or of the majority's answer."""
    own = SCORES[:, np.arange(300), LABELS]
    ranges = np.ptp(own, axis=0)
    assert FULL.viable_range.mean.value == pytest.approx(ranges.mean())
    assert FULL.viable_range.high.value == pytest.approx(np.quantile(ranges, 0.9), abs=0.02)
    assert FULL.viable_range.of == "label"
    assert FULL.viable_range.k == 20

    bare = arbitrariness("x", ANSWERS, label_scores=own)
    assert bare.viable_range.mean.value == FULL.viable_range.mean.value
    assert bare.capacity is None
    assert arbitrariness("x", ANSWERS, scores=SCORES).viable_range.of == "majority"


def test_capacity_of_a_probe():
    """Bits over examples, all of them in a small probe; raw scores have none, and it is said."""
    assert 0 < FULL.capacity.mean.low < FULL.capacity.mean.value < FULL.capacity.mean.high < 1.59
    assert FULL.capacity.high.value > FULL.capacity.mean.value
    assert FULL.capacity.examples == 300

    raw = arbitrariness("x", ANSWERS, scores=5 * SCORES)
    assert raw.capacity is None
    assert raw.notes == ("There is no Rashomon capacity: the scores are no probabilities.",)


def test_capacity_of_a_large_probe_is_of_the_same_clusters():
    """A subset by cluster, the same in any order, close to the whole, and named in the notes."""
    answers, labels, _, scores = made(k=6, n=4 * MOST_EXAMPLES)
    clusters = np.array([f"img-{at // 2}" for at in range(len(labels))])
    order = np.random.default_rng(1).permutation(len(labels))
    got = arbitrariness("x", answers, clusters=clusters, scores=scores)
    turned = arbitrariness(
        "x", answers[:, order], clusters=clusters[order], scores=scores[:, order]
    )
    every = np.array([
        arbitrariness("x", part, scores=own).capacity.mean.value
        for part, own in zip(np.split(answers, 4, axis=1), np.split(scores, 4, axis=1), strict=True)
    ])  # fmt: skip

    assert MOST_EXAMPLES <= got.capacity.examples <= MOST_EXAMPLES + 1
    assert f"{got.capacity.examples} of the {len(labels)} examples" in got.notes[0]
    assert turned.capacity.mean.value == pytest.approx(got.capacity.mean.value, abs=1e-9)
    assert got.capacity.mean.low < every.mean() < got.capacity.mean.high


@given(st.integers(0, 50))
def test_order_and_names_do_not_matter(seed):
    """Variants, examples and clusters in another order, clusters and classes renamed."""
    answers, clusters = World(-1, 0.5, each=4).draw(np.random.default_rng(seed), 7, 80)
    labels = np.zeros(80, np.int32)
    generator = np.random.default_rng(seed)
    rows, variants = generator.permutation(80), generator.permutation(7)
    one = arbitrariness("x", answers, labels=labels, clusters=clusters)
    other = arbitrariness(
        "x",
        5 - 4 * answers[np.ix_(variants, rows)],
        labels=5 - 4 * labels[rows],
        clusters=np.char.add("z", clusters[rows]),
    )

    for name in ("ends", "error_consistency", "ambiguity_at", "abstention", "selective"):
        a, b = _numbers(getattr(one, name)), _numbers(getattr(other, name))
        np.testing.assert_allclose(a, b, atol=1e-9)


def _numbers(record):
    """Return all numbers of a record, None as NaN."""
    if record is None:
        return [np.nan]
    if isinstance(record, int | float):
        return [float(record)]
    parts = record if isinstance(record, tuple) else vars(record).values()
    return [x for part in parts for x in _numbers(part)]


def test_few_variants():
    """Two variants: figures, and no interval over variants; three: all there."""
    two = arbitrariness("x", ANSWERS[:2], labels=LABELS, scores=SCORES[:2])
    assert two.disagreement == two.ambiguity == pytest.approx((ANSWERS[0] != ANSWERS[1]).mean())
    assert two.ends.disagreement.low is None
    assert two.ends.ambiguity.low is not None
    assert two.error_consistency is None
    assert two.ambiguity_at == ()

    assert arbitrariness("x", ANSWERS[:3]).ends.disagreement.low is not None


def test_fewer_variants_show_less():
    """Ambiguity of fewer grows with k, from the exact mean over their choices to the whole."""
    shares = [at.share.value for at in FULL.ambiguity_at]
    assert [at.k for at in FULL.ambiguity_at] == [5, 10]
    assert FULL.disagreement < shares[0] < shares[1] < FULL.ambiguity
    drawn = np.random.default_rng(1)
    some = [ANSWERS[drawn.choice(20, 5, replace=False)] for _ in range(400)]
    mean = np.mean([(few != few[0]).any(axis=0).mean() for few in some])
    assert shares[0] == pytest.approx(mean, abs=0.01)
    assert [at.over_variants for at in arbitrariness("x", ANSWERS[:12]).ambiguity_at] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "wrong", [{"labels": LABELS[:5]}, {"clusters": CLUSTERS[:5]}, {"scores": SCORES[:, :5]},
              {"groups": {"site": CLUSTERS[:5]}}]
)  # fmt: skip
def test_lengths_must_fit(wrong):
    """One label, cluster, score and group an example, or a sentence that says which is not."""
    name = "site" if "groups" in wrong else next(iter(wrong))
    with pytest.raises(UsageError, match=f"300 examples, but {name} of shape"):
        arbitrariness("fog", ANSWERS, **wrong)


@pytest.mark.slow
def test_a_large_probe_takes_little_time():
    """50 variants, 10,000 examples, 10 classes: everything in under half a second of one core."""
    answers, labels, clusters, scores = made(k=50, n=10_000, classes=10)
    arbitrariness("x", answers[:, :100])
    times = []
    for known in ({}, {"labels": labels, "clusters": clusters},
                  {"labels": labels, "clusters": clusters, "scores": scores}):  # fmt: skip
        start = time.process_time()
        arbitrariness("x", answers, **known)
        times.append(time.process_time() - start)
    print("answers, labels, scores:", [f"{t:.3f} s" for t in times])
    assert times[-1] < 0.5
