"""The commands, as a user types them."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.study.conftest import TINY

from underspec.core.store import Store
from underspec.data import checksum
from underspec.study import load_study
from underspec.study.blocks import find_done
from underspec.study.probing import enumerate_probes
from underspec.study.results import answered_probes

STUDY = TINY.replace("epsilon: 0.05", "epsilon: 0.08")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished study, shared by the commands that only read."""
    base = tmp_path_factory.mktemp("finished")
    (base / "study.yaml").write_text(STUDY)
    load_study(base / "study.yaml")[0].run(base / "out", where="inline")
    return base / "out"


@pytest.fixture
def study(tmp_path):
    """A study file of one's own."""
    path = tmp_path / "study.yaml"
    path.write_text(STUDY)
    return path


def test_help_is_quick_and_loads_no_framework():
    """--help answers without loading what only a run needs."""
    code = (
        "import sys; sys.argv = ['underspec', '--help']\n"
        "from underspec.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'sklearn', 'pyarrow', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "demo" in done.stdout


def test_run_prints_the_verdicts_and_the_report(underspec, study, tmp_path):
    """A run ends with the table and where the report lies; again, it does nothing and says so."""
    status, out, err = underspec("run", study, "--out", tmp_path / "out", "--no-open")
    assert status == 0
    assert "12 of 12" in err
    assert "contrast (gen), severity 4" in out
    assert "report.html" in out

    status, _, err = underspec("run", study, "--out", tmp_path / "out", "--no-open")
    assert status == 0
    assert "nothing to do" in err


def test_dry_run_writes_nothing(underspec, study, tmp_path):
    """--dry-run says what would be done."""
    status, out, _ = underspec("run", study, "--out", tmp_path / "out", "--dry-run")
    assert status == 0
    assert "12 variants, of which 0 are trained already" in out
    assert not (tmp_path / "out").exists()


def test_limit_is_another_study(underspec, study, tmp_path):
    """--limit trains and judges on a few examples, in a folder of its own."""
    out = tmp_path / "out"
    assert underspec("run", study, "--out", out, "--limit", 200, "--no-open")[0] == 0
    findings = json.loads((out / "findings.json").read_text())
    assert findings["study"]["name"] == "tiny-limit-200"
    assert findings["probes"][0]["n"] < 200

    status, _, err = underspec("run", study, "--out", out, "--no-open")
    assert status == 3
    assert "another training set" in err


@pytest.mark.parametrize("stage", ["vary", "train", "stress"])
def test_until_stops_before_findings_and_goes_on_later(underspec, study, tmp_path, stage):
    """--until stops after a stage; the same command without it goes on."""
    out = tmp_path / "out"
    status, printed, _ = underspec("run", study, "--out", out, "--until", stage, "--no-open")
    assert status == 0
    assert f"after the stage '{stage}'" in printed
    assert not (out / "findings.json").exists()
    assert "unfinished" in underspec("show", out)[1]

    assert underspec("run", study, "--out", out, "--no-open")[0] == 0
    assert (out / "findings.json").exists()


def test_show_and_report_read_a_study(underspec, finished, tmp_path):
    """Every format comes out of the folder alone."""
    assert "contrast (gen)" in underspec("show", finished)[1]
    before = (finished / "report.html").read_text()
    (finished / "report.html").unlink()
    assert underspec("report", finished)[0] == 0
    assert (finished / "report.html").read_text() == before
    assert (
        underspec("report", finished, "--format", "json")[1]
        == (finished / "findings.json").read_text()
    )
    assert "| " in underspec("report", finished, "--format", "markdown")[1]
    status, _, _ = underspec(
        "report", finished, "--format", "text", "-o", tmp_path / "deep/report.txt"
    )
    assert status == 0
    assert "contrast" in (tmp_path / "deep/report.txt").read_text()


def test_choose_exports_a_model_that_predicts_as_in_the_study(underspec, finished, tmp_path):
    """The exported model is the picked variant: it gives the stored predictions."""
    export = tmp_path / "pick"
    status, out, _ = underspec("choose", finished, "--rule", "minimax_regret", "--export", export)
    assert status == 0, out
    pick = json.loads((export / "pick.json").read_text())
    (variant,) = pick["choice"]["variants"]
    study, _ = load_study(finished.parent / "study.yaml")
    holdout = study.recipe.holdout()

    fitted = study.recipe.trainer.load(export / variant)
    scores = fitted.predict(holdout.inputs)[pick["variants"][variant]["position"]]

    store = Store(finished)
    rows, _ = enumerate_probes(store, (), holdout, checksum(holdout), study.seed)
    (stored,) = answered_probes(store, rows, find_done(store), [variant])
    assert np.array_equal(scores, stored.predictions.scores[0])


def test_list_names_members_with_parameters(underspec):
    """List prints every stage, or one with parameters and origin."""
    assert "minimax_regret" in underspec("list")[1]
    out = underspec("list", "select")[1]
    assert "margin (underspec)" in out
    assert "epsilon = required" in out


def test_doctor_tells_versions(underspec):
    """Doctor says what is there."""
    status, out, _ = underspec("doctor")
    assert status == 0
    assert f"numpy {np.__version__}" in out


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["show", "nowhere"], 3, "nowhere holds no study"),
        (["report", "nowhere"], 3, "nowhere holds no study"),
        (["choose", "nowhere"], 3, "nowhere holds no study"),
        (["run", "nowhere.yaml", "--out", "x"], 2, "There is no study file 'nowhere.yaml'"),
        (["list", "stres"], 2, "Did you mean 'stress'?"),
        (["demo", "--trainer", "troch"], 2, "Did you mean 'torch'?"),
        (["demo", "--variants", "0"], 2, "'--variants'"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_wrong_calls_are_one_sentence(
    underspec, tmp_path, monkeypatch, arguments, status, sentence
):
    """What a user calls wrongly ends in a sentence and the right status, never in a traceback."""
    monkeypatch.chdir(tmp_path)
    got, out, err = underspec(*arguments)
    assert got == status
    assert sentence in err
    assert "Traceback" not in out + err


CSV = "probe,variant,example,label,prediction\n" + "".join(
    f"{probe},m{v},e{i},{i % 2},{(i + (i * v) % 7 // 6) % 2}\n"
    for probe in ("lab", "field")
    for v in range(12)
    for i in range(60)
)


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (CSV, ["--holdout", "lob"], "Did you mean 'lab'?"),
        (CSV, [], "No holdout"),
        (CSV.replace("label", "lable"), ["--holdout", "lab"], "label"),
        (CSV.replace(",m11,", ",m10,"), ["--holdout", "lab"], "m10"),
        (CSV.replace("lab,m3,e7,1,", "lab,m3,e7,0,"), ["--holdout", "lab"], "e7"),
        (
            CSV.replace("lab,m3,e7,1,1\n", "").replace("lab,m3,e7,1,0\n", ""),
            ["--holdout", "lab"],
            "m3",
        ),
        ("", ["--holdout", "lab"], "empty"),
        (
            "\n".join(r for r in CSV.splitlines() if ",m0," in r or "probe" in r),
            ["--holdout", "lab"],
            "one variant",
        ),
    ],
    ids=[
        "unknown holdout",
        "no holdout",
        "missing column",
        "duplicate",
        "labels differ",
        "lacks an example",
        "empty",
        "one variant",
    ],
)
def test_wrong_predictions_are_one_sentence(underspec, tmp_path, content, arguments, sentence):
    """A file that would mislead is refused in one sentence, and no folder is made."""
    (tmp_path / "p.csv").write_text(content)
    status, _, err = underspec(
        "analyse", tmp_path / "p.csv", "--epsilon", "0.1", "--out", tmp_path / "o", *arguments
    )
    assert status == 2
    assert sentence in err
    assert err.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_analyse_writes_a_report(underspec, tmp_path):
    """Good predictions give the table and the report."""
    (tmp_path / "p.csv").write_text(CSV)
    status, out, err = underspec(
        "analyse",
        tmp_path / "p.csv",
        "--holdout",
        "lab",
        "--epsilon",
        "0.1",
        "--out",
        tmp_path / "o",
        "--no-open",
    )
    assert (status, err) == (0, "")
    assert "field" in out
    assert (tmp_path / "o/report.html").exists()
