"""Foreign predictions: the same findings as a study's own, without training."""

import numpy as np
import pytest

import underspec as us
from underspec import select
from underspec.core.errors import StudyError, UsageError
from underspec.core.records import Predictions, Variant
from underspec.core.store import Store
from underspec.core.streams import stream
from underspec.data.predictions import Foreign, ForeignProbe, write
from underspec.study import analyse_files, load_study, read_dossier
from underspec.study.blocks import find_done
from underspec.study.probing import enumerate_probes
from underspec.study.results import answered_probes


def exported(study, out, path):
    """Write a study's predictions in the exchange format."""
    store = Store(out)
    holdout = study.recipe.holdout()
    from underspec.data import checksum

    rows, _ = enumerate_probes(store, study.stress, holdout, checksum(holdout), study.seed)
    asked = [v.id for v in study.assignment(study.variants, study.seed)]
    probes = []
    for answered in answered_probes(store, rows, find_done(store), asked):
        order = np.argsort(answered.examples.ids)
        probes.append(
            ForeignProbe(
                name=answered.row.name,
                title=answered.row.name,
                predictions=answered.predictions.only(order),
                ids=answered.examples.ids[order],
                clusters=answered.examples.clusters[order],
            )
        )
    write(path, Foreign(tuple(probes), tuple(Variant(v, {}) for v in asked), holdout.classes))


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_predictions_of_a_study_give_its_findings(tiny, tmp_path, suffix):
    """What a study finds, analyse finds from the study's predictions alone."""
    study, _ = load_study(tiny, ["stress=[{contrast: {severities: [2, 4]}}]"])
    own = study.run(tmp_path / "own", where="inline")
    exported(study, tmp_path / "own", tmp_path / f"all.{suffix}")

    found = analyse_files(
        [tmp_path / f"all.{suffix}"],
        str(tmp_path / "found"),
        holdout="holdout",
        near_equal=select.get("margin", epsilon=0.05),
        seed=study.seed,
    )

    assert found.pool == own.pool
    for a, b in zip(found.probes, own.probes, strict=True):
        assert (a.name, a.n, a.verdict) == (b.name, b.n, b.verdict)
        assert a.mean.value == pytest.approx(b.mean.value, abs=1e-12)
        assert a.spread == b.spread
        assert a.gap == b.gap
        assert a.ratio == b.ratio
    assert found.relations == own.relations
    assert read_dossier(Store(tmp_path / "found")).findings.probes == found.probes
    assert (tmp_path / "found/report.html").exists()


def cases(k=12, n=400, holdout="holdout", shifted="../x <script>"):
    """A foreign table of synthetic binary answers: a holdout and one shifted probe with groups."""
    draw = stream(0, "test").generator()
    ids = np.array([f"e{i:03d}" for i in range(n)])
    labels = (np.arange(n) % 2).astype(np.int32)
    probes = []
    for title, rate in ((holdout, 0.1), (shifted, 0.3)):
        wrong = draw.random((k, n)) < rate
        answers = np.where(wrong, 1 - labels, labels).astype(np.int32)
        group = np.where(np.arange(n) < 5, "tiny", np.where(np.arange(n) % 3 == 0, "<b>", "north"))
        probes.append(
            ForeignProbe(
                "p",
                title,
                Predictions(tuple(f"m{v}" for v in range(k)), labels, answers),
                ids,
                ids,
                group,
            )
        )
    return Foreign(tuple(probes), tuple(Variant(f"m{v}", {}) for v in range(k)), ("0", "1"))


def analyse(path, out, **options):
    given = {"holdout": "holdout", "near_equal": select.get("margin", epsilon=0.05), **options}
    return analyse_files([path], str(out), **given)


def test_answers_groups_and_hostile_names(tmp_path):
    """Classes suffice; groups become strata, small ones do not; no name reaches a path or a tag."""
    write(tmp_path / "a.parquet", cases())
    found = analyse(tmp_path / "a.parquet", tmp_path / "out")

    titles = [p.title for p in found.probes]
    assert "../x <script>" in titles
    assert "holdout, group = <b>" in titles
    assert not any("tiny" in t for t in titles)
    page = (tmp_path / "out/report.html").read_text()
    assert "../x <script>" not in page
    assert "../x &lt;script&gt;" in page
    assert "group = <b>" not in page
    inside = {p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("*")}
    assert inside == {"a.parquet", "out"}


def test_a_metric_that_needs_scores_refuses_answers(tmp_path):
    """Log loss from classes alone cannot be had, and says so."""
    write(tmp_path / "a.csv", cases())
    with pytest.raises(
        UsageError, match="needs label_score, but these predictions hold answers only"
    ):
        analyse(tmp_path / "a.csv", tmp_path / "out", metric="log_loss", max_drop=0.1)


def test_folder_of_other_files_is_refused(tmp_path):
    """The analysis of the same files may be written anew; that of others may not."""
    write(tmp_path / "a.csv", cases())
    write(tmp_path / "b.csv", cases(k=13))
    first = analyse(tmp_path / "a.csv", tmp_path / "out")

    assert analyse(tmp_path / "a.csv", tmp_path / "out") == first
    with pytest.raises(StudyError, match="analysis of other files"):
        analyse(tmp_path / "b.csv", tmp_path / "out")


def test_few_variants_are_undecided_not_wrong(tmp_path):
    """With three variants nothing is called; the pool says what would be needed."""
    write(tmp_path / "a.csv", cases(k=3))
    found = analyse(tmp_path / "a.csv", tmp_path / "out")

    assert all(p.spread_verdict == "unknown" for p in found.probes[1:])
    assert "needs 10" in found.pool.note


def exchange(foreign):
    """Return foreign answers as rows of the exchange format, most of them in a mixed order."""
    rows = [
        {
            "probe": probe.title,
            "variant": variant,
            "example": str(example),
            "label": int(probe.predictions.labels[i]),
            "prediction": int(probe.predictions.answers[v, i]),
        }
        for probe in foreign.probes
        for i, example in enumerate(probe.ids)
        for v, variant in enumerate(probe.predictions.variants)
    ]
    order = stream(0, "test", "rows").generator().permutation(len(rows))
    return [rows[at] for at in order]


def test_a_frame_a_pattern_and_a_file_give_the_same_findings(tmp_path):
    """The same predictions in any form give the same findings, through one function."""
    pandas = pytest.importorskip("pandas")
    foreign = cases(shifted="fog-3")
    pandas.DataFrame(exchange(foreign)).to_csv(tmp_path / "a.csv", index=False)
    pandas.DataFrame(
        {"probe": probe.title, "example": example, "label": label}
        for probe in foreign.probes
        for example, label in zip(probe.ids, probe.predictions.labels, strict=True)
    ).to_parquet(tmp_path / "labels.parquet")
    for probe in foreign.probes:
        (tmp_path / "preds" / probe.title).mkdir(parents=True)
        for v, variant in enumerate(probe.predictions.variants):
            np.save(tmp_path / f"preds/{probe.title}/{variant}.npy", probe.predictions.answers[v])
    options = {"holdout": "holdout", "epsilon": 0.05}
    frame = us.analyse(pandas.DataFrame(exchange(foreign)), out=tmp_path / "1", **options)
    file = us.analyse(tmp_path / "a.csv", out=tmp_path / "2", **options)
    pattern = us.analyse(
        str(tmp_path / "preds/{probe}/{variant}.npy"),
        out=tmp_path / "3",
        labels=tmp_path / "labels.parquet",
        **options,
    )

    assert frame == file
    assert pattern == file
    again = us.analyse(pandas.DataFrame(exchange(foreign)[::-1]), out=tmp_path / "1", **options)
    assert again == frame
    with pytest.raises(StudyError, match="analysis of other files"):
        us.analyse(pandas.DataFrame(exchange(cases(k=13))), out=tmp_path / "1", **options)
    assert "a data frame" in (tmp_path / "1/study.yaml").read_text()
    assert str(tmp_path) not in (tmp_path / "3/study.yaml").read_text()


def test_scores_of_many_classes_are_judged_by_what_is_kept(tmp_path, monkeypatch):
    """Above 20 classes the answer and the label's score are enough, and as good as all scores."""
    from underspec.study import foreign

    draw = stream(0, "test", "many").generator()
    k, n, c = 10, 60, 25
    np.save(tmp_path / "labels.npy", np.arange(n) % c)
    for probe in ("home", "field"):
        for v in range(k):
            np.save(tmp_path / f"{probe}_m{v}.npy", draw.dirichlet(np.ones(c), n))
    options = {
        "labels": tmp_path / "labels.npy",
        "holdout": "home",
        "epsilon": 10,
        "metric": "log_loss",
        "max_drop": 1,
    }
    few = us.analyse(str(tmp_path / "{probe}_m{variant}.npy"), out=tmp_path / "few", **options)
    monkeypatch.setattr(foreign, "WHOLE_SCORES", 100)
    full = us.analyse(str(tmp_path / "{probe}_m{variant}.npy"), out=tmp_path / "full", **options)

    assert few.study.variants.kept == k
    assert few == full
    np.save(tmp_path / "field_m0.npy", draw.dirichlet(np.ones(c), n))
    with pytest.raises(StudyError, match="analysis of other files"):
        us.analyse(str(tmp_path / "{probe}_m{variant}.npy"), out=tmp_path / "full", **options)


def test_predictions_that_go_to_disk_give_the_same_findings(tmp_path, monkeypatch):
    """How much is held in memory changes nothing."""
    from underspec.data.predictions import spill

    write(tmp_path / "a.parquet", cases())
    held = analyse(tmp_path / "a.parquet", tmp_path / "held")
    monkeypatch.setattr(spill, "_IN_MEMORY", 1000)
    assert analyse(tmp_path / "a.parquet", tmp_path / "stored") == held
