"""The section on other epsilons; the curve here is made up."""

import re
from dataclasses import replace

import pytest

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import EpsilonCalls, EpsilonCurve, EpsilonPoint, Gap
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.report.html.epsilon import _decades

EPSILONS = (0.0004, 0.0008, 0.0016, 0.0031, 0.0057, 0.01, 0.017, 0.03)
KEPT = (2, 5, 9, 18, 30, 42, 48, 49)
CALLED = (0, 0, 0, 6, 12, 12, 8, 3)


def curve(own=0.01, gap=0.05):
    """A made-up curve over the probes of `realistic`."""
    points = tuple(
        EpsilonPoint(
            epsilon=epsilon, kept=kept, mean_gap=0.4 * gap, worst="contrast-5",
            worst_gap=Gap(gap, gap * 0.8, gap * 1.3, "made up"),
            verdicts={"both": called // 2, "underspecified": called - called // 2, "undecided": 40 - called},
            note="Under 10 are kept: how far they part is not judged." if kept < 10 else None,
        )
        for epsilon, kept, called in zip(EPSILONS, KEPT, CALLED, strict=True)
    )  # fmt: skip
    calls = (
        EpsilonCalls("contrast-5", 0.0031, 0.03, None),
        EpsilonCalls("fog-5", 0.0031, 0.01, 0.017),
        EpsilonCalls("brightness-1", None, None, None),
        EpsilonCalls("class-1", 0.0057, 0.0057, 0.01),
    )
    return EpsilonCurve(own, points, calls)


@pytest.fixture(scope="module")
def dossier():
    return without(realistic(), epsilon_curve=curve())


@pytest.fixture(scope="module")
def section(dossier):
    page = report.get("html")(dossier)
    return re.search(r'<section id="epsilon">.*?</section>', page, re.DOTALL)[0]


def _marks(section):
    marks = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" fill="([^"]*)"', section)
    return [(float(x), float(y), fill) for x, y, fill in marks]


def test_two_charts_share_their_epsilons(section):
    """Kept above, called below, at the same places; more is higher up."""
    marks = _marks(section)
    kept, called = marks[:8], marks[8:]

    assert len(marks) == 16
    assert [x for x, *_ in kept] == [x for x, *_ in called] == sorted(x for x, *_ in kept)
    assert [y for _, y, _ in kept] == sorted((y for _, y, _ in kept), reverse=True)
    assert min(range(8), key=lambda at: called[at][1]) == 4
    assert kept[-1][1] < called[4][1]
    # Equal steps on a log scale are about equal.
    assert kept[1][0] - kept[0][0] == pytest.approx(kept[2][0] - kept[1][0], abs=0.2)


def test_own_epsilon_is_marked(section):
    """A line through both charts at the study's own epsilon, its dots, and its row."""
    own = [x for x, _, fill in _marks(section) if fill == "var(--accent)"]
    lines = re.findall(r'<line x1="([\d.]+)" x2="\1" y1="[\d.-]+" y2="[\d.]+" stroke="var', section)

    assert len(own) == len(lines[1:]) == 2
    assert {float(x) for x in lines[1:]} == set(own)
    assert section.count("the study's own<") == section.count("the study&#39;s own<") + 1 == 1
    assert "The study's own is 1.0 points" in section


def test_too_few_are_shaded(section):
    """Where under 10 are kept the charts are shaded, up to between the two epsilons."""
    edges = re.findall(r'<rect class="noise" x="(\d+)" y="\d+" width="([\d.]+)" height="\d+"/>', section)  # fmt: skip
    marks = _marks(section)
    end = float(edges[0][0]) + float(edges[0][1])

    assert len(edges) == 2
    assert marks[2][0] < end < marks[3][0]
    assert section.count("<small>under 10</small>") == 3


def test_it_warns_of_choosing_by_it(section):
    """The section says that an epsilon chosen by it is chosen with the data."""
    assert "chosen with the very data that are judged" in section


def test_tables_say_the_numbers(section):
    """Each epsilon with its verdicts, and from where to where each stress test is found so."""
    text = re.sub(r"\s*<[^>]+>\s*", "|", section)

    assert "6 both, 6 underspecified, 28 undecided" in text
    assert "contrast, severity 5|" in text
    assert re.search(r"fog, severity 5\|+between 0.31 and 1\|+no longer at 1.7\d?\|", text)
    assert re.search(
        r"contrast, severity 5\|+between 0.31 and 3\|+still at 3, the largest tried\|", text
    )
    assert "1 stress test is so at none" in text
    # Those called furthest come first.
    tables = text.index("Found underspecified for epsilon")
    assert text.index("contrast, severity 5", tables) < text.index("fog, severity 5", tables)


@pytest.mark.parametrize(
    "found",
    [
        None,
        EpsilonCurve(0.01, (), ()),
        replace(curve(), points=curve().points[:1]),
    ],
)
def test_no_curve_no_section(found):
    """Without a curve, or with one epsilon, there is neither section nor link."""
    page = report.get("html")(without(realistic(), epsilon_curve=found))

    assert 'id="epsilon"' not in page
    assert "#epsilon" not in page


def test_small_groups_stay_out(dossier):
    """The widest gap is not told of a group that is too small to be shown."""
    findings = dossier.findings
    small = tuple(replace(p, n=7) if p.name == "class-1" else p for p in findings.probes)
    points = tuple(replace(point, worst="class-1") for point in findings.epsilon_curve.points)
    page = report.get("html")(
        without(dossier, probes=small, epsilon_curve=replace(findings.epsilon_curve, points=points))
    )

    assert "class = Shirt" not in page


def test_unresolved_gaps_are_dashes():
    """Epsilons that keep one variant have no gap."""
    points = (
        EpsilonPoint(
            0.001, 1, None, None, Gap(None, None, None, "made up"), {"undecided": 3}, None
        ),
        *curve().points[3:],
    )
    page = report.get("html")(without(realistic(), epsilon_curve=replace(curve(), points=points)))

    assert 'data-name="widest gap">–<' in page


def test_curve_survives_the_file(dossier):
    """findings.json gives the curve back."""
    text = findings_json(dossier.findings)
    back = findings_from_json(text)

    assert back.epsilon_curve.points[3].verdicts == {
        "both": 3,
        "underspecified": 3,
        "undecided": 34,
    }
    assert back.epsilon_curve.probes == curve().probes
    assert findings_json(back) == text


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.2, 2.0, [0.2, 0.5, 1, 2]), (0.005, 1, [0.01, 0.1, 1]), (0.3, 0.4, [])],
)
def test_ticks_keep_apart(low, high, ticks):
    """Over several powers of ten only these are marked."""
    assert _decades(low, high) == pytest.approx(ticks)
