"""The study folder: what is in it, and what is computed again when the study changes."""

import json
import secrets

import pytest

from tests.study.conftest import snapshot
from underspec.core.errors import StudyError, UsageError
from underspec.core.store import Store
from underspec.study import load_study


def run(tiny, out, *sets, **options):
    study, _ = load_study(tiny, sets)
    return study.run(out, where="inline", **options)


def test_folder_holds_what_the_design_names(tiny, tmp_path):
    """A finished study leaves the files that other tools read."""
    out = tmp_path / "out"

    run(tiny, out)

    names = {p.name for p in out.iterdir()}
    assert names >= {
        "study.yaml",
        "environment.json",
        "variants.parquet",
        "scores.parquet",
        "probes",
        "blocks",
        "findings.json",
        "report.html",
        "events",
    }
    assert not (out / "driver.json").exists()


def test_findings_tell_no_time_path_or_host(tiny, tmp_path):
    """The same study in two folders gives the same bytes."""
    run(tiny, tmp_path / "one")
    run(tiny, tmp_path / "two")

    one = (tmp_path / "one/findings.json").read_bytes()
    assert one == (tmp_path / "two/findings.json").read_bytes()
    assert str(tmp_path).encode() not in one


def test_finished_study_is_a_no_op(tiny, tmp_path):
    """Running a finished study again writes nothing but an event."""
    out = tmp_path / "out"
    first = run(tiny, out)
    before = snapshot(out), (out / "findings.json").stat().st_mtime_ns

    second = run(tiny, out)

    assert (snapshot(out), (out / "findings.json").stat().st_mtime_ns) == before
    assert second == first


def test_epsilon_moves_without_training_or_predicting(tiny, tmp_path):
    """Another epsilon recomputes findings only."""
    out = tmp_path / "out"
    wide = run(tiny, out)
    before = snapshot(out)

    narrow = run(tiny, out, "near_equal.margin.epsilon=0.005")

    assert snapshot(out) == before
    assert len(narrow.pool.kept) < len(wide.pool.kept)


def test_added_stress_test_is_predicted_with_the_stored_models(tiny, tmp_path):
    """A new stress test adds its own files; models and other predictions stay untouched."""
    out = tmp_path / "out"
    run(tiny, out)
    before = snapshot(out)

    more = run(
        tiny,
        out,
        "stress=[{contrast: {severities: [2, 4]}}, {rotate: {angles: [20]}}, brightness]",
    )

    after = snapshot(out)
    changed = {n for n in before if after[n] != before[n]}
    assert all(n.endswith("done.json") for n in changed)
    assert len({n for n in after if n not in before}) == 5 * 12
    assert "brightness-gen-5" in {p.name for p in more.probes}


def test_removed_stress_test_leaves_findings_but_not_the_disk(tiny, tmp_path):
    """A removed stress test is not reported; its predictions stay, and it comes back for free."""
    out = tmp_path / "out"
    whole = run(tiny, out)
    before = snapshot(out)

    less = run(tiny, out, "stress=[{rotate: {angles: [20]}}]")
    again = run(tiny, out)

    assert "contrast-gen-2" not in {p.name for p in less.probes}
    assert snapshot(out) == before
    assert again == whole


def test_more_severities_predict_only_the_new_ones(tiny, tmp_path):
    """A probe that stays the same is not predicted again when its stress test gets others."""
    out = tmp_path / "out"
    run(tiny, out)
    before = snapshot(out)

    run(tiny, out, "stress=[{contrast: {severities: [2, 3, 4]}}, {rotate: {angles: [20]}}]")

    assert len({n for n in snapshot(out) if n not in before}) == 1 * 12


def test_variants_up_train_only_new_ones_and_down_equal_a_smaller_study(tiny, tmp_path):
    """The first N variants are the same whatever N is."""
    out = tmp_path / "out"
    run(tiny, out, "variants=10")
    before = snapshot(out)

    run(tiny, out, "variants=14")
    after = snapshot(out)
    fewer = run(tiny, out, "variants=10")

    assert {n: after[n] for n in before} == before
    assert fewer == run(tiny, tmp_path / "small", "variants=10")
    assert (out / "findings.json").read_bytes() == (tmp_path / "small/findings.json").read_bytes()


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ("seed=4", "seed"),
        ("trainer.sklearn.parameters.max_depth=3", "trainer"),
        ("vary.sources=[init]", "sources"),
        ("train={sklearn_digits: {part: holdout}}", "training set"),
    ],
)
def test_another_recipe_in_the_folder_is_refused_by_name(tiny, tmp_path, setting, word):
    """What decides the training may not change; the message says what did."""
    out = tmp_path / "out"
    run(tiny, out, until="train")
    before = snapshot(out, "")

    with pytest.raises(StudyError, match=f"another {word}"):
        run(tiny, out, setting)

    assert {k: v for k, v in snapshot(out, "").items() if "events" not in k} == {
        k: v for k, v in before.items() if "events" not in k
    }


def test_changed_code_is_refused_until_accepted(tiny, tmp_path):
    """A study whose trainer's source changed says so, and goes on only when told to."""
    out = tmp_path / "out"
    run(tiny, out, until="train")
    text = (out / "study.yaml").read_text()
    start = text.index("code: ") + 6
    (out / "study.yaml").write_text(text[:start] + "0" * 16 + text[start + 16 :])

    with pytest.raises(StudyError, match="code has changed"):
        run(tiny, out)

    assert run(tiny, out, accept_code_change=True) is not None


def test_damaged_prediction_file_is_named_and_verify_mends_it(tiny, tmp_path):
    """A truncated file stops the analysis with its name; --verify computes it again."""
    out = tmp_path / "out"
    run(tiny, out)
    intact = (out / "findings.json").read_bytes()
    victim = next((out / "blocks/b0003").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-50])

    with pytest.raises(StudyError, match=f"blocks/b0003/{victim.name} is damaged.*--verify"):
        run(tiny, out, "near_equal.margin.epsilon=0.04")
    run(tiny, out, verify=True)

    assert (out / "findings.json").read_bytes() == intact


def test_damaged_study_file_is_refused(tiny, tmp_path):
    """Without a readable study.yaml nobody knows which study a folder holds."""
    out = tmp_path / "out"
    run(tiny, out, until="train")
    (out / "study.yaml").write_text("{")

    with pytest.raises(StudyError, match=r"study\.yaml .* is damaged"):
        run(tiny, out)


def test_folder_with_other_things_is_left_alone(tiny, tmp_path):
    """A folder that is no study is never written to."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.tex").write_text("precious")

    with pytest.raises(UsageError, match="not empty and holds no study"):
        run(tiny, out)

    assert [p.name for p in out.iterdir()] == ["thesis.tex"]


def test_discarded_models_are_trained_again_for_a_new_probe(tiny, tmp_path):
    """models: discard keeps no model; a new stress test retrains from the same seeds and says so."""
    out = tmp_path / "out"
    said = []
    run(tiny, out, "models=discard")
    assert not list((out / "blocks").glob("*/models/*"))

    stress = "stress=[{contrast: {severities: [2, 4]}}, {rotate: {angles: [20]}}, {brightness: {severities: [3]}}]"
    retrained = run(tiny, out, "models=discard", stress, listeners=[said.append])

    assert any("trained again" in e.get("message", "") for e in said)
    assert retrained.probes == run(tiny, tmp_path / "kept", stress).probes


def test_failed_variant_is_reported_with_its_reason(tiny, tmp_path):
    """A variant that cannot be trained is counted and named; the others are analysed."""
    out = tmp_path / "out"
    findings = run(tiny, out, "vary.sources=[init, {max_depth: [4, 6, -7]}]")

    assert findings.study.variants.failed == 4
    assert findings.study.variants.trained == 8
    row = next(
        r
        for d in (out / "blocks").glob("*/done.json")
        for r in json.loads(d.read_text())["variants"].values()
        if r["status"] == "failed"
    )
    assert "max_depth" in row["error"]


def test_folder_on_a_url_gives_the_same_bytes(tiny, tmp_path):
    """A study folder may be any fsspec URL: here fsspec's memory."""
    run(tiny, tmp_path / "disk")
    url = f"memory://{secrets.token_hex(4)}/study"
    run(tiny, url)
    run(tiny, url, "stress=[{contrast: {severities: [2, 4]}}]")
    run(tiny, url)

    assert Store(url).read("findings.json") == (tmp_path / "disk/findings.json").read_bytes()
    assert Store(url).exists("report.html")


def test_pictures_of_bundled_images_are_shown_unless_switched_off(tiny, tmp_path):
    """exhibits: auto shows what ships with the package; off (which YAML reads as false) shows nothing."""
    run(tiny, tmp_path / "bundled")
    run(tiny, tmp_path / "off", "exhibits=off")
    assert list((tmp_path / "bundled/exhibits").glob("*.png"))
    assert not (tmp_path / "off/exhibits").exists()


def test_a_users_images_are_shown_when_asked(tmp_path):
    """exhibits: true shows a user's images; auto does not."""
    import underspec as us

    data = us.data.get("sklearn_digits", part="holdout")()
    for exhibits in ("auto", True):
        us.Study(
            recipe=us.Recipe(us.train.get("sklearn", estimator="decision_tree"), data, data),
            near_equal=us.select.get("margin", epsilon=0.5),
            stress=[us.stress.get("contrast", severities=(4,))],
            variants=4,
            vary=("sample",),
            exhibits=exhibits,
        ).run(tmp_path / str(exhibits), where="inline")

    assert not (tmp_path / "auto/exhibits").exists()
    assert 0 < len(list((tmp_path / "True/exhibits").glob("*.png"))) <= 60


@pytest.mark.parametrize(
    ("notices", "said"),
    [
        ((), None),
        (("MIT, © somebody.",), None),
        (
            ("MIT.", "Synthetic: drawn by hand.", "Synthetic: and by foot."),
            "Drawn by hand; And by foot",
        ),
    ],
)
def test_synthetic_data_is_told_by_its_notice(notices, said):
    """A notice that begins so puts the word over every report; others do not."""
    from underspec.study.results import _synthetic

    assert _synthetic(notices) == said
