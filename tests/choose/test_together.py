"""Variants that answer together: graded by their own answers, and fairly."""

from dataclasses import replace

import numpy as np
import pytest

from underspec import choose
from underspec.choose import gain, grade
from underspec.choose.advice import recommended
from underspec.choose.blend import mean_scores
from underspec.choose.grade import evaluate
from underspec.choose.sure import Figure
from underspec.choose.tally import Candidate, Halves
from underspec.core.errors import UsageError
from underspec.core.findings import Interval
from underspec.core.streams import deciding, stream

TOGETHER = {"ensemble": choose.get("ensemble")}
CLASSES = 4


def everyone(count):
    return lambda mask: range(count)


def ids(count):
    return [f"v{at:03d}" for at in range(count)]


def candidate(name, family, scores, labels, clusters, may_choose=True):
    """Return a probe judged by accuracy, which can grade any scores."""

    def rescored(made):
        return (made.argmax(axis=2) == labels).astype(float), None

    answers = scores.argmax(axis=2).astype(np.int32)
    merit = rescored(scores)[0]
    return Candidate(
        name, family, merit, answers, clusters, may_choose, scores=scores, rescored=rescored
    )


def world(study, copied, variants=10, probes=6, examples=300, right=0.8):
    """Return probes on which all variants are equal in truth.

    A share `copied` of each variant's answers is one common answer, given surely, the rest are its
    own, given half-heartedly; so a mean of scores follows the common answer where anybody gives it.
    With 0 all answers are a variant's own, and a mean of scores is a vote.
    """
    draw = stream(study, "tests", "together").generator()
    clusters = np.array([f"s{study}i{at:04d}" for at in range(examples)])
    out = []
    for p in range(probes):
        labels = draw.integers(0, CLASSES, examples)

        def answered(shape, labels=labels):
            other = (labels + draw.integers(1, CLASSES, shape)) % CLASSES
            return np.where(draw.random(shape) < right, labels, other)

        common = answered((examples,))
        same = draw.random((variants, examples)) < copied
        answers = np.where(same, common, answered((variants, examples)))
        sure = np.where(same, 0.97, 0.4)
        scores = np.repeat(((1 - sure) / (CLASSES - 1))[:, :, None], CLASSES, axis=2)
        np.put_along_axis(scores, answers[:, :, None], sure[:, :, None], axis=2)
        family = "holdout" if p == 0 else f"family{p}"
        out.append(candidate(f"p{p}", family, scores.astype(np.float32), labels, clusters))
    return out


def test_mean_scores_are_means_whatever_the_order():
    """Each group's mean is numpy's, and no bit hangs on the order of the variants."""
    draw = stream(1, "tests").generator()
    scores = draw.random((7, 50, 5)).astype(np.float32)
    names = ids(7)
    groups = [("v001", "v004"), tuple(names)]
    got = mean_scores(scores, names, groups)
    order = [3, 6, 0, 5, 1, 4, 2]
    turned = mean_scores(scores[order], [names[at] for at in order], groups)

    np.testing.assert_allclose(got[0], scores[[1, 4]].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(got[1], scores.mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(got, turned)


def test_an_ensemble_is_graded_by_its_own_answers():
    """On one split, gain, transfer and curse equal a direct computation from its answers."""
    probes = world(2, 0.3)
    (got,) = evaluate(TOGETHER, ids(10), probes, everyone(10), seed=4, splits=1)
    half = deciding(4, probes[0].clusters)
    own = [p.rescored(p.scores.mean(axis=0)[None].astype(np.float32))[0][0] for p in probes]
    decide = np.stack([p.merit[:, half].mean(axis=1) for p in probes], axis=1)
    report = np.stack([p.merit[:, ~half].mean(axis=1) for p in probes], axis=1)
    best = decide.argmax(axis=0)

    def worst(on_half, on_other):
        at = (decide.max(axis=0) - on_half).round(12).argmax()
        return report[best[at], at] - on_other[at]

    everybody = np.mean([worst(decide[v], report[v]) for v in range(10)])
    mine = worst([m[half].mean() for m in own], [m[~half].mean() for m in own])
    lead = np.mean([m[~half].mean() for m in own[1:]]) - report[:, 1:].mean()
    lowest = np.argmin([p.merit.mean() for p in probes[1:]]) + 1

    assert got.together
    assert got.variants == tuple(ids(10))
    assert got.gain.value == pytest.approx(everybody - mine)
    assert got.transfer.value == pytest.approx(lead)
    for told, at in zip(got.winners_curse, (0, lowest), strict=True):
        assert told.probe == f"p{at}"
        assert told.decided.value == pytest.approx(own[at][half].mean())
        assert told.reported.value == pytest.approx(own[at][~half].mean())
        assert told.optimism.value == pytest.approx(told.decided.value - told.reported.value)


def test_the_order_of_variants_and_probes_moves_no_number():
    """Turned round, the same study gives the same figures, to rounding."""
    probes = world(3, 0.3, variants=6)
    rules = {**TOGETHER, "few": choose.get("ensemble", size=3)}
    plain = evaluate(rules, ids(6), probes, everyone(6), seed=2, splits=4)
    back = [
        candidate(p.name, p.family, p.scores[::-1], p.scores.argmax(axis=2)[0] * 0 + labels, p.clusters)
        for p, labels in ((p, _labels(p)) for p in [probes[0], *probes[:0:-1]])
    ]  # fmt: skip
    turned = evaluate(rules, ids(6)[::-1], back, everyone(6), seed=2, splits=4)
    for one, other in zip(plain, turned, strict=True):
        assert set(one.variants) == set(other.variants)
        for figure in ("gain", "transfer"):
            a, b = getattr(one, figure), getattr(other, figure)
            assert (a.value, a.low) == pytest.approx((b.value, b.low), abs=1e-6)
        assert [c.probe for c in one.winners_curse] == [c.probe for c in other.winners_curse]


def _labels(probe):
    """Return the labels of a probe: which class everybody is graded right for."""
    right = [
        probe.rescored(np.eye(CLASSES, dtype=np.float32)[None, [c] * len(probe.clusters)])[0][0]
        for c in range(CLASSES)
    ]
    return np.argmax(right, axis=0)


def test_other_rules_are_not_moved_by_an_ensemble():
    """A rule's figures are the same with and without an ensemble beside it."""
    rule = {"minimax_regret": choose.get("minimax_regret")}
    probes = world(5, 0.3)
    alone = evaluate(rule, ids(10), probes, everyone(10), seed=1, splits=3)
    beside = evaluate({**rule, **TOGETHER}, ids(10), lambda: iter(probes), everyone(10), seed=1, splits=3)  # fmt: skip

    assert beside[0] == alone[0]


def test_an_ensemble_without_scores_is_refused():
    """Answers alone cannot be averaged; a probe that may not choose need not have scores."""
    first, second, *_ = world(6, 0.3)
    bare = Candidate("bare", "bare", second.merit, second.answers, second.clusters)
    with pytest.raises(UsageError, match=r"'ensemble' averages the scores.*'bare' only answers"):
        evaluate(TOGETHER, ids(10), [first, second, bare], everyone(10), seed=1)
    fenced = Candidate("bare", "bare", second.merit, second.answers, second.clusters, False)
    (got,) = evaluate(TOGETHER, ids(10), [first, second, fenced], everyone(10), seed=1, splits=2)

    assert got.gain.value is not None


def _undefined(probe, halves):
    """Return a probe whose metric is defined for variants everywhere, for ensembles on no such half."""

    def rescored(made):
        merit, _ = probe.rescored(made)

        def value(rows):
            known = not any(np.array_equal(rows, half) for half in halves)
            return merit[:, rows].mean(axis=1) if known else np.full(len(merit), np.nan)

        return merit, value

    return replace(probe, rescored=rescored)


def test_halves_that_do_not_define_an_ensembles_merit_do_not_count():
    """One undefined half costs that halving on that probe, neither the transfer nor the curse."""
    first, *rest = world(7, 0.3, probes=3)
    decides, _ = Halves(3, 4, 1)([str(c) for c in np.unique(first.clusters)])
    halves = decides[:, np.unique(first.clusters, return_inverse=True)[1]]
    odd = [_undefined(probe, halves[:2]) for probe in rest]
    (whole,) = evaluate(TOGETHER, ids(10), [first, *rest], everyone(10), seed=3, splits=4)
    (got,) = evaluate(TOGETHER, ids(10), [first, *odd], everyone(10), seed=3, splits=4)
    (none,) = evaluate(TOGETHER, ids(10), [first, *(_undefined(p, halves) for p in rest)], everyone(10), seed=3, splits=4)  # fmt: skip
    (bare,) = evaluate(TOGETHER, ids(10), [_undefined(p, halves) for p in (first, *rest)], everyone(10), seed=3, splits=4)  # fmt: skip

    assert (whole.splits, whole.transfer_splits) == (4, 4)
    assert [told.splits for told in whole.winners_curse] == [4, 4]
    assert (got.splits, got.transfer_splits) == (4, 2)
    assert [told.splits for told in got.winners_curse] == [4, 2]
    assert np.isfinite([got.transfer.low, got.gain.low, got.winners_curse[1].optimism.low]).all()
    assert (none.splits, none.transfer_splits, none.winners_curse[1].splits) == (4, 0, 0)
    assert none.transfer == none.winners_curse[1].optimism == Interval(None, None, None)
    assert (bare.splits, bare.gain) == (0, Interval(None, None, None))
    assert recommended([bare]) is None


STUDIES = pytest.mark.parametrize(
    "studies", [12, pytest.param(200, marks=pytest.mark.slow)], ids=["fast", "long"]
)


def simulate(studies, copied):
    """Return the ensemble's choice in each study, and print what docs/statistics.md states."""
    got = [
        evaluate(TOGETHER, ids(10), world(s, copied), everyone(10), seed=s)[0]
        for s in range(studies)
    ]
    gains, leads = (np.array([getattr(e, f).value for e in got]) for f in ("gain", "transfer"))
    error = np.mean([(e.gain.high - e.gain.low) / 3.92 for e in got])
    print(
        f"copied {copied}: gain {gains.mean():.4f} (se {gains.std() / np.sqrt(studies):.4f}), transfer "
        f"{leads.mean():.4f}; covers 0 {np.mean([e.gain.low <= 0 <= e.gain.high for e in got]):.3f}, above 0 "
        f"{np.mean([e.gain.low > 0 for e in got]):.3f}; error stated / true {error / gains.std():.2f}; "
        f"recommended {np.mean([recommended([e]) is not None for e in got]):.3f}"
    )
    return got


@STUDIES
def test_an_ensemble_that_is_no_better_does_not_gain(studies):
    """Where a mean of scores is only steadier than a variant, not better, it is not recommended.

    The next test says why it is not graded like a variant.
    """
    got = simulate(studies, 0.6)
    for figure in ("gain", "transfer"):
        values = np.array([getattr(each, figure).value for each in got])

        assert abs(values.mean()) < 3.5 * values.std(ddof=1) / np.sqrt(studies)
    covers = np.mean([each.gain.low <= 0 <= each.gain.high for each in got])
    assert covers >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / studies)
    false = np.mean([recommended([each]) is not None for each in got])
    assert false <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / studies)


@STUDIES
def test_graded_like_a_variant_it_would_gain_from_nothing(studies, monkeypatch):
    """By the worst of its regrets on the reporting half a steadier ensemble would win, falsely."""

    def like_a_variant(split, blends):
        probes = list(gain.gradable(split))
        merit = gain._graded(split, probes)
        best, own = merit.max(axis=0), np.stack([blends[p.name].reporting() for p in probes])
        values = (best - merit).max(axis=1).mean(axis=0) - (best - own).max(axis=0)
        return Figure(values, np.ones(1), np.full(1, np.inf))

    monkeypatch.setattr(grade, "gain_together", like_a_variant)
    gains = np.array([each.gain.value for each in simulate(studies, 0.6)])

    assert gains.mean() > 5 * gains.std(ddof=1) / np.sqrt(studies)


@STUDIES
def test_an_ensemble_that_is_better_gains(studies):
    """Where variants err by themselves a vote is right almost always, and that is found."""
    got = simulate(studies, 0.0)
    gains, leads = (np.array([getattr(e, f).value for e in got]) for f in ("gain", "transfer"))

    # Ten votes at 0.8 are right in 0.99 of cases: 19 points more than one.
    assert leads.mean() == pytest.approx(0.19, abs=0.01)
    assert gains.mean() > 0.15
    assert all(recommended([each]) == "ensemble" for each in got)
