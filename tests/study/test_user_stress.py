"""A user's own function and files as stress tests of a study."""

import json

import numpy as np
import pytest
import yaml

from tests.study.conftest import TINY
from underspec import data
from underspec.core.errors import UsageError
from underspec.core.store import Store
from underspec.data import checksum
from underspec.study import load_study
from underspec.study.probing import enumerate_probes

CODE = """
def dim(image, severity, rng):
    return (image * (1 - rng.random() * severity / 4)).astype(image.dtype)
"""
STRESS = """
  - {function: {target: "mine.py:dim", severities: [1, 3]}}
  - {files: {name: site, path: "sites/*.npz", may_choose: false}}
  - {files: {name: later, data: {files: {path: later.npz}}}}
"""


def store_away(path, rows, change, **names):
    """Write some of the held-out digits, changed, as an archive."""
    held = data.get("sklearn_digits", part="holdout")().take(rows)
    np.savez(path, inputs=change(held.inputs), labels=held.labels, classes=held.classes, **names)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A study, a user's function and files beside it, and the command run from there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    (tmp_path / "mine.py").write_text(CODE)
    rows = np.arange(400)
    store_away(tmp_path / "sites" / "north.npz", rows[:200], lambda x: x // 2)
    only = np.flatnonzero(data.get("sklearn_digits", part="holdout")().labels == 3)
    store_away(tmp_path / "sites" / "threes.npz", only, lambda x: x)
    held = data.get("sklearn_digits", part="holdout")()
    store_away(tmp_path / "later.npz", rows, lambda x: x[:, ::-1], ids=held.ids[rows])
    study = TINY.partition("stress:")[0] + "stress:" + STRESS + "run: {where: inline}\n"
    (tmp_path / "study.yaml").write_text(study)
    return tmp_path


def test_a_study_runs_on_them(folder):
    """From a study file, with paths seen from where the command runs, and again without work."""
    study, _ = load_study("study.yaml")
    findings = study.run("out", where="inline")
    assert findings is not None
    found = {probe.name: probe for probe in findings.probes}
    assert list(found) == ["holdout", "dim-1", "dim-3", "site-north", "site-threes", "later"]
    assert found["dim-1"].drop.value < found["dim-3"].drop.value
    # Other examples are all reported; those of the holdout only in the half that reports.
    assert found["site-north"].n == 200
    assert found["later"].n < 250
    assert found["later"].drop.value > 0.1
    rows = [json.loads(p.read_text()) for p in (folder / "out" / "probes").glob("*.json")]
    assert len(rows) == 3
    may = {probe["name"]: probe["may_choose"] for row in rows for probe in row["probes"]}
    assert may == {
        "dim-1": True,
        "dim-3": True,
        "site-north": False,
        "site-threes": False,
        "later": True,
    }
    assert study.run("out", where="inline") == findings


def test_the_resolved_study_runs_too(folder):
    """What is written down with every default is a study file of the same stress tests."""
    study, _ = load_study("study.yaml")
    resolved = study.resolved()
    (folder / "again.yaml").write_text(yaml.safe_dump(resolved | {"choose": "minimax_regret"}))
    again, _ = load_study("again.yaml")
    assert again.stress == study.stress


def keys(folder):
    """Return name and key of each probe of the study."""
    study, _ = load_study("study.yaml")
    held = data.get("sklearn_digits", part="holdout")()
    rows, _ = enumerate_probes(Store("probes"), study.stress, held, checksum(held), study.seed)
    return {row.name: row.key for row in rows}


def test_a_changed_function_makes_other_probes(folder):
    """The function's code counts, so that nothing goes stale."""
    before = keys(folder)
    (folder / "mine.py").write_text(CODE.replace("/ 4", "/ 5"))
    after = keys(folder)
    assert {name for name in before if before[name] != after[name]} == {"dim-1", "dim-3"}


def test_a_changed_file_makes_another_probe(folder):
    """The content of a file counts, not its name, and the other files' probes stay."""
    before = keys(folder)
    store_away(folder / "sites" / "north.npz", np.arange(200), lambda x: x // 4)
    after = keys(folder)
    assert {name for name in before if before[name] != after[name]} == {"site-north"}
    (folder / "sites" / "north.npz").rename(folder / "sites" / "south.npz")
    assert keys(folder)["site-threes"] == before["site-threes"]
    assert "site-north" not in keys(folder)


def test_a_wrong_file_is_refused_before_anything_is_trained(folder):
    """A class that the holdout lacks costs nothing."""
    store_away(folder / "sites" / "west.npz", np.arange(100), lambda x: x)
    with np.load(folder / "sites" / "west.npz") as stored:
        arrays = dict(stored)
    names = [*(str(i) for i in range(9)), "ten"]
    np.savez(folder / "sites" / "west.npz", **{**arrays, "classes": names})
    study, _ = load_study("study.yaml")
    with pytest.raises(UsageError, match="'site-west': No class of the holdout named 'ten'"):
        study.run("out", where="inline")
    assert not (folder / "out" / "blocks").exists()


READ = """
import numpy as np
from underspec.core.lazy import Lazy
from underspec import data

class Read:
    def __init__(self, images):
        self.images, self.shape, self.dtype = images, images.shape[1:], images.dtype
    def __len__(self):
        return len(self.images)
    def read(self, rows):
        return self.images[rows]
    def digest(self, rows):
        return str(rows.tolist())

def held():
    digits = data.get("sklearn_digits", part="holdout")()
    return digits.with_inputs(Lazy.of(Read(digits.inputs)))
"""


def test_a_changed_function_makes_other_probes_of_examples_read_when_needed(folder):
    """What is not made yet is told apart by the code that will make it."""
    (folder / "read.py").write_text(READ)
    study, _ = load_study("study.yaml")
    lazy = data.get("call", target="read.py:held")()
    made = []
    for code in (CODE, CODE.replace("/ 4", "/ 5")):
        (folder / "mine.py").write_text(code)
        rows, _ = enumerate_probes(Store("probes"), study.stress[:1], lazy, checksum(lazy), 1)
        made.append({row.name: row.key for row in rows})
    assert made[0]["holdout"] == made[1]["holdout"]
    assert made[0]["dim-1"] != made[1]["dim-1"]
