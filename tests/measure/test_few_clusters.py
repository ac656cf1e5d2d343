"""Few clusters: nobody is off the line by luck, and intervals of arbitrariness hold."""

import sys

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from tests.measure.arbitrary_worlds import World
from tests.measure.made_evidence import ACCURACY, evidence
from tests.worlds.rates import fewest, most, tell
from underspec.measure import accuracy_line, arbitrariness
from underspec.measure.accuracy_line import accuracy_lines
from underspec.measure.groups import gather
from underspec.measure.relations import together
from underspec.stats.shares import Clustered, quantile, share

LONG = pytest.mark.slow


def _on_a_line(seed, clusters, k=20):
    """A large holdout, and a probe of few clusters whose true accuracies follow from it exactly."""
    rng = np.random.default_rng((seed, clusters))
    skill = 0.15 * rng.normal(size=k)
    lab = rng.normal(size=(k, 4000)) < ndtri(0.8) + skill[:, None]
    luck = 0.4 * rng.normal(size=(k, clusters)) + 0.5 * rng.normal(size=clusters)
    height = (ndtri(0.7) + skill)[:, None] * np.sqrt(1 + 0.4**2 + 0.5**2) + luck
    field = rng.normal(size=(k, clusters, max(10, 400 // clusters))) < height[:, :, None]
    names = np.repeat([f"c{at}" for at in range(clusters)], field.shape[2])
    return [
        evidence("holdout", lab, prefix="h"),
        evidence("field", field.reshape(k, -1), clusters=names),
    ]


def _flagged(count, clusters):
    found = [accuracy_lines(_on_a_line(seed, clusters), ACCURACY)[0] for seed in range(count)]
    lines = [one for one in found if one.z]
    flagged = sum(bool(one.off) for one in lines)
    tell(f"{clusters} clusters: somebody off the line in {flagged} of {len(lines)} studies")
    return lines, flagged


@pytest.mark.parametrize("clusters", [5, 10])
def test_nobody_is_off_the_line_on_few_clusters(clusters):
    """The distances stand, nobody is called by them, and the note says why."""
    lines, flagged = _flagged(5, clusters)

    assert flagged == 0
    for one in lines:
        assert f"about {clusters} clusters: too few to say who is off the line" in one.note
        assert len(one.z) == 20


@pytest.mark.parametrize(
    ("clusters", "count"),
    [(5, 40), (20, 40), *(pytest.param(m, 300, marks=LONG) for m in (5, 10, 20, 50))],
)
def test_flags_are_by_t(clusters, count, monkeypatch):
    """Even if few clusters were let through, equals would be called in about 5 % of studies at most."""
    monkeypatch.setattr(accuracy_line, "FEWEST", 2.0)
    lines, flagged = _flagged(count, clusters)

    assert flagged <= most(0.05, len(lines))


@pytest.mark.parametrize(("clusters", "count"), [(5, 40), *(pytest.param(m, 300, marks=LONG) for m in (5, 10))])  # fmt: skip
def test_the_normal_way_would_flag_by_luck(clusters, count, monkeypatch):
    """By the normal p somebody would be called off the line in far more than 5 % of studies."""
    monkeypatch.setattr(accuracy_line, "FEWEST", 2.0)
    monkeypatch.setattr(accuracy_line, "_two_sided", lambda z, _: 2 * ndtr(-np.abs(z)))
    lines, flagged = _flagged(count, clusters)

    assert flagged > most(0.05, len(lines))


def test_one_test_is_no_sure_group():
    """Of a test by itself nobody can say that it goes together with others."""
    rng = np.random.default_rng(1)
    skill = rng.normal(size=(3, 30))
    made = [
        evidence(name, rng.random((30, 2000)) < (0.8 + 0.05 * own)[:, None], prefix=name)
        for name, own in zip(("holdout", "a", "b"), skill, strict=True)
    ]
    got = gather(together(made, kept=made[0].variants), seed=1, resamples=20)

    assert {len(one.probes) for one in got.groups} == {1}
    assert {one.sure for one in got.groups} == {None}


def test_pairs_without_a_kappa_are_counted_in_a_note():
    """Of six pairs that in which both are right everywhere has no kappa, and the finding says so."""
    answers = (np.random.default_rng(2).random((4, 300)) < 0.2).astype(np.int32)
    answers[:2] = 0
    got = arbitrariness("x", answers, labels=np.zeros(300, dtype=np.int32))
    whole = arbitrariness("x", answers[1:], labels=np.zeros(300, dtype=np.int32))

    assert any("is of 5 of the 6 pairs" in note for note in got.notes)
    assert not any("pairs" in note for note in whole.notes)


def _alike(clusters, count):
    """Count studies whose intervals hold, of 30 variants and examples that share their difficulty."""
    world, held, said = World(-1.0, 0.4, each=40, wide=1.0), np.zeros(2), 0
    truths = world.ambiguity(2), world.consistency()
    for seed in range(count):
        answers, names = world.draw(np.random.default_rng((seed, clusters)), 30, 40 * clusters)
        got = arbitrariness("x", answers, labels=np.zeros(len(names), np.int32), clusters=names)
        apart, kappa = got.ends.disagreement, got.error_consistency
        said += kappa is not None and kappa.low is not None
        held[0] += apart.low <= truths[0] <= apart.high
        held[1] += kappa is None or kappa.low is None or kappa.low <= truths[1] <= kappa.high
    tell(f"{clusters} clusters: disagreement {100 * held[0] / count:.1f}, error consistency {100 * held[1] / count:.1f} %")  # fmt: skip
    return held, said


@pytest.mark.parametrize(
    ("clusters", "count"),
    [(5, 60), (30, 60), *(pytest.param(m, 400, marks=LONG) for m in (5, 10, 20, 30, 50))],
)
def test_arbitrariness_is_covered_on_few_clusters(clusters, count):
    """Quantiles count variants and clusters; of few clusters kappa has no ends."""
    held, said = _alike(clusters, count)

    assert held[0] >= fewest(0.93, count)
    assert held[1] >= fewest(0.92, count)
    assert said == (count if clusters >= 30 else 0)


@pytest.mark.parametrize(("clusters", "count"), [(5, 60), *(pytest.param(m, 400, marks=LONG) for m in (5, 10, 20))])  # fmt: skip
def test_kappa_of_few_clusters_would_be_missed(clusters, count, monkeypatch):
    """With ends from few clusters it would be outside in far more than 5 % of studies."""
    probe = sys.modules["underspec.measure.arbitrariness.probe"]
    monkeypatch.setattr(probe, "_LEAST_CLUSTERS", 2.0)
    held, said = _alike(clusters, count)

    assert said > 0.9 * count
    assert count - held[1] > most(0.05, count)


def test_no_kappa_has_ends_on_few_clusters():
    """The value stands, and a note says why it has no interval."""
    answers, names = World(-1.0, 0.4, each=40).draw(np.random.default_rng(1), 30, 400)
    got = arbitrariness("x", answers, labels=np.zeros(400, np.int32), clusters=names)

    assert got.error_consistency.value is not None
    assert got.error_consistency.high is None
    assert any("about 10 clusters" in note for note in got.notes)


@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize(
    ("clusters", "count"),
    [(10, 200), *(pytest.param(m, 2000, marks=LONG) for m in (5, 10, 20, 50))],
)
def test_shares_and_percentiles_are_covered_on_few_clusters(clusters, count, uneven):
    """Clusters of like examples, of one size or of very different ones."""
    rng, held = np.random.default_rng((clusters, uneven)), np.zeros(2)
    for _ in range(count):
        sizes = np.full(clusters, 20)
        if uneven:
            parts = 20 * clusters * rng.dirichlet(np.full(clusters, 0.7))
            sizes = np.maximum(1, parts.astype(int))
        at = np.repeat(np.arange(clusters), sizes)
        clustered = Clustered.of(at.astype(np.str_), len(at))
        part = share(rng.random(len(at)) < rng.beta(2, 2, clusters)[at], clustered)
        values = rng.normal(size=len(at)) + rng.normal(size=clusters)[at]
        top = quantile(values, clustered, 0.9)
        held += part.low <= 0.5 <= part.high, top.low <= 1.2815516 * np.sqrt(2) <= top.high
    tell(f"{clusters} clusters, {'uneven' if uneven else 'even'}: share {100 * held[0] / count:.1f}, percentile "
         f"{100 * held[1] / count:.1f} %")  # fmt: skip

    assert held[0] >= fewest(0.93, count)
    assert held[1] >= fewest(0.9 if uneven else 0.93, count)
