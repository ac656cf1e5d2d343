"""The section on single decisions: maxima with their k, abstention, groups; nothing of small groups."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.report.dossiers import without
from underspec import report
from underspec.measure import arbitrariness

HTML = report.get("html")


@pytest.fixture(scope="module")
def told(dossier):
    """The dossier with the full measures of synthetic answers on each probe."""
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 200).astype(np.int32)
    sites = np.where(np.arange(200) < 7, "tiny <b>", "main <script>").astype(np.str_)
    found = []
    for at, probe in enumerate(dossier.findings.probes):
        logits = 2.5 * np.eye(3)[labels] + generator.normal(size=(200, 3))
        logits = logits + (0.5 + 0.02 * at) * generator.normal(size=(20, 200, 3))
        scores = np.exp(logits)
        scores = (scores / scores.sum(axis=2, keepdims=True)).astype(np.float32)
        found.append(arbitrariness(probe.name, scores.argmax(axis=2).astype(np.int32), labels=labels,
                                   scores=scores, groups={"site": sites}))  # fmt: skip
    return without(dossier, arbitrariness=tuple(found))


def section(text):
    """Return the section of a page."""
    return text.split('<section id="arbitrariness">')[1].split("</section>")[0]


def test_every_maximum_carries_its_k(told):
    """Ambiguity, discrepancy, range of scores and capacity, on every probe."""
    text = section(HTML(told))
    probes = len(told.findings.probes)

    for name in ("ambiguity", "discrepancy"):
        assert (
            len(re.findall(rf'data-name="{name}">[^<]+<span class="soft">\(k = 20\)', text))
            == probes
        )
    for name in ("range of scores", "Rashomon capacity, bits"):
        assert text.count(f'data-name="{name} (k = 20)">') == probes


def test_intervals_stand_below(told):
    """Disagreement and ambiguity are shown with their ends, and ambiguity for fewer variants."""
    text, one = section(HTML(told)), told.findings.arbitrariness[0]
    ends = one.ends.disagreement

    assert f"<small>{100 * ends.low:.1f} to {100 * ends.high:.1f}</small>" in text
    assert f"{100 * one.ambiguity_at[0].share.value:.1f} at 5" in text


def test_two_curves_of_abstention(told):
    """The holdout's and that of the probe with most disagreement, a dot for each share."""
    text = section(HTML(told))
    worst = max(told.findings.arbitrariness[1:], key=lambda one: one.disagreement)
    title = next(p.title for p in told.findings.probes if p.name == worst.probe)

    assert text.count("<polyline") == 2
    assert text.count("<circle") == 2 * 7
    assert f"<title>{title}, 95 % must agree: answered " in text


def test_groups_are_told_and_small_ones_are_not(told):
    """Names from outside are escaped; a group under ten is counted, never named."""
    text = section(HTML(told))

    assert "site main &lt;script&gt;" in text
    assert "tiny" not in text
    assert "2 groups of fewer than 10 examples are left out" in text


def test_older_findings_are_shown_as_they_are(dossier):
    """Findings without the further measures: the table, no picture, no empty parts."""
    text = section(HTML(dossier))

    assert text.count('data-name="disagreement"') == 41
    assert "<polyline" not in text
    assert "<details" in text
    assert "Rashomon" not in text


def test_nothing_to_tell(dossier):
    """No variant pair, or no probe: words instead of figures."""
    none = tuple(
        replace(one, disagreement=None, ambiguity=None) for one in dossier.findings.arbitrariness
    )

    assert "not resolved" in section(HTML(without(dossier, arbitrariness=none)))
    assert "No decisions were compared" in section(HTML(without(dossier, arbitrariness=())))
