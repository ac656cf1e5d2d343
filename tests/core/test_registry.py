"""Registries: names without imports, clear errors, plugins by the same door."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from underspec import choose, data, metrics, report, run, select, stress, train, vary
from underspec.core import registry as module
from underspec.core.errors import UsageError
from underspec.core.registry import Registry

STAGES = [choose, data, metrics, report, run, select, stress, train, vary]


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.__name__)
def test_every_member_of_every_stage_loads(stage):
    """Each row of each table leads to a class."""
    for member in stage.table():
        assert isinstance(member.load(), type), member


def test_unknown_name_suggests_the_nearest():
    """A misspelt member is met with the one that was meant and the list."""
    with pytest.raises(UsageError, match=r"'contrst'\. Did you mean 'contrast'\? Known: "):
        stress.get("contrst")


def test_unknown_parameter_suggests_the_nearest():
    """So is a misspelt parameter."""
    with pytest.raises(UsageError, match=r"'epsilom'\. Did you mean 'epsilon'\?"):
        select.get("margin", epsilom=0.1)


def test_missing_parameter_is_named():
    """What matters has no default, and the message says how to write it."""
    with pytest.raises(UsageError, match=r"needs 'epsilon'.*\{margin: \{epsilon: \.\.\.\}\}"):
        select.get("margin")


def plugins(monkeypatch, *points):
    monkeypatch.setattr(
        module, "entry_points", lambda group: [p for p in points if p.group == group]
    )


def test_plugin_enters_by_the_same_door(monkeypatch):
    """An entry point is a member like any other."""
    plugins(monkeypatch, EntryPoint("mine", "fractions:Fraction", "underspec.stress"))
    table = Registry("underspec.stress", contrast="images.digital:Contrast")

    assert table.names() == ("contrast", "mine")
    assert table.load("mine").__name__ == "Fraction"


def test_plugin_that_shadows_is_refused(monkeypatch):
    """Two members of one name are an error that names both packages."""
    plugins(monkeypatch, EntryPoint("contrast", "fractions:Fraction", "underspec.stress"))

    with pytest.raises(
        UsageError, match=r"'unknown' adds .* named 'contrast', which\s+'underspec'"
    ):
        Registry("underspec.stress", contrast="images.digital:Contrast").names()


HEAVY = ["torch", "sklearn", "scipy.stats", "pyarrow", "pandas", "fsspec"]


@pytest.mark.parametrize(
    "code",
    [
        "import underspec",
        (
            "from underspec import choose, metrics, report, run, select, stress, train, vary, data\n"
            "[s.names() for s in (choose, metrics, report, run, select, stress, train, vary, data)]"
        ),
    ],
    ids=["import", "listing"],
)
def test_importing_and_listing_load_nothing_heavy(code):
    """Neither the import nor the tables touch a framework."""
    check = f"{code}\nimport sys\nprint([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
