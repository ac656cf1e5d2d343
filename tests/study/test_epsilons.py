"""Pools at other epsilons, and the curve of a whole study."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from tests.worlds.rates import most
from underspec import select
from underspec.core.errors import UsageError
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.core.store import Store
from underspec.core.streams import deciding, stream
from underspec.measure import EpsilonSweep, Scale
from underspec.report import get
from underspec.select._protocol import Evidence, Selection
from underspec.study import load_study, read_dossier
from underspec.study.epsilons import pools
from underspec.testing.worlds import Boundary, Crowd


def _evidence(k=30, n=2000, spread=0.01, proportion=True):
    rng = np.random.default_rng(4)
    level = 0.9 + spread * rng.normal(size=(k, 1))
    values = (rng.random((k, n)) < level).astype(float)
    return Evidence(
        tuple(f"v{v:03d}" for v in range(k)),
        values,
        np.array([f"i{i}" for i in range(n)]),
        proportion=proportion,
    )


@pytest.mark.parametrize("around", ["median", "best"])
def test_epsilons_go_from_two_kept_to_all(around):
    """They rise, keep ever more, hold the study's own, and are what the rule itself keeps."""
    rule = select.get("margin", epsilon=0.01, around=around)
    evidence = _evidence()
    found = pools(rule, evidence, rule(evidence))
    epsilons = [epsilon for epsilon, _ in found]
    counts = [len(kept) for _, kept in found]

    assert epsilons == sorted(set(epsilons))
    assert 12 <= len(epsilons) <= 15
    assert 0.01 in epsilons
    assert counts == sorted(counts)
    assert 2 <= counts[0] <= 5
    assert counts[-1] == 30
    assert counts[-2] < 30
    for epsilon, kept in found:
        assert kept == select.get("margin", epsilon=epsilon, around=around)(evidence).kept


@pytest.mark.parametrize("own", [1e-4, 0.5])
def test_an_epsilon_outside_is_reached(own):
    """An own epsilon below or beyond the pools that move is an end of the curve."""
    rule = select.get("margin", epsilon=own)
    evidence = _evidence()
    epsilons = [epsilon for epsilon, _ in pools(rule, evidence, rule(evidence))]

    assert own == (epsilons[0] if own < 0.01 else epsilons[-1])
    assert epsilons[0] < 0.005 < 0.02 < epsilons[-1] < 1


def test_equivalence_has_a_curve():
    """Any rule that is a dataclass with an epsilon has one."""
    rule = select.get("equivalence", epsilon=0.02)
    evidence = _evidence(n=4000)
    found = pools(rule, evidence, rule(evidence))

    assert len(found[0][1]) < len(found[-1][1]) == 30


def test_equal_variants_take_one_epsilon():
    """Where several variants lie right in the middle, only one epsilon keeps just these."""
    levels = np.repeat([90, 91, 92, 94, 97, 88, 86, 83], [6, 2, 2, 2, 2, 2, 2, 2])
    values = (np.arange(100) < levels[:, None]).astype(float)
    names = np.array([f"i{i}" for i in range(100)])
    evidence = Evidence(tuple(f"v{v:03d}" for v in range(20)), values, names)
    rule = select.get("margin", epsilon=0.02)
    counts = [len(kept) for _, kept in pools(rule, evidence, rule(evidence))]

    assert counts.count(6) == 1
    assert counts[-1] == 20


class _Fixed:
    epsilon = 0.01

    def __call__(self, evidence):
        return Selection(tuple(evidence.variants), {})


def test_rules_that_epsilon_does_not_move_have_none():
    """`top`, a rule without such a parameter, and variants that are all equal."""
    evidence = _evidence()
    equal = Evidence(evidence.variants, np.ones((30, 50)), np.array([f"i{i}" for i in range(50)]))
    margin = select.get("margin", epsilon=0.01)

    for rule, seen in (
        (select.get("top", epsilon=0.01, n=12), evidence),
        (_Fixed(), evidence),
        (margin, equal),
    ):
        assert pools(rule, seen, rule(seen)) == ()


def test_a_rule_that_refuses_other_epsilons_has_none(monkeypatch):
    """A rule may know but one epsilon; the study goes on without a curve."""
    rule = select.get("margin", epsilon=0.01)
    evidence = _evidence()
    selection = rule(evidence)

    def refuse(*_):
        raise UsageError("only mine")

    monkeypatch.setattr(type(rule), "__call__", refuse)

    assert pools(rule, evidence, selection) == ()


def test_losses_have_no_end_at_one():
    """For a metric that is no proportion epsilon may pass 1."""
    evidence = _evidence(proportion=False)
    large = Evidence(
        evidence.variants, 300 * evidence.contributions, evidence.clusters, proportion=False
    )
    rule = select.get("margin", epsilon=3.0)
    found = pools(rule, large, rule(large))

    assert found[-1][0] > 1
    assert len(found[-1][1]) == 30


def test_curve_of_a_study(tiny, tmp_path):
    """At its own epsilon the curve says what the study says; it is stored and drawn."""
    study, _ = load_study(tiny)
    found = study.run(tmp_path / "out", where="inline")
    curve = found.epsilon_curve
    own = next(point for point in curve.points if point.epsilon == found.study.epsilon)
    stressed = [probe for probe in found.probes if probe.kind != "holdout"]

    assert curve.own == found.study.epsilon
    assert own.kept == found.study.variants.kept
    assert own.verdicts == Counter(probe.verdict for probe in stressed)
    assert own.worst_gap.value == max(probe.gap.value for probe in stressed)
    assert [one.probe for one in curve.probes] == [probe.name for probe in stressed]
    assert findings_from_json(findings_json(found)).epsilon_curve is not None
    assert 'id="epsilon"' in get("html")(read_dossier(Store(str(tmp_path / "out"))))


@pytest.mark.slow
def test_choosing_by_the_curve_errs_more(capsys):
    """Where no call is right, the study's own epsilon errs as promised; the worst of all errs more."""
    world = Boundary("ratio", probes=8, crowd=Crowd(images=1000, difficulty=4))
    rule = select.get("margin", epsilon=world.epsilon)
    number, own, some = 120, 0, 0
    for at in range(number):
        key = stream(at, "epsilons")
        drawn = world.draw(key)
        decide = deciding(key.seed(), drawn.holdout.clusters)
        evidence = Evidence(
            drawn.holdout.variants,
            drawn.holdout.contributions[:, decide],
            drawn.holdout.clusters[decide],
        )
        holdout = _only(drawn.holdout, ~decide)
        kept = pools(rule, evidence, rule(evidence))
        sweep = EpsilonSweep(holdout, kept, own=world.epsilon, metric=Scale(), max_drop=0.05)
        for probe in drawn.probes:
            same = np.array_equal(probe.clusters, drawn.holdout.clusters)
            sweep.take(_only(probe, ~decide) if same else probe)
        called = {
            point.epsilon: any(point.verdicts.get(word) for word in ("both", "underspecified"))
            for point in sweep.finding().points
        }
        own += called[world.epsilon]
        some += any(called.values())
    with capsys.disabled():
        print(
            f"\nstudies in which no call is right, {number}: {100 * own / number:.1f} % call something at their "
            f"own epsilon, {100 * some / number:.1f} % at some epsilon of the curve"
        )

    assert own <= most(0.05, number)
    assert some > own


def _only(evidence, rows):
    return replace(
        evidence, contributions=evidence.contributions[:, rows], clusters=evidence.clusters[rows]
    )
