"""Metrics and rules with parameters on the command line, one rule told alone, and trials without training."""

import json

import pytest
from tests.study.conftest import TINY

from underspec.study import load_study


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished study with two rules."""
    base = tmp_path_factory.mktemp("rules")
    (base / "study.yaml").write_text(TINY + "choose: [minimax_regret, medoid]\n")
    load_study(base / "study.yaml")[0].run(base / "out", where="inline", until="measure")
    return base / "out"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Scores of ten variants for two classes, on a holdout and a test, as CSV."""
    lines = ["probe,variant,example,label,score"]
    for probe, push in (("test", 0.3), ("field", 0.15)):
        for variant in range(10):
            for at in range(60):
                noise = ((at * 37 + variant * 101 + len(probe) * 17) % 97) / 97 - 0.5
                score = min(max(0.5 + push * (1 if at % 2 else -1) + 0.6 * noise, 0.01), 0.99)
                lines.append(f"{probe},v{variant},{probe}{at},{at % 2},{score:.4f}")
    path = tmp_path_factory.mktemp("table") / "p.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_choose_tells_of_one_rule(underspec, finished):
    """With --rule only its lines are printed, with figures as in the report; without, all."""
    status, out, _ = underspec("choose", finished, "--rule", "medoid")
    assert status == 0
    assert "medoid:" in out
    assert "minimax_regret:" not in out
    assert " points (" in out
    assert "minimax_regret:" in underspec("choose", finished)[1]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("medoit", "Did you mean 'medoid'?"),
        ("random_pick", "is what the rules are compared with"),
    ],
)
def test_choose_refuses_a_rule_that_there_is_not(underspec, finished, rule, sentence):
    """It is said before anything is printed or exported."""
    status, out, err = underspec("choose", finished, "--rule", rule)
    assert (status, out) == (2, "")
    assert sentence in err


def test_until_measure_names_no_report(underspec, tmp_path):
    """Where no report was drawn, none is pointed to; the command that draws it is."""
    (tmp_path / "study.yaml").write_text(TINY)
    arguments = ("run", tmp_path / "study.yaml", "--out", tmp_path / "out", "--until", "measure")
    status, out, _ = underspec(*arguments)

    assert status == 0
    assert "Report:" not in out
    assert "underspec report" in out


def test_analyse_takes_parameters_as_a_study_file(underspec, table, tmp_path):
    """Metric, rule and positive class are written as a study file writes them."""
    status, _, err = underspec(
        *("analyse", table, "--holdout", "test", "--epsilon", "0.5", "--out", tmp_path / "out"),
        *("--metric", "{sensitivity: {specificity: 0.8}}", "--positive", "0", "--no-open"),
        *("--choose", "medoid", "--choose", "{best_on: field}"),
    )
    assert (status, err) == (0, "")
    findings = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert findings["study"]["metric"] == "sensitivity"
    assert "The positive class of sensitivity is '0'." in findings["notes"]
    assert [c["rule"] for c in findings["choices"]] == ["medoid", "best_on", "random_pick"]


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        ("{sensitivity: {specifity: 0.8}}", "Did you mean 'specificity'?"),
        ("{sensitivity: [", "is no YAML"),
        ("auroc", "No metric named 'auroc'"),
    ],
)
def test_analyse_refuses_a_metric_in_one_sentence(underspec, table, tmp_path, metric, sentence):
    """A slip in --metric is told as one in a study file is."""
    status, _, err = underspec(
        *("analyse", table, "--holdout", "test", "--epsilon", "0.5", "--out", tmp_path / "out"),
        *("--metric", metric),
    )
    assert status == 2
    assert sentence in err
    assert err.count("\n") == 1


def test_dry_run_lists_probes_and_checks_all(underspec, tmp_path):
    """It says what there would be to predict and how it is judged, or why the study cannot run."""
    (tmp_path / "study.yaml").write_text(TINY)
    arguments = ("run", tmp_path / "study.yaml", "--out", tmp_path / "out", "--dry-run")
    status, out, _ = underspec(*arguments)
    assert status == 0
    for said in (
        "10 classes",
        "judged by accuracy",
        "contrast-gen-2: ",
        "3 probes of 2 stress tests",
    ):
        assert said in out

    for wrong, sentence in (
        ("choose: {best_on: fog}", "No probe in this study named 'fog'"),
        ("metric: {function: {call: none.py:f, greater_is_better: true}}", "There is no file"),
        ("choose: [{ensemble: {size: 50}}]", "takes 50 variants"),
    ):
        verdict = "verdict: {max_drop: 0.1}\n" if "metric" in wrong else ""
        (tmp_path / "study.yaml").write_text(f"{TINY}{wrong}\n{verdict}")
        status, _, err = underspec(*arguments)
        assert status == 2
        assert sentence in err
    assert not (tmp_path / "out").exists()


def test_bad_values_of_an_estimator_cost_nothing(underspec, tmp_path):
    """scikit-learn's own sentence comes before any training, with status 2."""
    (tmp_path / "study.yaml").write_text(TINY.replace("max_depth: 8", "max_depth: -3"))
    status, _, err = underspec("run", tmp_path / "study.yaml", "--out", tmp_path / "out")
    assert status == 2
    assert "The 'max_depth' parameter of DecisionTreeClassifier must be" in err


def test_the_gate_names_its_metric(underspec, finished, tmp_path):
    """In the table, in Markdown, and in the names of JUnit's tests."""
    status, out, _ = underspec(
        *("gate", finished, "--max-drop", "0.9", "--junit", tmp_path / "g.xml"),
        *("--markdown", tmp_path / "g.md"),
    )
    assert status == 0
    assert "Held: accuracy." in out
    assert 'name="max-drop 0.9 of accuracy"' in (tmp_path / "g.xml").read_text()
    summary = (tmp_path / "g.md").read_text()
    assert "drop of accuracy" in summary
    assert "3 checks, shown to hold" in summary
    assert "more checks" not in summary
