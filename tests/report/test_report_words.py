"""Numbers and sentences as readers see them."""

from dataclasses import replace

import pytest

from tests.report import pathologies
from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import Gap, Interval, Needs, VariantCounts
from underspec.measure.because import Words
from underspec.report.answer import answer
from underspec.report.html.scale import nice
from underspec.report.numbers import Units, chance, duration, number, times
from underspec.report.rules import told
from underspec.report.shown import plain

POINTS, RAW = Units("accuracy"), Units("log_loss")
INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (Interval(0.062, 0.049, 0.074), "6.2 (4.9 to 7.4)"),
        (Interval(0.0038, 0.001, 0.02), "0.38 (0.10 to 2.00)"),
        (Interval(-0.03, -0.036, -0.024), "−3.0 (−3.6 to −2.4)"),
        (Interval(0.02, 0.01, None), "2.0 (at least 1.0)"),
        (Interval(None, 0.02, None), "at least 2.0"),
        (Interval(None, 0.0, None), "not resolved"),
        (Interval(None, None, 0.02), "at most 2.0"),
        (Interval(None, 0.01, 0.02), "1.0 to 2.0"),
        (Interval(None, None, None), "not resolved"),
        (Interval(NAN, INF, -INF), "not resolved"),
        (Interval(-0.00001, None, None), "0.00"),
    ],
)
def test_differences(ended, text):
    """Differences of a share are told in points; what is open or unknown is said in words."""
    assert str(POINTS.differences(ended)) == text


def test_units_of_other_metrics():
    """A metric that is no share keeps its own units."""
    assert RAW.level(0.41234) == "0.412"
    assert RAW.difference(0.01) == "0.0100"
    assert POINTS.level(0.9413) == "94.1 %"
    assert POINTS.difference(0.01) == "1.0 points"
    assert str(POINTS.levels(Interval(0.9, 0.89, 0.91))) == "90.0 % (89.0 to 91.0 %)"


def test_ratio_with_an_open_end():
    """An infinite ratio is at least its lower end."""
    assert str(times(Interval(None, 4.0, None))) == "at least 4.0×"
    assert str(times(Interval(12.3, 9.0, 15.0))) == "12× (9× to 15×)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.1234, "0.12 s"),
        (9.6, "9.6 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (272, "4 min 32 s"),
        (1044, "17 min"),
        (3599.9, "1 h"),
        (12_000, "3 h 20 min"),
        (400_000, "4.6 days"),
    ],
)
def test_duration(seconds, text):
    """Seconds are told in the units that suit them."""
    assert duration(seconds) == text


def test_small_chances():
    """A p-value is never told as 0."""
    assert (chance(0.0), chance(0.0312), chance(None)) == ("< 0.001", "0.031", "not resolved")


def test_no_negative_zero():
    """A number that rounds to zero has no sign."""
    assert number(-0.0001, 2) == "0.00"


def test_unseen_characters_are_taken_out():
    """Control codes, marks of direction and lone surrogates do not come through."""
    assert plain("a\x1b[31m\u202eb\nc\ud800") == "a [31m b c�"
    assert plain("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-33.1, 29.4), (0, 1e-9), (5, 5), (0, INF)])
def test_axis_ticks(low, high):
    """Ticks are few, rise, and lie within the axis."""
    ticks = nice(low, high, 6)

    assert 1 <= len(ticks) <= 9
    assert list(ticks) == sorted(set(ticks))
    assert all(low - 1e-12 <= tick <= high for tick in ticks)


@pytest.mark.parametrize(
    ("make", "headline"),
    [
        (realistic, "Underspecified on 9 of 40 stress tests"),
        (pathologies.empty, "No answer: no variant was kept"),
        (pathologies.no_pool, "No answer: no variant was kept"),
        (pathologies.one_variant, "No answer: only one variant was kept"),
        (pathologies.no_stress, "No answer: nothing was stress-tested"),
        (pathologies.unresolved, "Undecided: all 40 stress tests stay open"),
    ],
)
def test_headline(make, headline):
    """The headline never claims more than there is."""
    assert answer(make()).headline == headline


def _all(verdict, **changes):
    whole = realistic(variants=20)
    return without(
        whole,
        probes=tuple(
            p if p.kind == "holdout" else replace(p, verdict=verdict, needs=None, other=None, **changes)
            for p in whole.findings.probes
        ),
    )  # fmt: skip


def test_headline_of_clean_and_structural():
    """Clean is said to be clean; falling alike is not called underspecified."""
    assert answer(_all("clean")).headline == "No underspecification found on 40 stress tests"
    said = answer(_all("structural", spread_verdict="no"))
    assert said.headline == "All variants fall alike on 40 of 40 stress tests"
    assert said.verdict == "structural"
    still = answer(_all("structural", spread_verdict="unknown")).headline
    assert still == (
        "The mean of the variants falls on 40 of 40 stress tests; whether they part stays open on 40"
    )
    assert answer(_all("both")).verdict == "both"


def _said(dossier):
    return dict(answer(dossier).sentences)


def _mixed(*changes):
    """A dossier whose first stress tests are changed, the others clean."""
    whole = _all("clean", spread_verdict="no", drop_verdict="no")
    home, *rest = whole.findings.probes
    for at, change in enumerate(changes):
        rest[at] = replace(rest[at], **change)
    return without(whole, probes=(home, *rest))


ALIKE = {"verdict": "structural", "drop_verdict": "yes", "spread_verdict": "no"}
FALLS = {"verdict": "structural", "drop_verdict": "yes", "spread_verdict": "unknown"}
BOTH = {"verdict": "both", "drop_verdict": "yes", "spread_verdict": "yes"}


def test_another_seed_is_ruled_out_only_where_variants_do_not_part():
    """It is said where spread is ruled out, not where it is open, and not of `both`."""
    key = "How far they fall"

    assert _said(_mixed(ALIKE))[key].endswith("; another seed does not mend that.")
    assert "on 1 of them they do not part" in _said(_mixed(ALIKE, FALLS))[key]
    for dossier in (_mixed(FALLS), _mixed(BOTH), _mixed(FALLS, BOTH)):
        assert "another seed" not in _said(dossier)[key]


@pytest.mark.parametrize("sign", [1, -1])
def test_how_far_the_pick_still_falls(sign):
    """Where variants part, the pick's own fall is told, whichever way the metric goes."""
    dossier = _mixed(BOTH)
    pick = dossier.findings.choices[0].variants[0]
    probes = list(dossier.findings.probes)
    for at, mean in enumerate((0.9, 0.9 - 0.1 * sign)):
        drop = Interval(0.1 * at, 0.09 * at, 0.11 * at)
        probes[at] = replace(probes[at], mean=Interval(mean, 0, 1), drop=drop)
    scores = {"holdout": {pick: 0.91}, probes[1].name: {pick: 0.91 - 0.04 * sign}}
    told = replace(without(dossier, probes=tuple(probes)), scores=scores)
    nobody = without(told, recommended=None)

    assert (
        f" The variant to ship, {pick}, is 4.0 points worse there"
        in _said(told)["How far they fall"]
    )
    assert "to ship" not in _said(nobody)["How far they fall"]
    assert "to ship" not in _said(replace(told, scores={}))["How far they fall"]


def test_each_axis_is_counted():
    """Open spread and open drop are counted apart; unset limits are said to be unset."""
    open_drop = {"verdict": "undecided", "drop_verdict": "unknown", "spread_verdict": "no"}
    dossier = _mixed(FALLS, FALLS, open_drop)
    study = replace(dossier.findings.study, max_drop=None)

    assert _said(dossier)["How sure"].endswith(
        "Whether they part stays open on 2 of 40 tests, and whether they fall too far stays open on 1 of "
        "40 tests."
    )
    assert _said(dossier)["How sure"].startswith("Ranges hold the truth in 95 of 100 such studies;")
    assert "Falls are not judged" in _said(without(dossier, study=study))["How sure"]
    assert _said(_mixed(ALIKE))["How sure"].endswith("No test stays open.")


def test_too_few_kept_is_told_as_such():
    """Under ten kept, the way out is more variants or a larger epsilon, as the pool's note says."""
    whole = pathologies.unresolved()
    counted = VariantCounts(12, 12, 0, 9)
    study = replace(whole.findings.study, variants=counted)
    probes = tuple(replace(p, needs=Needs(None, None)) for p in whole.findings.probes)
    note = (
        "Only 9 of 12 variants are near-equal; a verdict on spread needs 10, which 0.02 would keep."
    )
    pool = replace(whole.findings.pool, note=note)
    few = without(whole, study=study, probes=probes, pool=replace(pool, note=None))
    noted = without(few, pool=pool)
    tiny = without(few, study=replace(study, variants=VariantCounts(8, 8, 0, 8)))

    assert _said(noted)["To know more"].startswith(note + " Train more variants, or take a larger")
    assert _said(few)["To know more"].startswith("Only 9 of the 10 kept variants")
    assert _said(tiny)["To know more"].endswith("Train more variants.")


def test_variants_that_are_one_model():
    """Where nothing varied the headline says so, and nobody is called equally good."""
    note = "All variants say exactly the same of the holdout: nothing here tells about variation."
    said = answer(without(realistic(variants=12), notes=(note,)))

    assert said.headline.startswith("Nothing varied: all 11 variants are the same model")
    assert "equally good" not in " ".join(text for _, text in said.sentences)


def test_groups_among_the_stress_tests_are_counted():
    """The answer says how many stress tests are groups of examples of others."""
    assert "Of the 40 stress tests 5 are groups of examples" in _said(realistic())["What"]
    whole = realistic()
    groups = tuple(p for p in whole.findings.probes if p.kind != "shifted")
    assert "All 5 stress tests are groups" in _said(without(whole, probes=groups))["What"]


@pytest.mark.parametrize(
    ("metric", "name", "points"),
    [
        ("accuracy", "accuracy", " points"),
        ("sensitivity specificity=0.8", "sensitivity (specificity=0.8)", " points"),
        ("auc", "AUC", ""),
        ("log_loss", "log loss", ""),
        ("r2", "R²", ""),
    ],
)
def test_names_and_units_of_metrics(metric, name, points):
    """One rule for tables and sentences: shares in points, parameters left aside."""
    gap = Gap(0.0038, 0.001, 0.02, "")
    because = Words(metric, epsilon=0.01, max_drop=None).yardstick(20, gap)

    assert (Units(metric).name, Units(metric).points) == (name, points)
    assert ("points" in because) == bool(points)
    assert points or f"0.0038 in {name}" in because


def test_a_rule_is_named_with_what_it_looks_at():
    """A rule that stands alone of its kind is told with its probe, recommended or not."""
    whole = realistic(variants=20)
    best = replace(whole.findings.choices[0], rule="best_on")
    study = {"choose": ["medoid", {"best_on": {"probe": "fog-*"}}]}
    dossier = replace(without(whole, choices=(best,), recommended="best_on"), study=study)

    assert told(dossier).findings.recommended == "best_on fog-*"
    assert told(replace(dossier, study={})) == replace(dossier, study={})
    assert "best_on fog-* (recommended)" in " ".join(report.get("text")(dossier).split())


def test_what_to_ship():
    """The recommended rule is named with its gain; without one, nobody is preferred."""
    whole = realistic()
    ship = dict(answer(whole).sentences)["To ship"]
    none = dict(answer(without(whole, recommended=None)).sentences)["To ship"]

    assert ship == (
        f"Take {whole.findings.choices[0].variants[0]}, the pick of minimax regret. On average over "
        "10 halvings of the examples, this rule's pick comes 2.1 points (0.9 to 3.3) closer to the "
        "best than a random pick in its worst test, on the half that did not choose."
    )
    assert none.startswith("No rule beats a random pick beyond doubt, allowing for the number")


def test_what_it_costs_to_know_more():
    """The price of more variants is told at the training time that was measured."""
    whole = realistic()
    said = dict(answer(whole).sentences)["To know more"]
    free = replace(whole, variants=tuple(replace(v, seconds=None) for v in whole.variants))

    # 49 variants at 14.2 s for 44 kept; 66 more are needed.
    assert f"(up to about {duration(49 * 14.2 / 44 * 66)} more of training)" in said
    assert "training" not in dict(answer(free).sentences)["To know more"]
    assert "12,000 examples a test" in said
    stuck = _all("undecided")
    probes = tuple(replace(p, needs=Needs(None, None)) for p in stuck.findings.probes)
    assert (
        "No feasible number"
        in dict(answer(without(stuck, probes=probes)).sentences)["To know more"]
    )


def test_worst_gap_is_named():
    """The sentence on where names the widest gap among those that part."""
    whole = realistic()
    probes = tuple(
        replace(p, gap=Gap(0.5, 0.4, 0.6, "gini")) if p.name == "fog-5" else p
        for p in whole.findings.probes
    )
    where = dict(answer(without(whole, probes=probes)).sentences)["Where"]

    assert "“fog, severity 5”" in where
    assert "50.0 points (interval 40.0 to 60.0)" in where
