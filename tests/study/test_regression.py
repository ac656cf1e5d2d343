"""Studies whose models predict a number: from data to findings, and from foreign predictions."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

import underspec as us
from tests.study.conftest import snapshot
from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.study import load_study
from underspec.study.pilot import pilot
from underspec.study.reopened import reopen

DATA = '''\
"""The 442 patients of scikit-learn's diabetes data: progression after a year from ten measures."""

import numpy as np
from sklearn.datasets import load_diabetes

from underspec import data


def part(which):
    inputs, targets = load_diabetes(return_X_y=True)
    rows = np.flatnonzero(np.arange(len(targets)) % 2 == (which == "holdout"))
    return data.of(
        inputs[rows],
        targets=targets[rows],
        ids=[f"patient-{row}" for row in rows],
        groups={"sex": np.where(inputs[rows, 1] > 0, "one", "other")},
    )


def heavier(example, severity, rng):
    """Measure the body mass index with an error."""
    example[2] += 0.02 * severity * rng.normal()
    return example
'''

STUDY = """\
schema: 1
name: progression
seed: 4
task: regression
metric: abs_error
train: {{call: {{target: "{file}:part", parameters: {{which: train}}}}}}
holdout: {{call: {{target: "{file}:part", parameters: {{which: holdout}}}}}}
trainer: {{sklearn: {{estimator: decision_tree_regressor, parameters: {{max_depth: 4, max_features: 4}}}}}}
vary: {{sources: [init, sample]}}
variants: 12
near_equal: {{margin: {{epsilon: 12}}}}
stress:
  - {{by_group: {{column: sex}}}}
  - {{function: {{target: "{file}:heavier", severities: [2]}}}}
verdict: {{max_drop: 5}}
run: {{where: inline}}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the path of the study file, its data beside it."""
    folder = tmp_path_factory.mktemp("regression")
    (folder / "patients.py").write_text(DATA)
    path = folder / "study.yaml"
    path.write_text(STUDY.format(file=folder / "patients.py"))
    return path


@pytest.fixture(scope="module")
def finished(written):
    """Return the folder of the study once it has run; nobody may write there."""
    out = written.parent / "out"
    load_study(written)[0].run(out, where="inline")
    return out


def run(path, out, *sets):
    study, _ = load_study(path, sets)
    return study.run(out, where="inline")


def test_a_study_from_data_to_findings(written, finished, tmp_path):
    """Means are those of the stored values; another folder holds the same bytes."""
    found = run(written, tmp_path / "two")

    names = ["holdout", "sex-one", "sex-other", "heavier-2"]
    assert [p.name for p in found.probes] == names
    assert found.study.task == "regression"
    assert found.arbitrariness == ()
    folders = finished, tmp_path / "two"
    own = [folder / "findings.json" for folder in folders]
    assert own[0].read_bytes() == own[1].read_bytes()
    stored = [
        {name: hash_.split()[0] for name, hash_ in snapshot(folder).items()} for folder in folders
    ]
    values = [name for name in stored[0] if name.endswith(".parquet")]
    assert values
    assert [stored[0][name] for name in values] == [stored[1][name] for name in values]
    study = reopen(str(finished))
    for name in names:
        answered = next(study.answered([name], study.trained))
        said, rows = answered.predictions, study.halved(answered)
        kept = [said.variants.index(v) for v in found.pool.kept]
        error = np.abs(said.answers[kept][:, rows].astype(float) - said.labels[rows]).mean()
        finding = next(p for p in found.probes if p.name == name)
        assert finding.mean.value == pytest.approx(error, rel=1e-6)
    assert (finished / "report.html").exists()


def test_what_a_folder_keeps_of_values(written, finished):
    """Values are lists of one float32, targets doubles, and both are read as they were."""
    holdout = load_study(written)[0].recipe.holdout()
    (block, *_), files = sorted((finished / "blocks").iterdir()), []
    for path in sorted(block.glob("*.parquet")):
        schema = pq.read_schema(path)
        assert {str(t) for t in schema.types} == {"fixed_size_list<element: float>[1]"}
        files.append(path.stem)
    tables = {name: pq.read_table(finished / f"probes/{name}.parquet") for name in files}
    assert {str(t.schema.field("label").type) for t in tables.values()} == {"double"}
    assert all("weight" not in t.column_names for t in tables.values())
    study = reopen(str(finished))
    answered = next(study.answered(["holdout"], study.trained))
    np.testing.assert_array_equal(answered.predictions.labels, holdout.labels)
    assert answered.predictions.labels.dtype == np.float64
    assert answered.predictions.scores.shape == (12, len(holdout), 1)
    assert answered.predictions.label_scores is None


def test_a_new_stress_test_is_predicted_with_the_stored_models(written, finished, tmp_path):
    """Regressors are read back from the folder and say the same as before."""
    run(written, tmp_path / "out", "stress=[{by_group: {column: sex}}]")
    before = snapshot(tmp_path / "out")
    found = run(written, tmp_path / "out")
    after = snapshot(tmp_path / "out")

    assert "heavier-2" in [p.name for p in found.probes]
    models = [name for name in before if "/models/" in name]
    assert len(models) >= 12
    assert [before[name] for name in models] == [after[name] for name in models]
    own = (finished / "findings.json").read_bytes()
    assert (tmp_path / "out/findings.json").read_bytes() == own


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("metric=accuracy", "metric 'accuracy' is for binary and classification, but the task is"),
        ("task=classification", "metric 'abs_error' is for regression, but the task is classif"),
        ("verdict={}", "is no proportion, so max_drop has no default"),
        (
            "trainer={sklearn: {estimator: decision_tree}}",
            "SklearnTrainer, as it is set, is for binary and classification, but the task is reg",
        ),
        (
            "holdout={sklearn_digits: {part: holdout}}",
            "training set are numbers, those of the hold",
        ),
        ("stress=[{by_group: {column: label}}]", "so there are no classes to group by"),
    ],
)
def test_what_is_not_for_regression_is_refused_before_training(written, tmp_path, setting, says):
    """One sentence, and nothing is trained."""
    with pytest.raises(UsageError, match=says) as caught:
        run(written, tmp_path / "out", setting)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out/blocks").exists()


def test_classes_and_numbers_are_not_taken_for_each_other(tiny, written, tmp_path):
    """A task of numbers on classes, classes on numbers, and a regressor for classes."""
    with pytest.raises(
        UsageError, match=r"task is regression, but the labels are classes\. Read the"
    ):
        run(
            tiny,
            tmp_path / "a",
            "task=regression",
            "metric=abs_error",
            "verdict.max_drop=1",
            "near_equal.margin.epsilon=1",
        )
    with pytest.raises(UsageError, match="task is classification, but the labels are numbers"):
        run(
            written,
            tmp_path / "b",
            "task=classification",
            "metric=accuracy",
            "near_equal.margin.epsilon=0.1",
            "verdict.max_drop=0.1",
        )
    with pytest.raises(
        UsageError, match=r"is for regression, but the task is classification\. Use"
    ):
        run(tiny, tmp_path / "c", "trainer={sklearn: {estimator: ridge}}", "vary.sources=[sample]")
    ridge = us.train.get("sklearn", estimator="ridge")
    holdout = load_study(tiny)[0].recipe.holdout()
    with pytest.raises(UsageError, match="Ridge is a regressor, but the labels are classes"):
        ridge.fit((), holdout)


@pytest.mark.torch
def test_the_torch_trainer_refuses_numbers(written, tmp_path):
    """It trains classifiers, and says so before it starts."""
    pytest.importorskip("torch")
    with pytest.raises(UsageError, match="TorchTrainer, as it is set, is for binary and classif"):
        run(written, tmp_path / "out", "trainer={torch: {model: mlp}}", "vary.sources=[init]")


def test_a_pilot_tells_how_far_values_move(written):
    """A value that differs is another answer."""
    told = pilot(load_study(written)[0])

    assert told.life == {"init": "alive", "sample": "alive"}
    assert told.moved["sample"].answers > 0.5
    assert told.moved["sample"].scores > 1
    assert told.floor.answers == 0


def exported(out):
    """Return a finished study's values as rows of the exchange format, in a mixed order."""
    study, rows = reopen(str(out)), []
    for name in ("holdout", "heavier-2"):
        answered = next(study.answered([name], study.trained))
        said = answered.predictions
        rows += [
            {
                "probe": name,
                "variant": variant,
                "example": str(example),
                "label": float(said.labels[i]),
                "score": float(said.answers[v, i]),
            }
            for v, variant in enumerate(said.variants)
            for i, example in enumerate(answered.examples.ids)
        ]
    return [rows[at] for at in stream(0, "test").generator().permutation(len(rows))]


def test_foreign_values_give_the_studys_own_findings(finished, tmp_path):
    """A frame, a table and arrays of the same values are judged as the study judged them."""
    pandas = pytest.importorskip("pandas")
    own = reopen(str(finished)).findings
    frame = pandas.DataFrame(exported(finished))
    options = {
        "holdout": "holdout",
        "epsilon": 12,
        "metric": "abs_error",
        "max_drop": 5,
        "seed": 4,
        "task": "regression",
    }
    found = us.analyse(frame, out=tmp_path / "frame", **options)
    frame.to_parquet(tmp_path / "a.parquet")
    assert us.analyse(tmp_path / "a.parquet", out=tmp_path / "file", **options) == found
    for (probe, variant), part in frame.groupby(["probe", "variant"]):
        (tmp_path / "values" / probe).mkdir(parents=True, exist_ok=True)
        np.save(tmp_path / f"values/{probe}/{variant}.npy", part.sort_values("example")["score"])
    few = frame[frame["variant"] == "v000"].sort_values(["probe", "example"])
    few[["probe", "example", "label"]].to_csv(tmp_path / "labels.csv", index=False)
    pattern = str(tmp_path / "values/{probe}/{variant}.npy")
    arrays = us.analyse(pattern, out=tmp_path / "arrays", labels=tmp_path / "labels.csv", **options)
    assert arrays == found

    assert found.study.task == "regression"
    assert found.pool == own.pool
    by = {p.name: p for p in own.probes}
    for probe in found.probes:
        mine = by[probe.name]
        assert (probe.n, probe.mean, probe.drop) == (mine.n, mine.mean, mine.drop)
        assert (probe.spread, probe.gap) == (mine.spread, mine.gap)


def test_foreign_values_need_the_task_a_metric_and_a_largest_drop(tmp_path):
    """Each is asked for in one sentence."""
    rows = [
        {"probe": p, "variant": v, "example": f"e{i}", "label": i / 2, "score": i / 3}
        for p in ("holdout", "field")
        for v in ("a", "b")
        for i in range(30)
    ]
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(rows)
    options = {"holdout": "holdout", "epsilon": 1, "out": tmp_path / "out"}
    with pytest.raises(UsageError, match=r"The label '0.5' has no score.*--task regression"):
        us.analyse(frame, **options)
    with pytest.raises(UsageError, match=r"metric 'accuracy' is for .* the task is regression"):
        us.analyse(frame, task="regression", **options)
    with pytest.raises(UsageError, match="Give --max-drop in the metric's units"):
        us.analyse(frame, task="regression", metric="abs_error", **options)
    with pytest.raises(UsageError, match=r"No task named 'regresion'\. Did you mean 'regression'"):
        us.analyse(frame, task="regresion", **options)
    assert not (tmp_path / "out").exists()


def test_every_metric_for_regression_judges_a_study(written, tmp_path):
    """Whatever metric says that it is for regression works from end to end, on the same models."""
    plain = [name for name in metrics.names() if name != "function"]
    named = [name for name in plain if "regression" in getattr(metrics.get(name), "tasks", ())]
    assert {"abs_error", "squared_error", "r2", "concordance"} <= set(named)
    means = {}
    for name in named:
        epsilon = {"abs_error": 12, "squared_error": 2000}.get(name, 0.5)
        sets = f"metric={name}", f"near_equal.margin.epsilon={epsilon}", "variants=10", "stress=[]"
        found = run(written, tmp_path / "out", *sets, "verdict.max_drop=0.5")
        means[name] = found.probes[0].mean.value, found.pool.kept
    study = reopen(str(tmp_path / "out"))
    answered = next(study.answered(["holdout"], study.trained))
    said, rows = answered.predictions, study.halved(answered)
    known = {"r2": r2_score, "squared_error": mean_squared_error, "abs_error": mean_absolute_error}
    for name, of in known.items():
        mean, kept = means[name]
        values = [of(said.labels[rows], said.answers[said.variants.index(v)][rows]) for v in kept]
        assert mean == pytest.approx(np.mean(values), rel=1e-6)
    assert 0.5 < means["concordance"][0] < 0.95
