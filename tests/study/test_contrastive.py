"""Contrastive probes from a stress test to the report: pairs of examples, as they are and edited."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import underspec as us
from underspec import report
from underspec.core.records import Data, Probe
from underspec.core.store import Store
from underspec.core.streams import Stream, stream
from underspec.data import checksum
from underspec.stress.pairing import contrast
from underspec.study import read_dossier
from underspec.study.block import read_source
from underspec.study.blocks import find_done
from underspec.study.measuring import named_metrics, values
from underspec.study.probing import enumerate_probes
from underspec.study.results import answered_probes
from underspec.testing import check_stress


@dataclass(frozen=True)
class Blanked:
    """Sets one column to 0, as if it had not been measured."""

    column: int = 1
    kind: ClassVar[str] = "contrastive"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield one probe."""
        edited = np.array(data.inputs)
        edited[:, self.column] = 0.0
        yield contrast(data, edited, name=f"blanked_{self.column}", family="blanked")


@dataclass(frozen=True)
class Untouched:
    """Edits nothing."""

    kind: ClassVar[str] = "contrastive"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield one probe."""
        yield contrast(data, np.array(data.inputs), name="untouched", family="untouched")


def world(n=900, classes=2):
    """A synthetic problem: a signal, and a shortcut that is as good and hangs together with it."""
    draw = stream(5, "test").generator()
    labels = draw.integers(0, classes, n)
    signal = labels + draw.normal(scale=0.35, size=n)
    shortcut = labels + draw.normal(scale=0.35, size=n)
    return np.stack([signal, shortcut], axis=1).astype(np.float32), labels


def study(classes=2, **changes):
    inputs, labels = world(classes=classes)
    names = np.array(["no", "yes", "perhaps"])[labels]
    half = len(labels) // 2
    given = {
        "recipe": us.Recipe(
            trainer=us.train.get(
                "sklearn",
                estimator="decision_tree",
                parameters={"max_features": 1, "max_depth": 2},
            ),
            train=us.data.of(inputs[:half], names[:half], ids=[f"t{i}" for i in range(half)]),
            holdout=us.data.of(inputs[half:], names[half:], ids=[f"h{i}" for i in range(half)]),
        ),
        "near_equal": us.select.get("margin", epsilon=0.05),
        "stress": [Blanked(), Untouched()],
        "variants": 12,
        "vary": ("init", "sample"),
    }
    return us.Study(**{**given, **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One finished study: what was run, its findings and its folder."""
    one = study(choose=["minimax_regret", "ensemble", "medoid"])
    out = tmp_path_factory.mktemp("contrastive") / "out"
    return one, one.run(out, where="inline"), out


@pytest.mark.parametrize("member", [Blanked(), Untouched()])
def test_contrastive_tests_hold_to_their_contract(member):
    """The reference is the example as it is, the edit hangs on it alone."""
    inputs, labels = world(60)
    check_stress(member, us.data.of(inputs, labels))


def test_from_a_stress_test_to_the_report(made):
    """Shares of pairs answered alike are judged beside accuracy, and the report tells who flips what."""
    _, findings, out = made
    found = {probe.name: probe for probe in findings.probes}
    blanked, untouched, holdout = found["blanked_1"], found["untouched"], found["holdout"]

    assert blanked.n == holdout.n
    assert blanked.mean.value + blanked.drop.value == pytest.approx(1)
    assert blanked.drop.low == pytest.approx(1 - blanked.mean.high)
    flips = blanked.flips
    assert flips.up.value + flips.down.value == pytest.approx(blanked.drop.value)
    assert flips.down.value > flips.up.value
    assert blanked.spread_verdict == "yes"
    assert blanked.verdict in ("underspecified", "both")
    assert blanked.because.startswith("Near-equal models change their answer for ")
    assert blanked.ratio.value is None
    assert "holdout" in blanked.ratio.denominator
    assert (untouched.mean.value, untouched.gap.value, untouched.flips.variants) == (1, 0, 0)
    assert untouched.flips.jaccard.value is None
    assert {"blanked_1", "untouched"}.isdisjoint(one.probe for one in findings.holdout_ranks)
    assert {"blanked_1", "untouched"}.isdisjoint(one.probe for one in findings.accuracy_lines)
    assert any("blanked_1" in (one.a, one.b) for one in findings.relations)
    dossier = read_dossier(Store(str(out)))
    for form in ("text", "markdown", "html"):
        drawn = report.get(form)(dossier)
        assert "Flips" in drawn
        assert "alike" in drawn


def test_a_finished_study_finds_its_pairs_again(made):
    """The folder keeps pairs, and agreement by hand is what the study says."""
    one, findings, out = made
    assert one.run(out, where="inline") == findings
    store = Store(str(out))
    holdout = read_source(one.recipe.holdout)
    rows, notes = enumerate_probes(store, one.stress, holdout, checksum(holdout), one.seed)
    assert notes == []
    kept = list(findings.pool.kept)
    (answered,) = answered_probes(store, rows[1:2], find_done(store), kept)
    pairs, said = answered.examples.pairs, answered.predictions.answers
    half = len(holdout)
    assert pairs.side.tolist() == [0] * half + [1] * half
    assert pairs.pair.tolist() == holdout.ids.tolist() * 2
    alike = (said[:, :half] == said[:, half:]).mean(axis=1)
    every = np.ones(2 * half, dtype=np.bool_)
    (metric,) = named_metrics(["auc"]).values()
    np.testing.assert_allclose(values(metric, answered, every), alike)


def test_a_metric_that_is_no_share_does_not_judge_pairs(tmp_path):
    """Beside AUC the same is told, under its own name and without a verdict; nothing is chosen by it."""
    findings = study(metric=["auc", "accuracy"], near_equal=us.select.get("margin", epsilon=0.1)).run(
        tmp_path / "out", where="inline"
    )  # fmt: skip
    told = [probe for probe in findings.probes if probe.kind == "contrastive"]

    assert [(p.name, p.metric, p.verdict) for p in told] == [
        ("blanked_1", "agreement", "reported"),
        ("untouched", "agreement", "reported"),
    ]
    assert "auc" not in told[0].because.lower().partition("not judged")[0]
    assert told[0].flips.down.value > 0
    assert all(choice.transfer.value is None for choice in findings.choices)
    dossier = read_dossier(Store(str(tmp_path / "out")))
    assert "Also reported: agreement" in report.get("text")(dossier)


def test_of_more_classes_up_is_towards_the_label(tmp_path):
    """With three classes flips are told by right and wrong, and may be neither."""
    findings = study(classes=3, near_equal=us.select.get("margin", epsilon=0.3)).run(
        tmp_path / "out", where="inline"
    )
    flips = findings.probes[1].flips

    assert flips.up.value + flips.down.value <= findings.probes[1].drop.value
    assert flips.down.value > flips.up.value


def test_ensembles_answer_before_they_are_paired(made):
    """Scores of both sides are averaged, then compared: a mean of flips is not a flip of the mean."""
    from underspec.study.pooling import candidates
    from underspec.study.seen import Judged

    one, findings, out = made
    store = Store(str(out))
    holdout = read_source(one.recipe.holdout)
    rows, _ = enumerate_probes(store, one.stress, holdout, checksum(holdout), one.seed)
    asked = [f"v{at:03d}" for at in range(12)]
    seen = list(
        candidates(
            Judged(named_metrics(["accuracy"]), 0),
            answered_probes(store, rows, find_done(store), asked),
        )
    )
    blanked = seen[1]
    mean = blanked.scores.mean(axis=0, keepdims=True)
    merit, value = blanked.rescored(mean)
    half = len(holdout)
    said = mean[0].argmax(axis=1)

    assert value is None
    assert merit.shape == (1, half)
    np.testing.assert_array_equal(merit[0], said[:half] == said[half:])
    assert {choice.rule for choice in findings.choices} >= {"ensemble", "medoid"}


def test_gates_and_comparisons_read_pairs(made, tmp_path):
    """Gap and drop are held, ratio and mean are not meant for it; two studies are compared by agreement."""
    from underspec.core.errors import UsageError
    from underspec.study.compare import compare
    from underspec.study.gate import Thresholds, hold

    _, findings, out = made
    study(seed=1, choose=["medoid"]).run(tmp_path / "b", where="inline")
    held = hold(findings, Thresholds(max_gap=0.02, max_drop=0.05, max_ratio=3.0, min_mean=0.9))
    with pytest.raises(UsageError, match="All probes to hold are contrastive"):
        hold(findings, Thresholds(max_ratio=3.0))
    found = {one.name: one for one in compare(out, tmp_path / "b").probes}

    assert [(row.probe, row.quantity) for row in held.rows] == [
        (name, quantity) for name in ("blanked_1", "untouched") for quantity in ("gap", "drop")
    ]
    assert found["untouched"].difference.value == 0
    assert found["untouched"].mean == (1.0, 1.0)
    assert 0 < found["blanked_1"].mean[0] < 1


def test_numbers_are_read_by_their_difference(tmp_path):
    """A regression is judged beside the absolute error, without flips and in the target's units."""
    inputs, labels = world()
    targets = labels + inputs[:, 0].astype(float)
    half = len(targets) // 2
    recipe = us.Recipe(
        trainer=us.train.get(
            "sklearn",
            estimator="decision_tree_regressor",
            parameters={"max_features": 1, "max_depth": 3},
        ),
        train=us.data.of(inputs[:half], targets=targets[:half]),
        holdout=us.data.of(
            inputs[half:], targets=targets[half:], ids=[f"h{i}" for i in range(half)]
        ),
    )
    findings = study(
        recipe=recipe,
        task="regression",
        metric="abs_error",
        near_equal=us.select.get("margin", epsilon=0.2),
        max_drop=0.05,
    ).run(tmp_path / "out", where="inline")
    blanked, untouched = findings.probes[1:]

    assert blanked.flips is None
    assert blanked.drop.value == -blanked.mean.value > 0.05
    assert blanked.drop_verdict == "yes"
    assert untouched.drop.value == 0
    drawn = report.get("text")(read_dossier(Store(str(tmp_path / "out"))))
    assert "apart" in drawn
    assert "Flips" not in drawn


def test_edits_are_no_leak(tmp_path):
    """An edit that comes out as another example of the holdout, or one of training, is no copy of it."""
    inputs = np.array([[0.0, 1.0], [0.0, 2.0], [1.0, 1.0], [1.0, 2.0]] * 60, dtype=np.float32)
    inputs[:, 0] += np.repeat(np.arange(60), 4) * 2
    labels = np.arange(240) % 2
    one = study(
        recipe=us.Recipe(
            trainer=study().recipe.trainer,
            train=us.data.of(inputs * [1, 0], labels, ids=[f"t{i}" for i in range(240)]),
            holdout=us.data.of(inputs, labels, ids=[f"h{i}" for i in range(240)]),
        ),
        stress=[Blanked()],
        near_equal=us.select.get("margin", epsilon=0.5),
    )
    findings = one.run(tmp_path / "out", where="inline")

    assert not [note for note in findings.notes if "blanked" in note]
