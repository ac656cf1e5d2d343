"""Weights of examples: kept with every probe made of weighted data, seen by metrics, not by trainers."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

import underspec as us
from underspec import data, stress
from underspec.core.records import Data, Predictions, Variant
from underspec.core.streams import stream
from underspec.data.predictions import Foreign, ForeignProbe, write
from underspec.study import analyse_files
from underspec.study.reopened import reopen
from underspec.testing.trainers import striped_images


def weighted(images: Data, weights=None) -> Data:
    """Return images with weights and a group; by default one of many values an example."""
    n = len(images)
    given = 0.5 + np.arange(n) % 7 if weights is None else weights
    site = np.where(np.arange(n) % 2, "north", "south")
    return Data(
        images.inputs,
        images.labels,
        images.ids,
        images.ids,
        {"site": site},
        images.classes,
        given,
    )


def study(holdout, train=None, **more):
    """Return a small study of trees on images of bars."""
    given = {
        "near_equal": us.select.get("margin", epsilon=0.3),
        "stress": [stress.get("by_group", column="site"), stress.get("contrast", severities=(3,))],
        "variants": 10,
        "vary": ("init", "sample"),
        **more,
    }
    trainer = us.train.get("sklearn", estimator="decision_tree", parameters={"max_features": 3})
    return us.Study(us.Recipe(trainer, train or striped_images(60, seed=2), holdout), **given)


def kept(out, names):
    """Return the study's probes by name."""
    again = reopen(str(out))
    return {answered.row.name: answered for answered in again.answered(names, again.trained)}


NAMES = ["holdout", "site-north", "site-south", "contrast-gen-3"]


def test_every_probe_of_a_weighted_holdout_keeps_its_weights(tmp_path):
    """Strata and distortions have the weights of their examples; the metric is the weighted mean."""
    holdout = weighted(striped_images(120))
    found = study(holdout).run(tmp_path / "out", where="inline")

    own = dict(zip(holdout.ids.tolist(), holdout.weights.tolist(), strict=True))
    again = reopen(str(tmp_path / "out"))
    for name, answered in kept(tmp_path / "out", NAMES).items():
        examples, said = answered.examples, answered.predictions
        assert examples.weights.tolist() == [own[i] for i in examples.ids.tolist()]
        rows = again.halved(answered)
        places = [said.variants.index(v) for v in found.pool.kept]
        right = said.answers[places][:, rows] == said.labels[rows]
        mean = np.average(right, axis=1, weights=examples.weights[rows]).mean()
        finding = next(p for p in found.probes if p.name == name)
        assert finding.mean.value == pytest.approx(mean, abs=1e-9)
        assert finding.mean.value != pytest.approx(right.mean(), abs=1e-9)


def test_weights_change_no_prediction(tmp_path):
    """The same models say the same; without weights no file holds a column of them."""
    train, holdout = striped_images(60, seed=2), striped_images(120)
    study(weighted(holdout), weighted(train)).run(tmp_path / "with", where="inline")
    plain = study(replace(weighted(holdout), weights=None), train)
    plain.run(tmp_path / "without", where="inline")

    one, two = kept(tmp_path / "with", NAMES), kept(tmp_path / "without", NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(one[name].predictions.scores, two[name].predictions.scores)
        assert two[name].examples.weights is None
    for path in (tmp_path / "without/probes").glob("*.parquet"):
        assert "weight" not in pq.read_schema(path).names
    for path in (tmp_path / "with/probes").glob("*.parquet"):
        assert pq.read_schema(path).field("weight").type == "double"


def test_equal_weights_are_none(tmp_path):
    """Weights that are all alike give the findings of no weights, whatever they are."""
    images = striped_images(120)
    plain = replace(weighted(images), weights=None)
    alike = weighted(images, np.full(120, 5.0))
    one = study(plain).run(tmp_path / "one", where="inline")
    two = study(alike).run(tmp_path / "two", where="inline")

    assert one.pool.kept == two.pool.kept
    for a, b in zip(one.probes, two.probes, strict=True):
        assert (a.name, a.verdict) == (b.name, b.verdict)
        for x, y in ((a.mean, b.mean), (a.drop, b.drop), (a.gap, b.gap)):
            assert (x.value, x.low, x.high) == pytest.approx((y.value, y.low, y.high), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gaussian_noise", {}),
        ("rotate", {"angles": (20,)}),
        ("translate", {}),
        ("contrast", {"severities": (2,), "examples": 40}),
    ],
)
def test_distortions_carry_weights(name, parameters):
    """Whatever a stress test does to the examples, each keeps its weight."""
    images = weighted(striped_images(60, side=32))
    own = dict(zip(images.ids.tolist(), images.weights.tolist(), strict=True))
    for probe in stress.get(name, **parameters)(images, stream(1, "stress")):
        assert probe.data.weights.tolist() == [own[i] for i in probe.data.ids.tolist()]


def test_a_file_of_examples_has_its_own_weights(tmp_path):
    """A table from another site names its column; paired rows take the holdout's where it does not."""
    home = data.of(np.arange(8.0)[:, None], [0, 1] * 4, weights=np.arange(1, 9))
    lines = ["x,w,y", *(f"{at},{9 - at},{at % 2}" for at in range(8))]
    (tmp_path / "b.csv").write_text("\n".join(lines) + "\n")
    given = {"name": "site_b", "path": str(tmp_path / "b.csv"), "label": "y"}

    def of(**more):
        (probe,) = stress.get("files", **given, **more)(home, stream(1, "stress"))
        return probe.data.weights

    assert of(weight="w").tolist() == list(range(9, 1, -1))
    assert of(drop=("w",)) is None
    assert of(drop=("w",), paired=True).tolist() == list(range(1, 9))
    assert of(weight="w", paired=True).tolist() == list(range(9, 1, -1))


def test_foreign_weights_reach_strata_and_findings(tmp_path):
    """The weight column is kept with each probe and each of its groups."""
    draw = stream(0, "test").generator()
    k, n = 12, 200
    ids = np.array([f"e{i:03d}" for i in range(n)])
    labels = (np.arange(n) % 2).astype(np.int32)
    names = tuple(f"m{v}" for v in range(k))
    weights = 0.25 + draw.random(n)
    probes = []
    for title, rate in (("holdout", 0.1), ("field", 0.3)):
        answers = np.where(draw.random((k, n)) < rate, 1 - labels, labels).astype(np.int32)
        group = np.where(np.arange(n) % 3 == 0, "one", "other")
        said = Predictions(names, labels, answers)
        own = weights if title == "field" else None
        probes.append(ForeignProbe(title, title, said, ids, ids, group, own))
    foreign = Foreign(tuple(probes), tuple(Variant(v, {}) for v in names), ("0", "1"))
    # The holdout is written with weights of 1.
    write(tmp_path / "a.parquet", foreign)
    found = analyse_files(
        [tmp_path / "a.parquet"],
        str(tmp_path / "out"),
        holdout="holdout",
        near_equal=us.select.get("margin", epsilon=0.2),
    )
    again = reopen(str(tmp_path / "out"))
    for probe in found.probes:
        answered = next(again.answered([probe.name], again.trained))
        at = [int(i[1:]) for i in answered.examples.ids.tolist()]
        expected = weights[at] if probe.title.startswith("field") else np.ones(len(at))
        np.testing.assert_array_equal(answered.examples.weights, expected)
        rows, said = again.halved(answered), answered.predictions
        right = said.answers[:, rows] == said.labels[rows]
        places = [said.variants.index(v) for v in found.pool.kept]
        mean = np.average(right[places], axis=1, weights=expected[rows]).mean()
        assert probe.mean.value == pytest.approx(mean, abs=1e-9)
