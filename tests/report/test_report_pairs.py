"""Contrastive probes in reports: their own units, the table of flips, and what it says in words."""

from dataclasses import replace

import pytest

from tests.report.dossiers import realistic
from underspec import report
from underspec.core.findings import Flips, Interval, Ratio
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.report.pairs import flip_rows, flips_said
from underspec.report.shown import shown

NOTHING = Interval(None, None, None)


def flips(value, low, high, **more):
    given = {
        "up": Interval(0.012, 0.008, 0.017),
        "down": Interval(0.031, 0.02, 0.044),
        "jaccard": Interval(value, low, high),
        "by_chance": 0.02,
        "variants": 40,
    }
    return Flips(**{**given, **more})


def dossier(*found, metric="accuracy"):
    """A study whose last probes are contrastive, with these flips."""
    made = realistic(exhibits=0)
    *rest, last = made.findings.probes
    pairs = [
        replace(
            last,
            name=f"edit_{at}",
            title=f"edit {at}",
            kind="contrastive",
            family="edit",
            severity=None,
            metric=metric,
            verdict="both" if metric == "accuracy" else "reported",
            mean=Interval(0.957, 0.94, 0.97),
            drop=Interval(0.043, 0.03, 0.06),
            ratio=Ratio(None, None, None, None, "none: no spread on the holdout is like it"),
            flips=one,
        )
        for at, one in enumerate(found)
    ]
    return replace(made, findings=replace(made.findings, probes=(*rest, *pairs)))


@pytest.mark.parametrize("metric", ["accuracy", "agreement"])
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_flips_have_a_table_of_their_own(form, metric):
    """Whatever metric they are told under; shares of pairs are never written as the metric's."""
    drawn = report.get(form)(dossier(flips(0.2, 0.15, 0.26), metric=metric))

    assert "Flips" in drawn
    assert "wo equally good models flip largely different cases" in drawn
    assert "95.7 % alike" in drawn
    for number in ("1.2", "3.1", "20.0", "2.0"):
        assert number in drawn


def test_words_follow_the_intervals():
    """Different, the same, or open, each with how many tests."""
    far, near, wide = flips(0.2, 0.1, 0.3), flips(0.8, 0.7, 0.9), flips(0.4, 0.2, 0.7)
    said = []
    for some in ((far,), (near,), (wide,), (far, near, wide), (flips(None, None, None),)):
        findings = dossier(*some).findings
        said.append(flips_said(findings, shown(findings)))

    assert said[0].startswith("Two equally good models flip largely different cases: on “edit 0” ")
    assert "20.0 % of their flipped pairs in common (10.0 to 30.0; 2.0 by chance)" in said[0]
    assert said[1].startswith("Two equally good models flip largely the same cases")
    assert said[2] == "Whether two equally good models flip the same cases stays open."
    assert "on 1 of 3 tests" in said[3]
    assert said[4] == ""


def test_what_is_not_known_is_said():
    """Without labels, and where nobody flips."""
    bare = flips(None, None, None, up=None, down=None, by_chance=None, variants=0)
    made = dossier(bare)
    (row,) = flip_rows(made.findings, shown(made.findings))

    assert (row.up.main, row.overlap.main, row.by_chance) == ("no labels", "not resolved", "–")
    for form in ("text", "markdown", "html", "json", "junit"):
        assert report.get(form)(made)


def test_a_fall_of_pairs_is_told_as_one():
    """The answer speaks of pairs, not of points below the holdout."""
    drawn = report.get("text")(dossier(flips(0.2, 0.1, 0.3)))
    alone = dossier(flips(0.2, 0.1, 0.3))
    only = [p for p in alone.findings.probes if p.kind in ("holdout", "contrastive")]
    alone = replace(alone, findings=replace(alone.findings, probes=tuple(only)))
    text = " ".join(report.get("text")(alone).split())

    assert "alike" in drawn
    assert "4.3 % of pairs are not answered alike" in text
    assert "in the share of pairs whose two sides they answer alike" in text


def test_findings_with_flips_are_read_back():
    """findings.json gives back what was written."""
    findings = dossier(flips(0.2, 0.1, 0.3), flips(None, None, None, up=None)).findings

    again = findings_from_json(findings_json(findings))
    assert [one.flips for one in again.probes] == [one.flips for one in findings.probes]
