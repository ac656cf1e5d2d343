"""What is said of the choice: figures belong to the rule, and a rule held back is explained."""

from dataclasses import replace

import pytest

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import Interval
from underspec.report.answer import held_back, shipping
from underspec.study.picks import sentences

HELD = (
    "minimax_regret gains 14.0 points (12.0 to 15.9) over a random pick in its worst test, but "
    "does worse than a random pick on stress tests it did not see (−3.9, −5.5 to −2.3)"
)


@pytest.fixture(scope="module")
def fails():
    """A dossier whose best rule gains, but loses on stress tests it did not see."""
    whole = realistic(variants=20)
    best, *rest = whole.findings.choices
    lost = replace(
        best, gain=Interval(0.14, 0.12, 0.159), transfer=Interval(-0.039, -0.055, -0.023)
    )
    return without(whole, choices=(lost, *rest), recommended=None)


def shown_in(name, dossier):
    text = report.get(name)(dossier)
    clean = text.replace("\\_", "_").replace("\\-", "-").replace("&#39;", "'")
    return " ".join(clean.split())


@pytest.mark.parametrize("name", ["html", "markdown", "text"])
def test_a_rule_held_back_for_its_transfer_is_explained(name, fails):
    """Every report says why a rule that gains is not recommended."""
    assert f"{HELD}: specify more before you ship." in shown_in(name, fails)
    assert "any of the kept" not in shipping(fails)


def test_a_rule_held_back_beside_a_recommended_one(fails):
    """Where another rule is recommended, that one is told first."""
    other = without(fails, recommended="medoid")
    said = shipping(other)

    assert said.startswith("Take ")
    assert said.endswith(f"{HELD}, and is not recommended.")


def test_an_open_transfer_holds_nobody_back():
    """Nothing is said where the transfer's interval holds 0, or has no end."""
    whole = without(realistic(variants=20), recommended=None)
    assert held_back(whole.findings) == ""
    best, *rest = whole.findings.choices
    for high in (0.0, None, float("nan")):
        moved = replace(best, transfer=Interval(-0.02, -0.03, high))
        assert held_back(without(whole, choices=(moved, *rest)).findings) == ""


@pytest.mark.parametrize("name", ["html", "markdown", "text"])
def test_the_gain_is_credited_to_the_rule(name):
    """No report gives the variant named a figure that is the rule's over many halvings."""
    said = shown_in(name, realistic(variants=20))

    assert "Gain and transfer are the rule's, averaged over halvings" in said
    assert "its worst test comes" not in said


def test_one_halving_is_not_called_an_average():
    """With one split the sentence is in the singular."""
    whole = realistic(variants=20)
    once = tuple(replace(one, splits=1) for one in whole.findings.choices)
    said = shipping(without(whole, choices=once))

    assert "On one halving of the examples, this rule's pick comes" in said


def test_the_picks_say_whose_figure_it_is(fails):
    """The lines of `choose` credit the rule, and end in why it is held back or in the advice."""
    whole = realistic(variants=20)
    first, *_, last = sentences(whole.findings)
    assert "average over 10 halvings, each with its own pick" in first
    assert last == "Recommended: minimax_regret."

    assert list(sentences(fails.findings))[-1] == f"{HELD}: specify more before you ship."
    none = list(sentences(without(whole, recommended=None).findings))[-1]
    assert none == (
        "No rule beats a random pick beyond doubt, allowing for the number of rules compared: "
        "specify more before you ship."
    )
