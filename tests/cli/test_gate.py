"""The gate as a release engineer calls it: exit statuses, settings, files."""

import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from tests.report.dossiers import realistic
from tests.report.pathologies import unresolved

from underspec.core.findings_json import findings_json

# Its gaps: fog-1 about .4 points, fog-5 1.8 (1.4 to 2.3), contrast-5 over 4.
FINDINGS = realistic(severities=(1.0, 5.0), groups=(), exhibits=0).findings


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder that holds findings.json alone, as a build server may have kept it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "findings.json").write_text(findings_json(FINDINGS), encoding="utf-8")
    return folder


def settings(folder, text):
    """Write a pyproject.toml."""
    (folder / "pyproject.toml").write_text(f"[tool.underspec.gate]\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (
            ["--max-gap", "0.02", "--probe", "fog-1"],
            0,
            "The gate holds: of 1 check, 1 shown to hold",
        ),
        (["--max-gap", "0.02", "--probe", "contrast-5"], 1, "1 shown to fail"),
        (["--max-gap", "0.02", "--probe", "fog-*"], 1, "1 undecided"),
        (
            ["--max-gap", "0.02", "--probe", "fog-*", "--allow-undecided"],
            0,
            "1 undecided and allowed",
        ),
        (["--max-gap", "0.02", "--allow-undecided"], 1, "contrast"),
        (["--max-gap", "0.02", "--probe", "fog-1", "--probe", "contrast-5"], 1, "of 2 checks"),
        (["--max-drop", "0.9", "--min-mean", "0.1"], 0, "of 28 checks, 28 shown to hold"),
        (["--max-ratio", "2", "--probe", "fog-*", "--per-probe"], 1, "each check by itself"),
    ],
)
def test_it_holds_or_not(underspec, study, arguments, status, sentence):
    """0 where every check is shown to hold, 1 else; what is undecided passes only where allowed."""
    got, out, err = underspec("gate", study, *arguments)

    assert (got, err) == (status, "")
    assert sentence in out.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["out"], 2, "A gate needs a threshold"),
        (["out", "--max-gap", "nan"], 2, "finite number"),
        (["out", "--max-gap", "2"], 2, "0.02 of accuracy is two points"),
        (["out", "--max-gap", "wide"], 2, "--max-gap"),
        (["out", "--max-gap", "0.02", "--probe", "fogg-*"], 2, "No probe named 'fogg-*'"),
        (["out", "--max-mean", "0.9"], 2, "Use --min-mean"),
        (["nowhere", "--max-gap", "0.02"], 3, "nowhere holds no study"),
    ],
)
def test_wrong_calls_are_one_sentence(underspec, study, arguments, status, sentence):
    """Called wrongly is 2, no study is 3; neither can be taken for a gate that fails."""
    got, out, err = underspec("gate", *arguments)

    assert got == status
    assert sentence in err
    assert "Traceback" not in out + err


def test_a_damaged_study_is_three(underspec, study):
    """Findings that cannot be read are a broken study."""
    (study / "findings.json").write_text("{")
    got, _, err = underspec("gate", study, "--max-gap", "0.02")

    assert got == 3
    assert "damaged" in err


def test_numbers_that_are_not_resolved_never_pass(underspec, study):
    """A study that could resolve nothing holds nothing."""
    (study / "findings.json").write_text(findings_json(unresolved().findings), encoding="utf-8")

    assert underspec("gate", study, "--max-gap", "0.02")[0] == 1
    assert underspec("gate", study, "--max-gap", "0.02", "--allow-undecided")[0] == 0


def test_settings_come_from_the_nearest_pyproject_and_the_command_line_wins(
    underspec, study, tmp_path, monkeypatch
):
    """A pyproject.toml without our table is passed over; an option beats its setting."""
    settings(tmp_path, 'max-gap = 0.02\nprobe = ["fog-*"]\nallow-undecided = true')
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool.other]\nmax-gap = 1\n")
    monkeypatch.chdir(below)

    assert underspec("gate", study)[0] == 0
    assert underspec("gate", study, "--fail-undecided")[0] == 1
    assert underspec("gate", study, "--max-gap", "0.001")[0] == 1
    assert underspec("gate", study, "--probe", "contrast-5")[0] == 1

    settings(below, 'max-gap = 0.02\nprobe = "fog-1"')
    assert "of 1 check" in underspec("gate", study)[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("max-gpa = 0.02", "Did you mean 'max-gap'?"),
        ("max_gap = 0.02", "Did you mean 'max-gap'?"),
        ("max-gap = '0.02'", "max-gap of [tool.underspec.gate] must be a number. Got '0.02'"),
        ("max-gap = true", "must be a number"),
        ("allow-undecided = 1", "must be true or false"),
        ("probe = [1]", "must be a pattern or a list of patterns"),
        ("junit = 3", "must be the path of a file"),
        ("max-gap = ", "is no TOML"),
        ("max-gap = 0.02\n[tool.underspec.gatte]", "Did you mean 'gate'?"),
        ("max-gap = -1", "finite number of 0 or more"),
    ],
)
def test_wrong_settings_are_one_sentence(underspec, study, tmp_path, text, sentence):
    """A setting that is misspelt or of the wrong type is an error, never passed over."""
    settings(tmp_path, text)
    got, _, err = underspec("gate", study, "--max-drop", "0.9")

    assert got == 2
    assert sentence in err
    assert err.count("\n") == 1


def test_files_are_written_whether_it_holds_or_not(underspec, study, tmp_path):
    """JUnit XML and Markdown tell the same as the terminal, in folders made for them."""
    junit, summary = tmp_path / "ci/junit.xml", tmp_path / "ci/summary.md"
    options = ["--junit", junit, "--markdown", summary]

    assert underspec("gate", study, "--max-gap", "0.02", "--probe", "fog-*", *options)[0] == 1
    suite = ET.parse(junit).getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    assert "does not hold" in summary.read_text(encoding="utf-8")

    assert underspec("gate", study, "--max-gap", "0.02", "--probe", "fog-1", *options)[0] == 0
    assert ET.parse(junit).getroot().find("testsuite").get("failures") == "0"
    assert "does not hold" not in summary.read_text(encoding="utf-8")


def test_paths_in_the_settings_are_beside_them(underspec, study, tmp_path, monkeypatch):
    """A path of pyproject.toml starts where that file lies."""
    settings(tmp_path, 'max-gap = 0.02\nprobe = "fog-1"\njunit = "junit.xml"')
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")

    assert underspec("gate", study)[0] == 0
    assert (tmp_path / "junit.xml").exists()


def test_the_summary_of_a_job_is_appended_to_only_if_named(underspec, study, tmp_path, monkeypatch):
    """The file that a job's steps share keeps what is in it, and is left alone if not asked for."""
    shared = tmp_path / "summary.md"
    shared.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(shared))

    underspec("gate", study, "--max-gap", "0.02")
    assert shared.read_text() == "before\n"
    underspec("gate", study, "--max-gap", "0.02", "--markdown", shared)
    text = shared.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "The gate does not hold" in text


def test_it_imports_nothing_that_a_folder_names(study):
    """A study file's code is not run, and a metric of that name not looked for."""
    (study.parent / "evil.py").write_text("raise SystemExit(77)")
    (study / "study.yaml").write_text("resolved: {metric: 'evil.py:metric'}\nidentity: {}\n")
    named = replace(
        FINDINGS,
        study=replace(FINDINGS.study, metric="evil.py:metric"),
        probes=tuple(replace(one, metric="evil.py:metric") for one in FINDINGS.probes),
    )
    (study / "findings.json").write_text(findings_json(named), encoding="utf-8")
    code = (
        "import sys; sys.argv = ['underspec', 'gate', 'out', '--max-gap', '0.02', '--min-mean', '0.1']\n"
        "from underspec.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as stop: print(stop.code)\n"
        "print([m for m in ('torch', 'sklearn', 'evil', 'pyarrow.parquet') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=study.parent
    )
    assert done.stdout.splitlines()[-2:] == ["1", "[]"]
