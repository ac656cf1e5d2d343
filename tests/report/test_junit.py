"""JUnit XML: what servers read must be what was found, whatever the names hold."""

from xml.etree import ElementTree as ET

import pytest

from tests.report.dossiers import realistic
from tests.report.pathologies import unresolved
from underspec import report
from underspec.report.checks import Check, Checks, markdown
from underspec.report.junit import junit

# What the schema of Jenkins' xUnit reader allows here: children in any number, and attributes.
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "property": set(),
    "testcase": {"failure", "skipped"},
    "failure": set(),
    "skipped": set(),
}
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}
HOSTILE = "<b>\"&' ]]> \x00\x1b[31m\ud800\uffff\u202e\r\n é 日本 -->"


def conforming(text):
    """Return the root of JUnit XML that keeps to the schema and whose counts are right."""
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for one in root.iter():
        assert {child.tag for child in one} <= CHILDREN[one.tag], one.tag
        assert set(one.attrib) == ATTRIBUTES[one.tag], one.tag
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert all(len(case) <= 1 for case in cases)
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(sum(c.find("failure") is not None for c in cases))
        assert suite.get("skipped") == str(sum(c.find("skipped") is not None for c in cases))
        assert suite.get("errors") == "0"
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(set(names)) == len(names)
    return root


def checks(allow_undecided=False, text="fog-3", outcomes=("holds", "fails", "undecided")):
    """Return a check of each outcome."""
    rows = tuple(
        Check(f"{text}{at}", text, f"max-gap 0.0{at}", "gap", 0.02, 0.03, 0.01, None, outcome, text)
        for at, outcome in enumerate(outcomes)
    )
    return Checks("gate", text, "accuracy", rows, allow_undecided, text)


def found(root):
    """Return what became of each case."""
    return [case[0].tag if len(case) else "passed" for case in root.iter("testcase")]


def test_each_check_is_a_case_and_undecided_fails_unless_allowed():
    """Servers count failures; what is let through is skipped, so that it is seen all the same."""
    assert found(conforming(junit(checks()))) == ["passed", "failure", "failure"]
    assert found(conforming(junit(checks(True)))) == ["passed", "failure", "skipped"]


def test_a_failure_tells_what_was_found_and_allowed():
    """The message is the reason; the text has the numbers."""
    root = conforming(junit(checks()))
    failure = next(root.iter("failure"))

    assert failure.get("message") == "fog-3"
    assert failure.get("type") == "fails"
    assert failure.text == "fog-3: gap 3.00 (at least 1.00) points, allowed at most 2 points."


def test_hostile_names_stay_text():
    """Markup, quotes, controls, lone surrogates and non-characters neither break nor add anything."""
    root = conforming(junit(checks(text=HOSTILE)))

    assert found(root) == ["passed", "failure", "failure"]
    assert "<b>\"&' ]]>" in root.get("name")
    assert "é 日本" in root.get("name")
    assert not any(ord(c) < 32 and c != "\n" for c in junit(checks(text=HOSTILE)))


def test_verdicts_as_cases():
    """The report has a case for each axis of each stress test: yes fails, unknown is skipped."""
    dossier = realistic(severities=(1.0, 5.0))
    root = conforming(report.get("junit")(dossier))

    cases = {(c.get("classname"), c.get("name").split(",")[0]): c for c in root.iter("testcase")}
    stressed = [one for one in dossier.findings.probes if one.kind != "holdout"]
    assert len(cases) == 2 * len(stressed)
    tags = {"yes": ["failure"], "unknown": ["skipped"], "no": []}
    for one in stressed:
        for axis, verdict in (("spread", one.spread_verdict), ("drop", one.drop_verdict)):
            case = cases[one.name, axis]
            assert [child.tag for child in case] == tags[verdict]


def test_unresolved_numbers_and_an_empty_study_conform():
    """Findings without a single number are skipped cases, no error."""
    root = conforming(report.get("junit")(unresolved()))
    assert "passed" not in found(root)
    assert found(conforming(junit(checks(outcomes=())))) == []


@pytest.mark.parametrize("allow", [False, True])
def test_the_markdown_has_the_gravest_first(allow):
    """What stands in the way is a table; what holds is folded; names stay text."""
    text = markdown(checks(allow, outcomes=("holds", "undecided", "fails")))

    assert text.index("✗ fails") < text.index("? undecided") < text.index("<details>")
    assert text.index("<details>") < text.index("✓ holds")
    assert ("undecided and allowed" in text) == allow
    assert "<b>" not in markdown(checks(text=HOSTILE))
    assert "| ✓ holds |" in markdown(checks(text="a|b", outcomes=("holds",)))
    assert r"a\|b" in markdown(checks(text="a|b", outcomes=("holds",)))


def test_the_markdown_of_a_large_study_stays_small():
    """A comment on a pull request may have 65,536 characters."""
    many = checks(outcomes=("holds", "fails", "undecided") * 300, text="a long name " * 20)

    assert len(markdown(many)) < 65_536
    assert "more checks are not listed" in markdown(many)
