"""The section that holds probes side by side, and the matrix in the order of their groups."""

import re
from dataclasses import replace

import pytest

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import (
    AccuracyLine,
    GroupRelation,
    HoldoutRank,
    Interval,
    OffLine,
    ProbeGroup,
    ProbeGroups,
    RankAgreement,
    Transfer,
)
from underspec.report.html.heat import heat
from underspec.report.html.matrix import matrix
from underspec.report.numbers import Units
from underspec.report.shown import shown
from underspec.report.together import together

NOTHING = Interval(None, None, None)
HTML = report.get("html")
UNITS = Units("accuracy")
NAMES = ["holdout", "contrast 5", "fog 5"]


def _agreement(value, note=None):
    ends = NOTHING if value is None else Interval(value, value - 0.1, value + 0.1)
    return RankAgreement(40, ends, ends, 0.3, 0.8, 0.01, None if value is None else 0.02, note)


def _groups(*, sure=True):
    return ProbeGroups(
        order=("pixelate-5", "pixelate-3", "contrast-5", "fog-1"),
        groups=(
            ProbeGroup(("pixelate-5", "pixelate-3"), 0.9, 0.85, 0.97, sure),
            ProbeGroup(("contrast-5", "fog-1"), 0.6, 0.6, 0.5, False),
        ),
        between=(GroupRelation(0, 1, Interval(0.05, -0.2, 0.3), 0.8),),
        left_out={"holdout": "too noisy"},
        threshold=0.5,
        resamples=200,
        note=None,
    )


def _transfers(names, lead=0.02):
    return tuple(
        Transfer(a, b, Interval(lead, lead - 0.01, lead + 0.01) if a == b else NOTHING, 0.01, 10)
        for a in names
        for b in names
    )


@pytest.fixture(scope="module")
def whole():
    """A dossier with made-up findings of every kind that the section shows."""
    line = AccuracyLine(
        "fog-5", 49, Interval(0.7, 0.4, 1.1), Interval(0.1, 0.0, 0.2), Interval(0.4, 0.2, 0.6),
        Interval(0.05, 0.04, 0.06), 0.8, {"v001": 4.0}, (OffLine("v001", 0.031, 4.0, 0.001),), None,
    )  # fmt: skip
    return without(
        realistic(exhibits=0),
        probe_groups=_groups(),
        holdout_ranks=(
            HoldoutRank("fog-5", _agreement(0.62), _agreement(None, "too noisy")),
            HoldoutRank("fog-3", _agreement(None, "too noisy"), None),
        ),
        transfers=_transfers(("holdout", "fog-5", "contrast-5")),
        accuracy_lines=(line,),
    )


def test_groups_in_words(whole):
    """Severities stand after their family; a sure group is named, with what it has nothing to do with."""
    side = together(whole.findings, shown(whole.findings))

    assert side.said.endswith("good on the others: pixelate 3, 5.")
    assert [row.tests for row in side.groups] == ["pixelate 3, 5", "contrast 5; fog 1"]
    assert side.groups[0].inside == "0.90, least 0.85"
    assert (side.groups[0].again, side.groups[0].sure) == ("97 %", "yes")
    assert side.groups[0].apart == "contrast 5; fog 1: 0.05 (−0.20 to 0.30)"
    assert side.groups[1].sure == "no"
    assert side.left_out


def test_nothing_sure_is_said_so(whole):
    """Groups that luck could have made are shown, and the sentence says that none is sure."""
    findings = without(whole, probe_groups=_groups(sure=False)).findings

    assert together(findings, shown(findings)).said.startswith("No group of tests is surely alike")


def test_ranks_and_lines(whole):
    """What is told is a row, what is not is counted; variants off the line are named."""
    side = together(whole.findings, shown(whole.findings))

    assert [(row.chance.main, row.kept.main) for row in side.ranks] == [("62", "not resolved")]
    assert side.untold == 1
    assert side.lines[0].off == "v001 (+3.1)"
    assert side.lines[0].share.main == "40"


def test_section_is_on_the_page(whole):
    """Section, link and the words of each part; without any of the findings, none of it."""
    page = HTML(whole)
    empty = HTML(realistic(exhibits=0))

    assert '<section id="together">' in page
    assert '<a href="#together">' in page
    assert "Choose on one test, use on another" in page
    assert "Not told for 1 of 2 tests" in page
    assert "Accuracy on the line: 1 test<" in page
    assert "together" not in re.findall(r'(?:id|href)="#?(\w+)"', empty)


def test_heat_has_a_field_for_every_pair(whole):
    """Nine fields: the diagonal with its lead in points, the others hatched."""
    drawn = heat(whole.findings, shown(whole.findings), UNITS)

    assert [name for _, name in drawn.rows] == NAMES
    assert [name for _, name in drawn.columns] == NAMES
    assert len(drawn.cells) == 9
    assert sorted(cell.look for cell in drawn.cells) == ["noisy"] * 6 + ["pos"] * 3
    assert {cell.text for cell in drawn.cells if cell.look == "pos"} == {"2.0"}
    assert all(cell.strength == 1 for cell in drawn.cells if cell.look == "pos")
    assert "2.0 (1.0 to 3.0)" in next(cell.said for cell in drawn.cells if cell.look == "pos")


def test_many_probes_are_one_a_family():
    """More than twenty columns are cut to the severest of each family, and it is said."""
    dossier = realistic(exhibits=0)
    names = [probe.name for probe in dossier.findings.probes]
    findings = without(dossier, transfers=_transfers(names)).findings
    drawn = heat(findings, shown(findings), UNITS)

    assert len(drawn.columns) <= 20
    assert "others are in findings.json" in drawn.note


def test_matrix_stands_in_the_order_of_groups(whole):
    """With groups the rows follow them, a mark where a new one starts; the others come after."""
    labels = matrix(whole.findings, shown(whole.findings)).labels

    assert [one.text for one in labels[:4]] == ["pixelate 5", "pixelate 3", "contrast 5", "fog 1"]
    assert [one.starts for one in labels[:5]] == [False, False, True, False, True]
    assert not any(one.starts for one in labels[5:])


def test_texts_from_outside_make_no_markup(whole):
    """Names of variants and reasons are text."""
    bad = "<b onclick=x>"
    line = AccuracyLine(
        "fog-5", 49, Interval(0.7, 0.4, 1.1), NOTHING, NOTHING, NOTHING, 0.8, {},
        (OffLine(bad, 0.031, 4.0, 0.001),), bad,
    )  # fmt: skip
    page = HTML(without(whole, accuracy_lines=(line,)))

    assert bad not in page
    assert page.count("&lt;b onclick=x&gt;") == 2


def test_groups_of_a_tests_own_examples_are_no_news(whole):
    """Strata that stand in a group are not named as alike to what they are a part of."""
    members = ("fog-5", "class-1", "class-2")
    found = replace(_groups(), groups=(ProbeGroup(members, 0.99, 0.99, 1.0, True),), between=())
    findings = without(whole, probe_groups=found).findings
    side = together(findings, shown(findings))

    assert side.said.startswith("No group of tests is surely alike")
    assert [(row.tests, row.count, row.inside) for row in side.groups] == [("fog 5", 1, "")]
    assert side.strata == 5


def test_long_tables_of_ranks_are_folded(whole):
    """Up to eight rows stand open; more are folded."""
    for count, folded in ((8, 0), (9, 1)):
        probes = whole.findings.probes[1 : count + 1]
        ranks = tuple(HoldoutRank(p.name, _agreement(0.6), None) for p in probes)
        page = HTML(without(whole, holdout_ranks=ranks))

        assert page.count(f"All {count} tests</summary>") == folded


def test_the_lead_is_of_these_variants_only(whole):
    """The transfer matrix says on what and of whom it is true."""
    page = HTML(whole)

    assert "on other examples." in page
    assert "true of these variants only" in page
