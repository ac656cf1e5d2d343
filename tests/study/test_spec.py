"""The study file: what it accepts, and the one sentence for each mistake."""

import json
from importlib.resources import files

import jsonschema
import pytest
import yaml

from underspec.core.errors import UsageError
from underspec.study import load_study
from underspec.study.spec import Spec, parse_spec, read_spec

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
        ({"trainer": {"sklern": {}}}, "No underspec.train named 'sklern'. Did you mean 'sklearn'?"),
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
        ({"task": "regression"}, "'task' is wrong"),
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
