"""What every report does, ours and those of others."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.report.pathologies import small_groups, unresolved
from underspec import report
from underspec.core.errors import UsageError
from underspec.core.findings_json import findings_from_json
from underspec.testing.reports import check_report

READERS = tuple(name for name in report.names() if name != "json")


@pytest.mark.parametrize("name", report.names())
def test_member_conforms(name):
    """Each report holds to its contract."""
    check_report(report.get(name))


@dataclass(frozen=True)
class _Careless:
    template: str

    @property
    def suffix(self):
        return "html"

    def __call__(self, dossier, /):
        return self.template.format(name=dossier.findings.study.name, id=id(dossier))


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("<p>{name}</p>\n", "control character"),
        ("<p>{id}</p>\n", "different texts"),
        ("<p>steady</p>", "line break"),
        ('<script src="https://cdn.example/x.js"></script>\n', "names an address"),
        ('<img src="//example/x.png">\n', "outside of the text"),
        ("<style>p {{ background: url(x.png) }}</style>\n", "outside of the text"),
    ],
)
def test_conformance_catches(template, sentence):
    """A report that leaks, wavers or reaches out is told so."""
    with pytest.raises(AssertionError, match=sentence):
        _wrapped(template)


def _wrapped(template):
    # The second call gets the same dossier, so an id would stay; a counter does not.
    if "{id}" not in template:
        return check_report(_Careless(template))
    calls = iter(range(1000))

    class Wavering(_Careless):
        def __call__(self, dossier, /):
            return f"<p>{next(calls)}</p>\n"

    return check_report(Wavering(template))


def test_conformance_catches_raw_tags():
    """A report that writes texts from outside as markup is told so."""

    class Raw(_Careless):
        def __call__(self, dossier, /):
            name = "".join(c for c in dossier.findings.study.name if ord(c) >= 32)
            return f"<p>{name}</p>\n"

    with pytest.raises(AssertionError, match="tag in a text"):
        check_report(Raw(""))


@pytest.mark.parametrize("name", report.names())
def test_odd_dossiers_are_dealt_with(name, odd):
    """Whatever a study lacks or has too much of, there is a report, and it says no `nan`."""
    text = report.get(name)(odd)

    assert len(text) > 100
    assert len(text.encode()) < 5_000_000
    words = re.sub(r"data:image/png;base64,[\w+/=]+", "", text)
    assert not re.search(r"\b(nan|NaN|inf|Infinity|None)\b", words.replace("became NaN", ""))


@pytest.mark.parametrize("name", READERS)
def test_small_groups_are_left_out(name):
    """Groups under 10 examples appear nowhere but in a count."""
    text = report.get(name)(small_groups())

    assert "rare disease" not in text
    assert "of 7 people" not in text
    assert "2 group" in text


@pytest.mark.parametrize("name", READERS)
def test_synthetic_data_is_called_so(name, dossier):
    """A report on made-up data says so, with the reason."""
    text = report.get(name)(dossier)

    assert "Synthetic data" in text
    assert "no model was trained" in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", READERS)
def test_unresolved_is_said_in_words(name):
    """A number that the data cannot resolve is `not resolved`, an open end `at least`."""
    text = report.get(name)(unresolved())

    assert "not resolved" in text
    assert "at least 4.0×" in text


def test_json_is_the_findings(dossier):
    """The JSON report reads back to the findings."""
    again = findings_from_json(report.get("json")(dossier))

    assert again.study == dossier.findings.study
    assert [p.verdict for p in again.probes] == [p.verdict for p in dossier.findings.probes]


def test_bytes_do_not_depend_on_the_process():
    """Two processes with other hash seeds write the same bytes."""
    code = (
        "import hashlib; from underspec import report; from underspec.testing import reports;"
        "d = reports._dossier(reports._HOSTILE.format);"
        "t = ''.join(report.get(n)(d) for n in report.names());"
        "print(hashlib.sha256(t.encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("html", {"pictures": -1}), ("text", {"width": 10}), ("markdown", {"rows": 5, "most": 2})],
)
def test_wrong_parameters_are_refused(name, wrong):
    """A parameter out of range is refused in a sentence."""
    with pytest.raises(UsageError, match=f"report '{name}'"):
        report.get(name, **wrong)
