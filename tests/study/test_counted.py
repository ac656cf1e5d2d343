"""Examples that were counted off by design: kept with every probe, and noise is that within."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from typer.testing import CliRunner

import underspec as us
from tests.study.test_weights import NAMES, kept, study
from underspec import data, metrics, stress
from underspec.cli import app
from underspec.core.errors import UsageError
from underspec.core.records import Data, Predictions
from underspec.core.store import Store
from underspec.core.streams import stream
from underspec.measure.reading import Reader
from underspec.study.compare import compare
from underspec.study.counted import Listed, carried, strata
from underspec.study.measuring import Answered, counting, evidence, values
from underspec.study.probing import ProbeRow, enumerate_probes
from underspec.study.reopened import reopen
from underspec.study.tables import Examples, pack_examples, unpack_examples
from underspec.testing.trainers import striped_images


def sited(images: Data, counted="", clusters=None) -> Data:
    """Return images with a site each."""
    site = np.where(np.arange(len(images)) % 5 < 3, "north", "south")
    given = images.ids if clusters is None else clusters
    return replace(images, groups={"site": site}, clusters=given, counted=counted)


def answered(counted="label", n=60, clusters=None, weights=None) -> Answered:
    """Return a probe of right and wrong answers to three classes in turn."""
    rng = np.random.default_rng(1)
    labels = (np.arange(n) % 3).astype(np.int32)
    ids = np.array([f"e{at:03d}" for at in range(n)])
    said = np.where(rng.random((5, n)) < 0.5 + 0.2 * labels, labels, (labels + 1) % 3)
    examples = Examples(ids, labels, ids if clusters is None else clusters, weights, {}, counted)
    row = ProbeRow("k", "s", "fog", "fog", "shifted", "fog", None, n, True)
    return Answered(row, examples, Predictions(tuple("abcde"), labels, said.astype(np.int32)))


@pytest.mark.parametrize(
    ("more", "counted", "known"),
    [
        ({}, "site", "Known: label."),
        ({"groups": {"site": ["a", "b"]}}, "sites", "Known: label, site"),
    ],
)
def test_what_was_counted_must_be_there(more, counted, known):
    """One sentence names the columns that there are."""
    with pytest.raises(UsageError, match="No column that was counted off named") as caught:
        data.of([[0.0], [1.0]], [0, 1], counted=counted, **more)

    assert known in str(caught.value)


def test_targets_have_no_classes_to_count():
    """Numbers to predict are not counted off; groups may be."""
    given = {"targets": [0.5, 1.5], "groups": {"site": ["a", "b"]}}
    with pytest.raises(UsageError, match="Known: site"):
        data.of([[0.0], [1.0]], counted="label", **given)

    assert data.of([[0.0], [1.0]], counted="site", **given).counted == "site"


def test_parts_and_distortions_stay_counted():
    """Other inputs and parts keep it; so does what a stress test makes of the same images."""
    images = sited(striped_images(60, side=32), "label")
    (fog,) = stress.get("contrast", severities=(3,), examples=30)(images, stream(1, "stress"))

    assert images.take(np.arange(9)).counted == "label"
    assert images.with_inputs(images.inputs).counted == "label"
    assert fog.data.counted == "label"


@pytest.mark.parametrize(
    ("counted", "column", "want"),
    [
        ("label", "label", "label"),
        ("label", "site", ""),
        ("site", "site", "site"),
        ("", "site", ""),
    ],
)
def test_groups_of_another_column_are_not_counted(counted, column, want):
    """How many of a class fall into a site is luck, whatever was counted off."""
    images = sited(striped_images(60), counted)
    probes = stress.get("by_group", column=column)(images, stream(1, "stress"))

    assert {probe.data.counted for probe in probes} == {want}


def test_codes_are_the_same_where_groups_are_missing():
    """A site has one code whatever other sites a probe has, and a class its own."""
    labels = np.array([2, 0], np.int32)
    one = strata("site", labels, {"site": np.array(["south", "north"])})
    two = strata("site", labels, {"site": np.array(["south", "east"])})

    assert one[0] == two[0]
    assert len({*one.tolist(), *two.tolist()}) == 3
    assert strata("label", labels, {}).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        (range(12), "label"),
        ([0, 1, 2, 3, 4, 5], "label"),
        ([0, 1, 2, 3, 4], ""),
        ([0, 1, 3, 4], ""),
        ([1, 4], "label"),
    ],
)
def test_a_picked_part_is_counted_only_with_all_shares(rows, want):
    """What some rule picks of the holdout has as many of a class as happened."""
    labels = np.arange(12) % 3
    names = np.array([f"c{at:02d}" for at in range(12)])
    home = Listed(labels, names, {})
    at = np.array(list(rows))

    assert carried("label", Listed(labels[at], names[at], {}), home) == want
    assert carried("label", Listed(labels[at], np.char.add("x", names[at]), {}), home) == "label"
    assert carried("", Listed(labels[at], names[at], {}), home) == ""


def test_paired_examples_are_counted_as_the_holdout():
    """A file that holds versions of the holdout's images has its classes."""
    home = data.of(np.arange(6.0)[:, None], [0, 1] * 3, counted="label")
    own = data.of(np.arange(6.0)[:, None], [0, 1] * 3)
    (probe,) = stress.get("files", name="b", data=own, paired=True)(home, stream(1, "stress"))
    (other,) = stress.get("files", name="b", data=own)(home, stream(1, "stress"))

    assert (probe.data.counted, other.data.counted) == ("label", "")


def test_examples_come_back_as_they_were_written():
    """The table of a probe says what was counted off, and nothing where nothing was."""
    images = sited(striped_images(12), "site")
    plain = replace(images, counted="")

    assert unpack_examples(pack_examples(images), "x").counted == "site"
    assert unpack_examples(pack_examples(plain), "x").counted == ""


def test_contributions_have_the_shares_of_the_whole():
    """On a part of the examples each class counts as much as in the probe."""
    probe = answered()
    rows = np.arange(60) < 40
    rows[:12:3] = False
    accuracy = metrics.get("accuracy")
    found = evidence(accuracy, probe, rows, 0)
    totals = Reader()(found, found.variants)
    right = probe.predictions.answers == probe.predictions.labels
    classes = [
        right[:, rows & (probe.predictions.labels == code)].mean(axis=1) for code in range(3)
    ]

    assert found.strata.tolist() == probe.examples.labels[rows].tolist()
    assert totals.means == pytest.approx(np.mean(classes, axis=0))
    assert values(accuracy, probe, rows) == pytest.approx(totals.means, abs=1e-12)
    assert totals.strata.tolist() == found.strata.tolist()


def test_all_examples_need_no_balance():
    """The whole probe has its shares already."""
    found = evidence(metrics.get("accuracy"), answered(), np.ones(60, bool), 0)

    assert found.strata is not None
    assert found.weights is None


@pytest.mark.parametrize(
    ("probe", "metric"),
    [
        (answered(counted=""), "accuracy"),
        (answered(), "balanced_accuracy"),
        (answered(weights=1.0 + np.arange(60) % 2), "accuracy"),
        (answered(clusters=np.array([f"c{at // 2:02d}" for at in range(60)])), "accuracy"),
    ],
    ids=["not counted", "no mean", "weighted", "clusters in several"],
)
def test_where_strata_do_not_hold_there_are_none(probe, metric):
    """Judged as if nothing had been counted off, and the values are the plain ones."""
    rows = np.arange(60) < 31
    plain = replace(probe, examples=replace(probe.examples, counted=""))
    one, two = (evidence(metrics.get(metric), of, rows, 0) for of in (probe, plain))

    assert one.strata is None
    read = [Reader()(of, of.variants) for of in (one, two)]
    assert read[0].strata is None
    assert np.array_equal(read[0].values, read[1].values)
    assert np.array_equal(read[0].sizes, read[1].sizes)
    assert np.array_equal(
        values(metrics.get(metric), probe, rows), values(metrics.get(metric), plain, rows)
    )


def test_findings_are_told_once_what_was_counted():
    """One note for all probes alike, another where clusters lie in several strata."""
    accuracy = metrics.get("accuracy")
    pairs = np.array([f"c{at // 2:02d}" for at in range(60)])

    assert counting(accuracy, answered(counted="").examples) is None
    assert "counted off by class: noise" in counting(accuracy, answered().examples)
    assert "clusters lie in several" in counting(accuracy, answered(clusters=pairs).examples)
    assert counting(metrics.get("balanced_accuracy"), answered().examples) is None


def test_a_study_of_counted_examples(tmp_path):
    """Every probe of the same images has strata, those by site have none, and one note says so."""
    holdout = sited(striped_images(120), "label")
    found = study(holdout).run(tmp_path / "out", where="inline")
    again = reopen(str(tmp_path / "out"))
    accuracy = metrics.get("accuracy")

    known = {name: one.examples.counted for name, one in kept(tmp_path / "out", NAMES).items()}
    assert known == {
        "holdout": "label",
        "site-north": "",
        "site-south": "",
        "contrast-gen-3": "label",
    }
    for name, one in kept(tmp_path / "out", NAMES).items():
        rows = again.halved(one)
        own = evidence(accuracy, one, rows, again.seed)
        mean = Reader()(own, found.pool.kept).means.mean()
        finding = next(p for p in found.probes if p.name == name)
        assert finding.mean.value == pytest.approx(mean, abs=1e-9)
        assert (own.weights is None) == (known[name] == "")
    assert sum("counted off by class" in note for note in found.notes) == 1


def test_nothing_but_the_judging_changes(tmp_path):
    """What was counted off trains nothing anew; said later, it is taken up and found again."""
    plain = sited(striped_images(120))
    one = study(plain).run(tmp_path / "out", where="inline")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out/blocks").rglob("*.parquet")}
    two = study(replace(plain, counted="label")).run(tmp_path / "out", where="inline")
    three = study(plain).run(tmp_path / "out", where="inline")

    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "out/blocks").rglob("*.parquet")}
    assert one.pool.kept == two.pool.kept
    assert one.probes != two.probes
    assert one == three


def test_studies_that_count_nothing_off_hold_no_word_of_it(tmp_path):
    """Their files have the bytes that they had before there was anything to count."""
    rows, _ = enumerate_probes(
        Store(str(tmp_path)),
        [stress.get("by_group", column="site")],
        sited(striped_images(60)),
        "h",
        0,
    )
    for row in rows:
        table = pq.read_schema(tmp_path / f"probes/{row.key}.parquet")
        assert table.metadata is None
    for file in (tmp_path / "probes").glob("*.json"):
        assert "counted" not in file.read_text()


def test_clusters_of_several_classes_are_noted(tmp_path):
    """Where a patient has several classes the study says once that it counts nothing off."""
    pairs = np.array([f"p{at // 2:02d}" for at in range(120)])
    plain = study(sited(striped_images(120), "", pairs)).run(tmp_path / "a", where="inline")
    found = study(sited(striped_images(120), "label", pairs)).run(tmp_path / "b", where="inline")

    assert found.probes == plain.probes
    assert sum("clusters lie in several" in note for note in found.notes) == 1


def frame(probes=("test", "fog-1")) -> pd.DataFrame:
    """Return synthetic predictions of 12 models on three classes and two groups."""
    rng = np.random.default_rng(0)
    rows = [
        (
            probe,
            f"v{v:02d}",
            f"e{e:03d}",
            e % 3,
            e % 3 if rng.random() < 0.8 else (e + 1) % 3,
            "ab"[e % 5 > 2],
        )
        for probe in probes
        for v in range(12)
        for e in range(120)
    ]
    return pd.DataFrame(
        rows, columns=["probe", "variant", "example", "label", "prediction", "group"]
    )


@pytest.mark.parametrize("counted", ["label", "group"])
def test_predictions_from_elsewhere(tmp_path, counted):
    """Said in Python or on the command line, it holds for all probes but the groups of them."""
    found = us.analyse(frame(), holdout="test", epsilon=0.1, out=tmp_path / "a", counted=counted)
    path = tmp_path / "p.parquet"
    frame().to_parquet(path)
    told = CliRunner().invoke(
        app,
        [
            *("analyse", str(path), "--holdout", "test", "--epsilon", "0.1", "--counted", counted),
            *("--out", str(tmp_path / "b"), "--no-open"),
        ],
    )

    assert told.exit_code == 0, told.output
    assert found.probes == reopen(str(tmp_path / "b")).findings.probes
    known = kept(tmp_path / "a", [p.name for p in found.probes])
    whole = {one.examples.counted for one in known.values() if one.row.kind != "stratified"}
    assert whole == {counted}
    assert {one.examples.counted for one in known.values() if one.row.kind == "stratified"} == {""}
    resolved = yaml.safe_load((tmp_path / "a/study.yaml").read_text())["resolved"]
    assert resolved["counted"] == counted


def test_predictions_without_what_was_counted(tmp_path):
    """An unknown column is refused, and groups that the holdout lacks."""
    given = {"holdout": "test", "epsilon": 0.1, "out": tmp_path / "a"}
    with pytest.raises(UsageError, match="Known: label, group"):
        us.analyse(frame(), counted="class", **given)
    with pytest.raises(UsageError, match="'test' has no column 'group'"):
        us.analyse(frame().drop(columns="group"), counted="group", **given)


def test_studies_that_do_not_count_alike_are_compared_plainly(tmp_path):
    """The same models on the same examples differ by nothing, whatever one study says was counted."""
    plain = sited(striped_images(120))
    study(plain).run(tmp_path / "a", where="inline")
    study(replace(plain, counted="label")).run(tmp_path / "b", where="inline")
    a, b = reopen(str(tmp_path / "a")), reopen(str(tmp_path / "b"))
    means = [next(p for p in of.findings.probes if p.name == "holdout").mean for of in (a, b)]
    found = compare(str(tmp_path / "a"), str(tmp_path / "b"), resamples=0)

    assert means[0].value != means[1].value
    for probe in found.probes:
        assert probe.difference.value == pytest.approx(0.0, abs=1e-12)
