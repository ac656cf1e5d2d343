"""The study file: what it accepts, and the one sentence for each mistake."""

import json
from dataclasses import dataclass
from importlib.resources import files

import jsonschema
import pytest
import yaml

from underspec import choose, data, metrics, select, stress, train
from underspec.core.errors import UsageError
from underspec.study import load_study
from underspec.study.spec import Spec, made, parse_spec, read_spec

GOOD = {
    "schema": 1,
    "train": {"sklearn_digits": {"part": "train"}},
    "holdout": {"sklearn_digits": {"part": "holdout"}},
    "trainer": {"sklearn": {"estimator": "decision_tree"}},
    "vary": {"sources": ["init"]},
    "near_equal": {"margin": {"epsilon": 0.05}},
}


def write(tmp_path, content):
    path = tmp_path / "study.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"varients": 3}, "No key named 'varients'. Did you mean 'variants'?"),
        ({"vary": {"sources": ["init"], "dessign": "joint"}}, "'dessign'. Did you mean 'design'?"),
        ({"run": {"were": "inline"}}, "'were'. Did you mean 'where'?"),
        ({"variants": 0}, "'variants' is wrong"),
        ({"variants": "many"}, "'variants' is wrong"),
        ({"schema": 2}, "'schema' is wrong"),
        ({"trainer": {"sklern": {}}}, "No trainer named 'sklern'. Did you mean 'sklearn'?"),
        ({"trainer": {"sklearn": {"estimater": "mlp"}}}, "Did you mean 'estimator'?"),
        ({"metric": "acuracy"}, "Did you mean 'accuracy'?"),
        ({"near_equal": {"margin": {}}}, "needs 'epsilon', which has no default"),
        ({"near_equal": "margin"}, "needs 'epsilon', which has no default"),
        ({"near_equal": {"margin": {"epsilon": -1}}}, "epsilon"),
        ({"stress": ["contrst"]}, "Did you mean 'contrast'?"),
        ({"stress": [{"contrast": {"severities": [9]}}]}, "9"),
        ({"vary": {"sources": ["augment"]}}, "No source of variation"),
        ({"vary": {"sources": ["epochs"]}}, "takes values"),
        ({"choose": "minimax"}, "Did you mean 'minimax_regret'?"),
        ({"metric": "log_loss"}, "max_drop has no default"),
        ({"task": "multilabel"}, "'task' is wrong"),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path, change, sentence):
    """A wrong key, name or value is named, with what was meant where that is plain."""
    with pytest.raises(UsageError) as caught:
        load_study(write(tmp_path, {**GOOD, **change}))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["schema", "train", "holdout", "trainer", "vary", "near_equal"])
def test_missing_key_is_named(tmp_path, key):
    """What has no default must be given; no holdout, no study."""
    with pytest.raises(UsageError, match=f"the key '{key}' is missing"):
        load_study(write(tmp_path, {k: v for k, v in GOOD.items() if k != key}))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "is no YAML"),
        ("- 1", "must hold keys and values"),
        ("", "must hold keys and values"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: 1\na: 2", "The key 'a' is given twice"),
        ("on: 1", "The key True is read as bool"),
    ],
)
def test_bad_yaml_is_one_sentence(tmp_path, text, sentence):
    """YAML that would lose or multiply something is refused."""
    with pytest.raises(UsageError, match=sentence):
        read_spec(write(tmp_path, text))


def test_settings_override_the_file(tmp_path):
    """--set reaches into members, also those written as a bare name."""
    path = write(tmp_path, {**GOOD, "trainer": "sklearn"})
    spec = parse_spec(
        read_spec(
            path, ["near_equal.margin.epsilon=0.1", "trainer.sklearn.estimator=mlp", "variants=7"]
        )
    )
    assert spec.near_equal == {"margin": {"epsilon": 0.1}}
    assert spec.trainer == {"sklearn": {"estimator": "mlp"}}
    assert spec.variants == 7
    with pytest.raises(UsageError, match="--set takes key=value"):
        read_spec(path, ["variants"])


def test_a_bare_value_is_the_parameter_that_has_no_default():
    """{margin: 0.01} and {call: data.py:train} are read, or else the first parameter is meant."""
    spec = parse_spec(
        {
            **GOOD,
            "near_equal": {"margin": 0.01},
            "train": {"call": "data.py:train"},
            "stress": [{"contrast": [1, 2]}, {"by_group": "label"}],
        }
    )
    assert made(select, spec.near_equal) == select.get("margin", epsilon=0.01)
    assert made(data, spec.train) == data.get("call", target="data.py:train")
    assert [made(stress, one) for one in spec.stress] == [
        stress.get("contrast", severities=(1, 2)),
        stress.get("by_group", column="label"),
    ]
    assert made(train, {"sklearn": "mlp"}) == train.get("sklearn", estimator="mlp")
    assert made(metrics, "accuracy") == metrics.get("accuracy")
    assert made(choose, {"minimax_regret": None}) == choose.get("minimax_regret")


@dataclass
class TwoRequired:
    """A member that no single value makes."""

    low: float
    high: float


def test_a_bare_value_must_have_one_place(monkeypatch):
    """Where no or several parameters could be meant, they are to be named."""
    with pytest.raises(UsageError, match="'accuracy' takes no parameters"):
        made(metrics, {"accuracy": 3})
    monkeypatch.setattr(metrics.registry, "load", lambda name: TwoRequired)
    with pytest.raises(UsageError, match=r"Write \{two: \{low: \.\.\., high: \.\.\.\}\}") as caught:
        made(metrics, {"two": 3})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "written"),
    [
        (stress, {"contrast": {"examples": "x"}}),
        (train, {"sklearn": {"parameters": 3}}),
        (train, {"sklearn": {"estimator": 3.5, "parameters": ["a"]}}),
        (select, {"margin": "wide"}),
        (data, {"call": 3}),
    ],
)
def test_values_of_a_wrong_type_are_one_sentence(stage, written):
    """What a member cannot take is told without a traceback."""
    with pytest.raises(UsageError) as caught:
        made(stage, written)
    assert "\n" not in str(caught.value)


def test_errors_of_the_users_own_file_come_through(tmp_path):
    """A traceback into the user's code is what the user needs."""
    (tmp_path / "own_fault.py").write_text("raise ValueError('own')\n")
    with pytest.raises(ValueError, match="own"):
        made(train, {"sklearn": {"estimator": f"{tmp_path / 'own_fault.py'}:Mine"}})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"near_equal": {}}, "'near_equal' is wrong"),
        ({"near_equal": {"margin": 1, "top": 2}}, "at most 1 item"),
        ({"vary": {"sources": [{"epochs": 3}]}}, "valid list"),
    ],
)
def test_of_a_unions_failures_the_furthest_is_told(change, sentence):
    """What was nearly right is said, not the first alternative."""
    with pytest.raises(UsageError, match=sentence):
        parse_spec({**GOOD, **change})


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("name=[", "--set name: the value '\\[' is no YAML"),
        ("name=*x", "aliases"),
        ("seed.x=1", "'seed' is wrong"),
        ("run.workers.x=1", "'workers' holds no keys"),
        ("vary.sources.x=1", "'sources' is a list"),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path, setting, sentence):
    """A --set that cannot be read or applied is refused."""
    path = write(tmp_path, {**GOOD, "run": {"workers": 2}})
    with pytest.raises(UsageError, match=sentence) as caught:
        parse_spec(read_spec(path, [setting]))
    assert "\n" not in str(caught.value)


def test_settings_reach_beside_a_bare_value(tmp_path):
    """A bare value stays where another parameter is set, and gives way where it is the same."""
    path = write(
        tmp_path, {**GOOD, "near_equal": {"margin": 0.01}, "train": {"call": "data.py:train"}}
    )
    spec = parse_spec(read_spec(path, ["near_equal.margin.epsilon=0.1", "train.call.notice=mine"]))
    assert made(select, spec.near_equal) == select.get("margin", epsilon=0.1)
    assert made(data, spec.train) == data.get("call", target="data.py:train", notice="mine")


def test_resolved_study_is_a_study_file_with_every_default(tmp_path):
    """What a folder calls resolved can be read again, and says the same."""
    study, _ = load_study(write(tmp_path, {**GOOD, "stress": ["contrast"]}))
    again, _ = load_study(write(tmp_path, study.resolved()))
    assert again.resolved() == study.resolved()


def published(name):
    return json.loads(files("underspec.study").joinpath(f"schemas/{name}-1.json").read_text())


def test_published_study_schema_is_the_models(tmp_path):
    """Editors see the schema that the reader applies, and it accepts our own demos."""
    from underspec import cases

    schema = published("study")
    assert schema == Spec.model_json_schema()
    for name in cases.DEMOS.values():
        jsonschema.validate(yaml.safe_load(cases.path(name).read_text()), schema)


def test_findings_follow_the_published_schema(tiny, tmp_path):
    """A study's findings.json validates, and one with a wrong type does not."""
    from pydantic import TypeAdapter

    from underspec.core.findings import Findings

    schema = published("findings")
    assert schema == TypeAdapter(Findings).json_schema()
    load_study(tiny)[0].run(tmp_path / "out", where="inline")
    found = json.loads((tmp_path / "out/findings.json").read_text())
    jsonschema.validate(found, schema)
    found["probes"][0]["gap"]["value"] = "wide"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema)
