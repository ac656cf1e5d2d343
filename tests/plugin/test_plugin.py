"""The example plugin: installed by itself, listed, tested and used in a study."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.study.conftest import TINY

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Install the plugin into a folder of its own; run Python where it is found."""
    target, work = (tmp_path_factory.mktemp(name) for name in ("plugin", "work"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    here = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    subprocess.run([*pip, *here, "--no-deps", "--target", target, PLUGIN], check=True)
    path = os.pathsep.join(filter(None, [str(target), os.environ.get("PYTHONPATH")]))

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", *map(str, arguments)],
            check=True,
            capture_output=True,
            text=True,
            cwd=work,
            env={**os.environ, "PYTHONPATH": path},
        ).stdout

    run.folder = work
    return run


def test_it_is_listed_with_what_it_says_and_who_brings_it(call):
    """Name, origin, kind, modality, source and parameters; without it there is no such member."""
    listed = call("underspec", "list", "stress")
    start = listed.index("  stripes (underspec-stripes): Blackens rows of each picture")
    assert listed[start:].splitlines()[1:5] == [
        "      kind: shifted",
        "      modality: images",
        "      source: the example plugin of underspec",
        "      severities = (1, 3, 5)",
    ]
    assert "  stripes (underspec-stripes)" in call("underspec", "list").splitlines()


def test_its_own_test_passes(call):
    """The shipped check holds it to the contract."""
    told = call("pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, PLUGIN / "tests")
    assert " passed" in told
    assert "failed" not in told


def test_a_study_uses_it(call):
    """A study file names it as it names our own, and workers find it too."""
    study = TINY.replace("{contrast: {severities: [2, 4]}}", "{stripes: {severities: [1, 5]}}")
    study = study.replace("where: inline", "where: processes, workers: 1")
    (call.folder / "study.yaml").write_text(study)
    call("underspec", "run", "study.yaml", "--out", "out", "--no-open")
    found = json.loads((call.folder / "out" / "findings.json").read_text())
    drops = {probe["name"]: probe["drop"]["value"] for probe in found["probes"]}
    assert list(drops) == ["holdout", "stripes-1", "stripes-5", "rotate-20"]
    assert drops["stripes-5"] > drops["stripes-1"]
    resolved = (call.folder / "out" / "study.yaml").read_text()
    assert "stripes:" in resolved
