"""Findings against thresholds: what holds, what fails, what stays open, and how often by luck."""

from dataclasses import replace

import numpy as np
import pytest

from tests.report.dossiers import realistic
from tests.worlds.rates import most, studies, tell
from underspec.core.errors import UsageError
from underspec.core.findings import Gap, Interval
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.core.store import Store
from underspec.measure import Scale
from underspec.measure.gap import gap_finding
from underspec.measure.spread import spread_finding
from underspec.report.junit import junit
from underspec.stats.gap import fit_gap, gap_ends
from underspec.stats.spread import TWO_SIDED, fit_spread
from underspec.stats.tails import Told
from underspec.stats.totals import group, total
from underspec.study import layout, load_study, read_findings
from underspec.study.gate import Thresholds, hold, read_scores
from underspec.testing.worlds import Boundary, Crowd, Plain

BASE = realistic(severities=(5.0,), groups=(), exhibits=0).findings


def of_gaps(*ends, kept=44):
    """Return findings of which each probe has a gap of these ends, around their middle."""
    holdout, first = BASE.probes[:2]
    probes = []
    for at, (low, high) in enumerate(ends):
        value = None if low is None else low if high is None else (low + high) / 2
        gap = Gap(value, low, high, "made up")
        # Of the spread only what the gap's p-value asks of it.
        spread = replace(
            first.spread,
            observed=None if value is None else value / 0.95**0.5,
            true_squared=None if value is None else value**2,
            low=low,
            reliability=None if value is None else 0.95,
        )
        probes.append(replace(first, name=f"fog-{at}", family="fog", gap=gap, spread=spread))
    counts = replace(BASE.study.variants, kept=kept)
    return replace(BASE, study=replace(BASE.study, variants=counts), probes=(holdout, *probes))


def outcomes(findings, **options):
    """Hold gaps against two points."""
    checks = hold(findings, Thresholds(max_gap=0.02), **options)
    return [row.outcome for row in checks.rows], checks.holds


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [
        ((0.005, 0.019), "holds"),
        ((0.005, 0.02), "holds"),
        ((0.005, 0.0201), "undecided"),
        ((0.02, 0.03), "undecided"),
        ((0.0201, 0.03), "fails"),
        ((0.001, None), "undecided"),
        ((0.05, None), "fails"),
        ((None, None), "undecided"),
    ],
)
def test_one_gap_is_judged_by_the_ends_of_its_interval(ends, outcome):
    """The far end within: holds. The near end beyond: fails. An end that is missing never passes."""
    got, holds = outcomes(of_gaps(ends))

    assert got == [outcome]
    assert holds == (outcome == "holds")


@pytest.mark.parametrize("ends", [(0.005, 0.03), (0.001, None), (None, None)])
def test_undecided_passes_only_where_it_is_allowed(ends):
    """What is not shown stops the gate, unless told otherwise; what is shown to fail always does."""
    assert outcomes(of_gaps(ends))[1] is False
    assert outcomes(of_gaps(ends), allow_undecided=True)[1] is True
    assert outcomes(of_gaps(ends, (0.05, 0.06)), allow_undecided=True)[1] is False


def test_one_bad_probe_stops_all():
    """Every probe must hold."""
    good = [(0.001, 0.002)] * 9
    assert outcomes(of_gaps(*good))[1] is True
    assert outcomes(of_gaps(*good, (0.03, 0.04)))[1] is False


def test_a_near_failure_among_many_is_not_called_one():
    """An end just beyond fails by itself, but not as one of 30: there it could be luck."""
    many = of_gaps((0.0201, 0.04), *[(0.01, 0.04)] * 29)

    assert outcomes(of_gaps((0.0201, 0.04)))[0] == ["fails"]
    assert outcomes(many)[0][0] == "undecided"
    assert outcomes(many, per_probe=True)[0][0] == "fails"
    assert outcomes(of_gaps((0.035, 0.04), *[(0.01, 0.04)] * 29))[0][0] == "fails"
    assert "one of 30 checks" in hold(many, Thresholds(max_gap=0.02)).rows[0].because


def test_under_ten_kept_variants_no_gap_is_judged():
    """Intervals of a gap or ratio are not relied on there; those of drops and means are."""
    few = of_gaps((0.001, 0.002), (0.05, 0.06), kept=9)
    checks = hold(few, Thresholds(max_gap=0.02, max_ratio=50.0, max_drop=0.9))

    assert {(row.quantity, row.outcome) for row in checks.rows} == {
        ("gap", "undecided"),
        ("ratio", "undecided"),
        ("drop", "holds"),
    }
    assert "only 9 variants" in checks.rows[0].because


def test_every_threshold_is_held_on_every_probe():
    """Gap, drop, ratio and mean, each by its own interval; the holdout is the yardstick."""
    thresholds = Thresholds(max_gap=0.03, max_drop=0.2, max_ratio=4.0, min_mean=0.7)
    checks = hold(BASE, thresholds)
    probes = [one for one in BASE.probes if one.kind != "holdout"]

    assert len(checks.rows) == 4 * len(probes)
    assert {row.probe for row in checks.rows} == {one.name for one in probes}
    by_name = {(row.probe, row.quantity): row for row in checks.rows}
    for one in probes:
        row = by_name[one.name, "mean"]
        assert (row.outcome == "holds") == (one.mean.low >= 0.7)
        row = by_name[one.name, "drop"]
        assert (row.outcome == "holds") == (one.drop.high <= 0.2)
    assert {row.outcome for row in checks.rows} == {"holds", "undecided", "fails"}


def test_a_mean_that_less_of_is_better_has_a_largest():
    """Log loss is held from above; from below it would let the worst models pass."""
    losses = replace(
        BASE,
        study=replace(BASE.study, metric="log_loss"),
        probes=tuple(
            replace(one, metric="log_loss", mean=Interval(0.5, 0.4, 0.6)) for one in BASE.probes
        ),
    )
    assert hold(losses, Thresholds(max_mean=0.6)).holds
    assert {row.outcome for row in hold(losses, Thresholds(max_mean=0.3)).rows} == {"fails"}
    with pytest.raises(UsageError, match=r"less is better.*--max-mean"):
        hold(losses, Thresholds(min_mean=0.3))
    with pytest.raises(UsageError, match=r"more is better.*--min-mean"):
        hold(BASE, Thresholds(max_mean=0.3))


def test_patterns_choose_probes_and_must_match():
    """A pattern that matches nothing would pass for ever, so it is refused with the nearest name."""
    findings = of_gaps((0.001, 0.002), (0.03, 0.04))

    assert outcomes(findings, probes=["*-0"]) == (["holds"], True)
    assert outcomes(findings, probes=["*-0", "fog-[01]"])[0] == ["holds", "fails"]
    with pytest.raises(UsageError, match="Did you mean 'fog-0'"):
        outcomes(findings, probes=["fog-*", "fgo-0"])
    with pytest.raises(UsageError, match="No probe named 'holdout'"):
        outcomes(findings, probes=["holdout"])
    with pytest.raises(UsageError, match="no stress test to hold"):
        outcomes(of_gaps())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "needs a threshold"),
        ({"max_gap": float("nan")}, "finite number"),
        ({"max_gap": -0.1}, "--max-gap must be"),
        ({"max_drop": float("inf")}, "--max-drop must be"),
        ({"max_gap": 2.0}, r"always hold.*0\.02 of accuracy is two points"),
        ({"max_drop": 5.0}, "always hold"),
        ({"min_mean": 80.0}, "is no accuracy, which is from 0 to 1"),
    ],
)
def test_thresholds_that_cannot_be_meant_are_refused(given, sentence):
    """A gate that holds nothing, or that nothing could fail, is a mistake."""
    with pytest.raises(UsageError, match=sentence):
        hold(BASE, Thresholds(**given))


def test_a_metric_that_the_folder_names_is_not_loaded():
    """An unknown metric's findings are held as they stand."""
    odd = replace(
        BASE,
        study=replace(BASE.study, metric="theirs"),
        probes=tuple(replace(one, metric="theirs") for one in BASE.probes),
    )
    assert len(hold(odd, Thresholds(max_gap=0.9, min_mean=0.1)).rows) == 2 * (len(BASE.probes) - 1)


def test_the_file_decides_as_the_findings_do():
    """Numbers as `findings.json` rounds them lead to the same report."""
    thresholds = Thresholds(max_gap=0.03, max_drop=0.2, max_ratio=4.0, min_mean=0.7)
    read = findings_from_json(findings_json(BASE))

    assert junit(hold(read, thresholds)) == junit(hold(BASE, thresholds))


class _Tapped:
    """A world that remembers the variants' means of the study it drew last."""

    def __init__(self, world):
        self.epsilon, self.max_drop = world.epsilon, world.max_drop
        self._world, self.scores = world, {}

    def draw(self, key):
        drawn = self._world.draw(key)
        self.scores = {}
        return replace(drawn, probes=self._pass(drawn.probes))

    def _pass(self, probes):
        for probe in probes:
            means = probe.contributions.mean(axis=1).tolist()
            self.scores[probe.name] = dict(zip(probe.variants, means, strict=True))
            yield probe


def held(world, number, bound, *, known=True, **options):
    """Yield what the gate says of a gap in synthetic studies, the variants' means known or not."""
    tapped = _Tapped(world)
    for study in studies(tapped, number, selection=False):
        counts = replace(BASE.study.variants, kept=len(study.kept))
        findings = replace(
            BASE,
            study=replace(BASE.study, variants=counts),
            pool=replace(BASE.pool, kept=study.kept),
            probes=study.findings,
        )
        scores = tapped.scores if known else None
        yield hold(findings, Thresholds(max_gap=bound), scores=scores, **options)


def _stopped(world, number, **options):
    """Return in how many studies the gate at the world's epsilon stops, undecided being allowed."""
    found = held(world, number, world.epsilon, allow_undecided=True, **options)
    return sum(not checks.holds for checks in found)


EDGE = Boundary("gap", probes=30, crowd=Crowd(images=1000, difficulty=4))


def test_luck_seldom_stops_a_gate_over_many_probes():
    """The true gap is the threshold on 30 probes: of 25 studies at most 4 stop; per probe, most do."""
    adjusted, alone = _stopped(EDGE, 25), _stopped(EDGE, 8, per_probe=True)
    tell(f"gap = threshold on 30 probes: {adjusted} of 25 studies stop; per probe {alone} of 8")

    assert most(0.05, 25) == 4
    assert adjusted <= 4
    assert alone > 1


@pytest.mark.slow
@pytest.mark.parametrize("variants", [20, 50])
@pytest.mark.parametrize("shape", ["normal", "exponential", "t5"])
def test_luck_seldom_stops_a_gate_over_many_probes_long(shape, variants):
    """The same in 200 studies of 2,000 images: at most 18 stop."""
    crowd = Crowd(images=2000, variants=variants)
    stopped = _stopped(replace(EDGE, shape=shape, crowd=crowd), 200)
    tell(f"gap = threshold on 30 probes, {shape}, k = {variants}: {stopped} of 200 studies stop")

    assert most(0.05, 200) == 18
    assert stopped <= 18


GAP = 0.02 * 2 / np.sqrt(np.pi)


def of_gap(crowd, probes=1):
    """Return a world in which the gap is GAP on each probe."""
    return Plain(0.02, 0.01, accuracy=0.8, probes=probes, crowd=crowd)


def test_a_gate_seldom_passes_what_is_beyond():
    """One probe's gap is just above the threshold: of 100 studies at most 11 pass."""
    world = of_gap(Crowd(images=1000, difficulty=4))
    passed = sum(checks.holds for checks in held(world, 100, 0.99 * GAP))
    tell(f"gap just above the threshold on 1 probe: {passed} of 100 studies pass")

    assert most(0.05, 100) == 11
    assert passed <= 11


@pytest.mark.slow
def test_a_gate_seldom_passes_what_is_beyond_long():
    """The same in 600 studies: at most 43 pass; with 3 such probes hardly any."""
    crowd = Crowd(images=2000)
    passed = sum(checks.holds for checks in held(of_gap(crowd), 600, 0.99 * GAP))
    tell(f"gap just above the threshold on 1 probe: {passed} of 600 studies pass")

    assert most(0.05, 600) == 43
    assert passed <= 43
    assert sum(checks.holds for checks in held(of_gap(crowd, 3), 100, 0.99 * GAP)) <= 2


@pytest.mark.parametrize("known", [True, False], ids=["scores", "findings alone"])
def test_what_is_clearly_within_or_beyond_is_told(known):
    """With 50 variants a gap of half the threshold passes, and one of three times it fails."""
    world = of_gap(Crowd(images=2500, difficulty=4), probes=20)

    assert all(checks.holds for checks in held(world, 3, 2 * GAP, known=known))
    for checks in held(world, 3, GAP / 3, known=known):
        assert checks.count("fails") >= 19


def test_the_means_of_the_variants_let_more_failures_be_told():
    """With 20 variants and 30 probes of three times the threshold, most are told with the means."""
    world = of_gap(Crowd(variants=20, images=1000, difficulty=4), probes=30)
    counts = [
        sum(checks.count("fails") for checks in held(world, 3, GAP / 3, known=known))
        for known in (True, False)
    ]
    tell(
        f"gap three times the threshold, k = 20: of 90 probes {counts[0]} fail, {counts[1]} without means"
    )

    assert counts[0] > 60
    assert counts[1] < counts[0]


def test_the_means_of_a_study_are_those_of_its_spreads(tiny, tmp_path):
    """What a real folder holds is what the p-values ask for, on every probe."""
    study, _ = load_study(tiny, ["near_equal={margin: {epsilon: 0.2}}"])
    study.run(tmp_path / "own", where="inline")
    store = Store(tmp_path / "own")
    findings, scores = read_findings(store), read_scores(store)

    assert len(findings.probes) == 4
    for one in findings.probes[1:]:
        means = np.array([scores[one.name][variant] for variant in findings.pool.kept])
        spread = one.spread
        told = Told(len(means), spread.observed**2, spread.true_squared, 1e-9, means)
        assert told.fit is not None
    thresholds = Thresholds(max_gap=0.3, max_drop=0.9, max_ratio=500)
    assert hold(findings, thresholds, scores=scores).count("fails") == 0
    store.remove(layout.SCORES)
    assert read_scores(store) is None


def test_failures_agree_with_the_fits_where_the_gate_holds_one_probe():
    """By itself a gap fails exactly where the fit's lower end at 2.5 % is beyond."""
    generator = np.random.Generator(np.random.PCG64(3))
    accuracy = np.clip(0.8 + 0.05 * generator.standard_normal(30), 0, 1)
    right = (generator.random((30, 400)) < accuracy[:, None]).astype(float)
    totals = total(right, group(np.arange(400).astype(str)))
    spread = fit_spread(totals, (0.0, 1.0))
    fit = fit_gap(totals, spread)
    end = gap_ends(fit, TWO_SIDED).low ** 0.5
    made = of_gaps((0.01, 0.02), kept=30)
    probe = replace(
        made.probes[1],
        gap=gap_finding(fit, Scale()),
        spread=spread_finding(spread, 400, Scale()),
    )
    findings = replace(made, probes=(made.probes[0], probe))

    for bound, outcome in ((0.999 * end, "fails"), (1.001 * end, "undecided")):
        (row,) = hold(findings, Thresholds(max_gap=bound)).rows
        assert row.outcome == outcome
