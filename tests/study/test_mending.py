"""What must not go stale, get lost or mix: one case a test."""

import json
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

import underspec as us
from tests.study.conftest import snapshot
from tests.study.test_foreign import analyse, cases
from underspec.core.errors import StudyError, UsageError
from underspec.core.records import Probe
from underspec.core.store import Store
from underspec.core.streams import stream
from underspec.data.predictions import write
from underspec.study import load_study, read_dossier


def run(tiny, out, *sets, **options):
    return load_study(tiny, sets)[0].run(out, where="inline", **options)


def images(n=120, classes=2):
    """Small synthetic pictures, their labels and nothing to learn."""
    draw = stream(1, "images").generator()
    return us.data.of(draw.integers(0, 255, (n, 6, 6, 1), dtype=np.uint8), np.arange(n) % classes)


def study(**changes):
    given = {
        "recipe": us.Recipe(us.train.get("sklearn", estimator="decision_tree"), images(), images()),
        "near_equal": us.select.get("margin", epsilon=0.9),
        "variants": 4,
        "vary": ("sample",),
    }
    return us.Study(**{**given, **changes})


@dataclass(frozen=True)
class Fickle:
    """A reader that gives other examples every time."""

    notice: ClassVar[None] = None
    calls: ClassVar[list[int]] = []

    def __call__(self):
        """Read in another order."""
        self.calls.append(1)
        data = images()
        return data.take(np.random.default_rng(len(self.calls)).permutation(len(data)))


@pytest.mark.parametrize("part", ["train", "holdout"])
def test_a_reader_that_changes_its_mind_is_found(tmp_path, part):
    """Scores of one reading never meet the labels of another."""
    source = {"train": images(), "holdout": images(), part: Fickle()}
    recipe = us.Recipe(us.train.get("sklearn", estimator="decision_tree"), **source)
    with pytest.raises(StudyError, match="came out differently here"):
        study(recipe=recipe).run(tmp_path / "out", where="inline")


def test_report_never_lags_behind_the_findings(tiny, tmp_path):
    """Findings made without a report are not taken for a finished study."""
    out = tmp_path / "out"
    run(tiny, out)
    run(tiny, out, "near_equal.margin.epsilon=0.001", until="measure")
    run(tiny, out, "near_equal.margin.epsilon=0.001")
    run(tiny, tmp_path / "fresh", "near_equal.margin.epsilon=0.001")

    assert (out / "findings.json").read_bytes() == (tmp_path / "fresh/findings.json").read_bytes()
    drawn = us.report.get("html")(read_dossier(Store(out)))
    assert (out / "report.html").read_text() == drawn


def test_parameters_of_the_metric_are_part_of_the_question(tiny, tmp_path):
    """Another floor of the log loss gives other findings, not the old ones."""
    sets = ["near_equal.margin.epsilon=2.2", "verdict.max_drop=1"]
    first = run(tiny, tmp_path / "out", "metric={log_loss: {floor: 1.0e-7}}", *sets)
    second = run(tiny, tmp_path / "out", "metric={log_loss: {floor: 0.1}}", *sets)

    assert second.probes[0].mean.value < first.probes[0].mean.value


@dataclass(frozen=True)
class Poison:
    """A stress test that blackens the pictures."""

    kind: ClassVar[str] = "shifted"

    def __call__(self, data, key):
        """Yield the one probe."""
        yield Probe("poison", "shifted", "poison", data.with_inputs(np.zeros_like(data.inputs)))


def test_variant_broken_on_one_probe_comes_back_with_its_removal(tmp_path, monkeypatch):
    """Scores that are not finite on a probe fail the variant while that probe is asked for."""
    from underspec.train.sklearn.fitted import SklearnFitted

    real = SklearnFitted.predict

    def predict(self, inputs):
        scores = real(self, inputs)
        if not np.asarray(inputs).any() and self.variants == ("v001",):
            scores[:] = np.nan
        return scores

    monkeypatch.setattr(SklearnFitted, "predict", predict)
    out = tmp_path / "out"
    calm = study().run(out, where="inline")
    bad = study(stress=[Poison()]).run(out, where="inline")
    again = study().run(out, where="inline")

    assert bad.study.variants.failed == 1
    assert "v001" not in bad.pool.kept + tuple(bad.pool.dropped)
    assert again == calm


def test_small_clustered_group_is_left_out_not_fatal(tmp_path):
    """A group of one patient, all of whom decides, costs the group and not the study."""
    holdout = images(200)
    site = np.where(np.arange(200) < 12, "tiny", "large")
    clusters = np.where(site == "tiny", "patient", holdout.ids)
    grouped = us.data.of(holdout.inputs, holdout.labels, clusters=clusters, groups={"site": site})
    recipe = us.Recipe(us.train.get("sklearn", estimator="decision_tree"), images(), grouped)
    noted = []
    for seed in range(6):
        found = study(
            recipe=recipe, seed=seed, stress=[us.stress.get("by_group", column="site")]
        ).run(tmp_path / str(seed), where="inline")
        assert "site-large" in {p.name for p in found.probes}
        assert all(p.n >= 10 for p in found.probes)
        noted.append(any("tiny is left out" in note for note in found.notes))
    assert any(noted)
    assert not all(noted)


@pytest.mark.parametrize(
    "victim",
    [
        "probes/*.parquet",
        "probes/*.json",
        "findings.json",
        "environment.json",
        "scores.parquet",
        "variants.parquet",
    ],
)
def test_verify_mends_every_kind_of_file(tiny, tmp_path, victim):
    """A truncated file of any kind is found or made again by --verify, to the same findings."""
    out = tmp_path / "out"
    run(tiny, out)
    intact = (out / "findings.json").read_bytes()
    for file in out.glob(victim):
        file.write_bytes(file.read_bytes()[:20])

    run(tiny, out, verify=True)

    assert (out / "findings.json").read_bytes() == intact
    assert "contrast" in us.report.get("text")(read_dossier(Store(out)))


def test_stress_test_that_does_not_fit_costs_nothing(tiny, tmp_path):
    """A misspelt column is an error; the finished study stays as it was."""
    out = tmp_path / "out"
    run(tiny, out)
    before = {k: v for k, v in snapshot(out, "").items() if "events" not in k}

    with pytest.raises(UsageError, match="nix"):
        run(tiny, out, "stress=[{by_group: {column: nix}}]")

    assert {k: v for k, v in snapshot(out, "").items() if "events" not in k} == before


def test_folder_without_variants_may_become_another_study(tiny, tmp_path):
    """A recipe that never trained does not hold its folder."""
    out = tmp_path / "out"
    with pytest.raises(UsageError):
        run(tiny, out, "vary.sources=[{init: [1, 2]}]")

    assert run(tiny, out) is not None


def test_failed_analysis_may_be_tried_again(tmp_path):
    """A metric that the files are too poor for leaves the folder free."""
    write(tmp_path / "a.csv", cases())
    with pytest.raises(UsageError):
        analyse(tmp_path / "a.csv", tmp_path / "out", metric="log_loss", max_drop=0.1)
    write(tmp_path / "a.csv", cases(k=13))

    assert analyse(tmp_path / "a.csv", tmp_path / "out").study.variants.trained == 13


def test_metric_that_needs_more_than_is_kept_is_refused_before_training(tmp_path):
    """Over 20 classes not all scores are kept, so Brier cannot be had; nothing is trained."""
    many = images(600, 30)
    recipe = us.Recipe(us.train.get("sklearn", estimator="decision_tree"), many, many)
    with pytest.raises(UsageError, match="needs the scores of all 30 classes"):
        study(recipe=recipe, metric="brier", max_drop=0.1).run(tmp_path / "out", where="inline")
    assert not (tmp_path / "out/blocks").exists()

    assert study(recipe=recipe).run(tmp_path / "out", where="inline").study.variants.trained == 4
    losses = study(
        recipe=recipe,
        metric="log_loss",
        max_drop=0.1,
        near_equal=us.select.get("margin", epsilon=9),
    )
    assert losses.run(tmp_path / "out", where="inline").probes[0].mean.value > 0


def test_foreign_names_that_clash_or_look_like_severities(tmp_path):
    """Another probe called holdout is not the holdout, and a group called 3 is no severity."""
    foreign = cases(holdout="test", shifted="holdout")
    write(tmp_path / "a.parquet", foreign)
    found = analyse(tmp_path / "a.parquet", tmp_path / "out", holdout="test")

    names = [p.name for p in found.probes]
    assert len(set(names)) == len(names)
    assert names[0] == "holdout"
    assert all(p.severity is None for p in found.probes if p.kind == "stratified")


def test_blocks_of_two_versions_are_noted(tiny, tmp_path):
    """Variants trained with another version of a library are analysed, and the findings say so."""
    out = tmp_path / "out"
    run(tiny, out, "variants=10")
    done = out / "blocks/b0000/done.json"
    record = json.loads(done.read_text())
    record["packages"]["scikit-learn"] = "0.1"
    done.write_text(json.dumps(record))

    found = run(tiny, out, "variants=11")

    assert "Variants were trained with different versions of scikit-learn." in found.notes
