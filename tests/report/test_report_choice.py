"""What is said of the choice: figures belong to the rule, and a rule held back is explained."""

from dataclasses import replace

import pytest

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import Advice, Interval, WinnersCurse
from underspec.report.answer import held_back, shipping, ships
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
        "No rule beats a random pick beyond doubt, allowing for the number of rules compared, so none of the "
        "kept variants is to be preferred: specify more before you ship."
    )


@pytest.fixture(scope="module")
def cursed():
    """A dossier whose first rule looks better than it is, on the holdout and on one stress test."""
    whole = realistic(variants=20)
    best, *rest = whole.findings.choices
    probe = next(p for p in whole.findings.probes if p.kind != "holdout")
    told = tuple(
        WinnersCurse(name, Interval(0.912, 0.9, 0.924), Interval(0.899, 0.886, 0.911), Interval(0.013, 0.004, 0.022))
        for name in ("holdout", probe.name)
    )  # fmt: skip
    return without(whole, choices=(replace(best, winners_curse=told), *rest))


def test_the_winners_curse_is_shown(cursed):
    """The page and the lines of `choose` give both halves and the difference, named optimism."""
    page = shown_in("html", cursed)
    lines = list(sentences(cursed.findings))

    assert "The winner's curse" in page
    assert page.count('data-name="as the half that chose has it"') == 2
    assert "Optimism, points" in page
    assert "The winner's curse" not in shown_in("html", realistic(variants=20))
    assert lines[1].endswith(
        "91.2 % on the half that chose, 89.9 % (88.6 to 91.1 %) on the other, so that the first is too good "
        "by 1.3 (0.4 to 2.2) points."
    )


def test_what_readers_may_not_see_has_no_curse(cursed):
    """A probe that is left out of reports is left out here too."""
    best, *rest = cursed.findings.choices
    gone = tuple(replace(told, probe="tiny-group") for told in best.winners_curse)
    hidden = without(cursed, choices=(replace(best, winners_curse=gone), *rest))

    assert "The winner's curse" not in shown_in("html", hidden)
    assert "tiny-group" not in " ".join(sentences(hidden.findings))


@pytest.mark.parametrize(
    ("code", "tile", "said"),
    [
        ("any", "of the pool", "they part on none of them. Ship."),
        ("undecided", "preferred", "decide that first."),
        ("specify_more", "yet", "none of the kept variants is to be preferred: specify more"),
    ],
)
def test_the_advice_is_followed_where_no_rule_is_recommended(code, tile, said):
    """Not to ship is one answer, any of the pool another."""
    advice = Advice(code, f"So it is: {said}")
    whole = without(realistic(variants=20), recommended=None, advice=advice)

    assert said in shipping(whole)
    assert said in shown_in("html", whole)
    assert tile in shown_in("html", whole)
    assert list(sentences(whole.findings))[-1] in shipping(whole)


def test_an_ensemble_is_not_called_a_lottery(cursed):
    """Variants that answer together are said to, and how many."""
    findings = cursed.findings
    best, *rest = findings.choices
    pool = replace(best, variants=findings.pool.kept, together=True)
    few = replace(best, variants=findings.pool.kept[:2], together=True)
    a, b = findings.pool.kept[:2]

    assert (
        ships(pool, findings) == f"the mean of the scores of all {len(pool.variants)} of the pool"
    )
    assert ships(few, findings) == f"the mean of the scores of {a} and {b}"
    assert ships(replace(few, together=False), findings) == f"{a} and {b}"
    whole = without(cursed, choices=(few, *rest))
    assert "2 models together" in shown_in("html", whole)
    assert "These 2 answer together" in " ".join(sentences(whole.findings))
