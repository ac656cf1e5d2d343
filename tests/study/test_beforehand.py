"""What a study refuses before it trains: metrics that its examples do not define, functions that fail."""

import numpy as np
import pytest

from tests.study.conftest import TINY
from underspec.core.errors import UsageError
from underspec.study.study import load_study

FUNCTION = (
    "metric: {{function: {{call: {call}, greater_is_better: true}}}}\nverdict: {{max_drop: 0.05}}\n"
)
OWN = """
import numpy as np
calls = []
def ok(scores, labels):
    return float(np.mean(scores.argmax(axis=1) == labels))
def nan(scores, labels):
    return float("nan")
def boom(scores, labels):
    raise KeyError("x")
def arr(scores, labels):
    return scores[:, 1]
def text(scores, labels):
    return "good"
def alone(scores):
    return 1.0
"""

BREAST = """\
schema: 1
name: one
seed: 1
task: binary
metric: auc
train: {{files: {{path: {folder}/train.csv, label: y}}}}
holdout: {{files: {{path: {folder}/hold.csv, label: y}}}}
trainer: {{sklearn: {{estimator: decision_tree, parameters: {{max_depth: 2}}}}}}
vary: {{sources: [init, sample]}}
variants: 3
near_equal: {{margin: {{epsilon: 0.05}}}}
"""


def refused(tmp_path, text):
    """Return the sentence by which a study is refused, having made sure that nothing was trained."""
    path = tmp_path / "study.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        load_study(path)[0].run(tmp_path / "run", where="inline")
    assert not list((tmp_path / "run").glob("blocks/*"))
    assert not (tmp_path / "run" / "study.yaml").exists()
    return str(error.value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("nofile.py:ok", "There is no file 'nofile.py'"),
        ("own.py:okk", "Did you mean 'ok'?"),
        ("own.py:nan", "the function returned nan"),
        ("own.py:boom", "KeyError"),
        ("own.py:arr", "an array of shape"),
        ("own.py:text", "returned 'good', but must return one number"),
        ("own.py:alone", "takes (scores), but is called with (scores, labels)"),
        ("broken.py:ok", "cannot be run: SyntaxError"),
    ],
)
def test_a_function_is_tried_before_training(tmp_path, monkeypatch, call, sentence):
    """Whatever is wrong with a user's metric is told before any model is trained, in one sentence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "broken.py").write_text("def ok(:\n")

    said = refused(tmp_path, TINY + FUNCTION.format(call=call))

    assert sentence in said
    assert "nothing was trained" in said
    assert "\n" not in said


@pytest.fixture
def tables(tmp_path):
    """A binary table with a signal, and a stress test of one class."""
    draw = np.random.default_rng(0)
    for name, n in (("train", 200), ("hold", 200), ("field", 80)):
        y = draw.integers(2, size=n) if name != "field" else np.ones(n, dtype=int)
        x = draw.normal(size=(n, 2)) + y[:, None]
        site = draw.integers(2, size=n)
        rows = [
            f"{a},{b},s{s},{'bad' if c else 'good'}"
            for (a, b), s, c in zip(x, site, y, strict=True)
        ]
        (tmp_path / f"{name}.csv").write_text("a,b,site,y\n" + "\n".join(rows) + "\n")
    return BREAST.format(folder=tmp_path).replace("label: y}", "label: y, groups: [site]}")


FIELD = "{{files: {{name: field, path: {folder}/field.csv, label: y, groups: [site]}}}}"


def test_a_study_without_a_judgeable_stress_test_is_refused(tmp_path, tables):
    """AUC by class can be given nowhere: that is known before training."""
    said = refused(tmp_path, tables + "stress: [{by_group: {column: label}}]\n")

    assert "The metric 'auc' is not defined on any stress test of this study" in said
    assert "are of one class" in said


def test_a_rule_may_not_look_at_a_probe_without_the_metric(tmp_path, tables):
    """It is not said that there is no such probe, but that the metric is not defined on it."""
    stress = f"stress: [{{by_group: {{column: site}}}}, {FIELD.format(folder=tmp_path)}]\n"

    said = refused(tmp_path, tables + stress + "choose: {best_on: field}\n")

    assert "looks at" in said
    assert "on which the metric 'auc' is not defined" in said
    assert "No probe" not in said


def test_single_probes_without_the_metric_are_warned_of(tmp_path, tables):
    """The study runs, having said before training what will be left out, and says so in its notes."""
    path = tmp_path / "study.yaml"
    stress = f"stress: [{{by_group: {{column: site}}}}, {FIELD.format(folder=tmp_path)}]\n"
    path.write_text(tables + stress)
    heard = []

    findings = load_study(path)[0].run(
        tmp_path / "run", where="inline", listeners=[lambda event: heard.append(event)]
    )

    at = [n for n, event in enumerate(heard) if "auc is not defined" in str(event)]
    trains = [n for n, event in enumerate(heard) if "to train" in str(event)]
    assert len(at) == 1
    assert at[0] < trains[0]
    assert any(note.startswith("auc is not defined on field") for note in findings.notes)
