"""Findings and verdicts of whole studies, and everything that can be odd about one."""

import numpy as np
import pytest

from tests.measure.made_evidence import (
    ACCURACY,
    LOSS,
    answers,
    evidence,
    judged,
    numbers,
    spread_out,
)
from underspec.core.errors import UsageError
from underspec.core.findings import Findings, Intervals, Pool, StudyFacts, VariantCounts
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.measure import judge, spread_of

HOLDOUT = evidence("holdout", spread_out(1, 30, 4000, 0.92, 0.004))
FORKED = evidence("fog-3", answers(2, np.where(np.arange(30) % 2, 0.9, 0.7), 4000), prefix="fog")
FALLEN = evidence("dark", answers(3, np.full(30, 0.7), 4000), prefix="dark")
FALLEN_AND_FORKED = evidence(
    "snow", answers(4, np.where(np.arange(30) % 2, 0.8, 0.5), 4000), prefix="snow"
)
ALIKE = evidence("again", answers(5, np.full(30, 0.92), 20_000, difficulty=2.0), prefix="again")


def _numbers_are_plain(found):
    for key, value in numbers(found).items():
        assert value is None or isinstance(value, str | int | float), key
        if isinstance(value, float):
            assert np.isfinite(value), key


def test_each_word_in_its_place():
    """Known studies get their verdicts, in the order given, the holdout first."""
    found = judged(
        HOLDOUT, iter([FORKED, FALLEN, FALLEN_AND_FORKED, ALIKE]), max_drop=0.165, epsilon=0.02
    )

    assert [one.name for one in found] == ["holdout", "fog-3", "dark", "snow", "again"]
    assert [one.verdict for one in found] == [
        "yardstick",
        "underspecified",
        "structural",
        "both",
        "clean",
    ]
    assert found[1].spread_verdict == "yes"
    assert found[1].drop_verdict == "no"
    assert found[4].title == "Again"
    assert found[1].n == found[1].clusters == 4000
    for one in found:
        _numbers_are_plain(one)


def test_numbers_of_a_forked_probe():
    """Two kinds of variant, .9 and .7: mean .8, spread about .1, gap about .1, drop .12."""
    found = judged(HOLDOUT, [FORKED])[1]

    assert found.mean.low < 0.8 < found.mean.high
    assert found.spread.true == pytest.approx(0.1 * np.sqrt(30 / 29), rel=0.05)
    assert found.gap.low < 0.2 * 15 / 29 < found.gap.high
    assert found.drop.value == pytest.approx(0.12, abs=0.02)
    assert found.spread.observed**2 == pytest.approx(
        found.spread.true_squared + found.spread.noise**2
    )
    assert found.spread.reliability > 0.95
    assert found.spread.doubtful is None
    assert found.ratio.low > found.ratio.null_ratio > 1
    assert found.ratio.denominator == "all trained"
    assert found.overdispersion.p < 1e-9
    assert found.p <= found.p_adjusted < 1e-4
    assert found.power > 0.9


def test_the_yardstick():
    """The holdout drops from itself by nothing, and its spread is over all trained variants."""
    kept = HOLDOUT.variants[:15]
    found = judged(HOLDOUT, [], kept=kept)[0]

    assert found.verdict == "yardstick"
    assert (found.drop.low, found.drop.value, found.drop.high) == (0, 0, 0)
    assert found.spread == spread_of(HOLDOUT, HOLDOUT.variants, ACCURACY)
    assert found.spread != spread_of(HOLDOUT, kept, ACCURACY)
    assert found.mean.value == pytest.approx(HOLDOUT.contributions[:15].mean())
    assert found.p is None
    assert found.needs is None
    assert "15 near-equal models typically differ by" in found.because


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_few_kept_leave_spread_undecided(count):
    """Under ten kept variants nothing crashes, and no spread is called or cleared."""
    found = judged(HOLDOUT, [FORKED, FALLEN], kept=HOLDOUT.variants[:count])

    for one in found:
        _numbers_are_plain(one)
    for one in found[1:]:
        assert one.spread_verdict == "unknown"
        assert one.p is one.p_adjusted is None
        assert "kept, under the 10" in one.because
        assert one.verdict in ("undecided", "structural")
    assert (found[1].gap.value is None) == (count < 2)
    assert (found[1].mean.value is None) == (count == 0)


def test_few_kept_can_still_fall_alike():
    """A drop that all of nine variants show is told, with the other axis named as open."""
    found = judged(HOLDOUT, [FALLEN], kept=HOLDOUT.variants[:9])[1]

    assert (found.verdict, found.other) == ("structural", "undecided")
    assert found.needs.variants is None or found.needs.variants >= 10


def test_one_trained_variant():
    """A study of one variant has means and drops, and no spread of any kind."""
    holdout = evidence("holdout", answers(6, [0.9], 300))
    probe = evidence("dark", answers(7, [0.6], 300), prefix="x")
    lab, found = judged(holdout, [probe])

    assert lab.verdict == "yardstick"
    assert found.mean.value == probe.contributions.mean()
    assert found.drop.value == pytest.approx(
        holdout.contributions.mean() - probe.contributions.mean()
    )
    assert found.drop.low is found.spread.true is found.gap.high is found.ratio.value is None
    assert found.verdict == "undecided"


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_tiny_probes(n):
    """A probe of no, one, two or three examples is judged without a crash, and never clean."""
    found = judged(HOLDOUT, [evidence("tiny", answers(8, np.full(30, 0.5), 4)[:, :n], prefix="t")])

    _numbers_are_plain(found[1])
    assert found[1].n == n
    assert found[1].verdict not in ("clean", "underspecified", "both")


def test_one_cluster_is_no_sample():
    """A thousand rows of one patient tell of no other patient."""
    probe = evidence("one", answers(9, np.full(30, 0.5), 1000), clusters=["p"] * 1000)
    found = judged(HOLDOUT, [probe])[1]

    assert found.clusters == 1
    assert found.mean.value is not None
    assert found.mean.low is found.spread.true is found.p is None
    assert "too small" in found.because


def test_a_tiny_holdout():
    """A holdout of one example leaves every verdict open and crashes nothing."""
    holdout = evidence("holdout", np.ones((12, 1)))
    found = judged(holdout, [evidence("x", answers(10, np.full(12, 0.7), 500), prefix="x")])

    assert [one.verdict for one in found] == ["yardstick", "undecided"]
    for one in found:
        _numbers_are_plain(one)


def test_all_equal_contributions():
    """No variance anywhere: no warning; many examples clear a probe, a handful does not."""
    holdout = evidence("holdout", np.ones((20, 3000)))
    many = evidence("many", np.ones((20, 3000)), prefix="m")
    few = evidence("few", np.ones((20, 8)), prefix="f")
    found = judged(holdout, [many, few])

    assert [one.verdict for one in found] == ["yardstick", "clean", "undecided"]
    assert found[1].spread.true == found[1].gap.value == 0
    assert found[1].spread.reliability is None
    assert found[1].ratio.value is None
    assert found[1].overdispersion.phi is found[1].overdispersion.p is None


def test_a_probe_that_is_the_holdout():
    """The holdout under another name has no drop and a ratio of 1."""
    twin = evidence("twin", HOLDOUT.contributions)
    found = judged(HOLDOUT, [twin])[1]

    assert found.drop.value == 0
    assert found.ratio.value == pytest.approx(1)
    assert found.spread_verdict != "yes"


def test_a_loss_rises_where_an_accuracy_falls():
    """For a metric to be minimised, drop is positive where it rises; no points, no skill null."""
    rng = np.random.default_rng(11)
    holdout = evidence("holdout", rng.gamma(2, 0.1, size=(20, 800)))
    worse = evidence("worse", rng.gamma(2, 0.3, size=(20, 800)), prefix="w")
    found = judged(holdout, [worse], metric=LOSS, metric_name="log_loss", max_drop=0.1)[1]

    assert found.drop.low > 0.3
    assert found.drop_verdict == "yes"
    assert found.ratio.null_ratio == 1
    assert "in log loss" in found.because
    assert "points" not in found.because


def test_without_a_limit_the_drop_axis_stays_open():
    """max_drop None: drop unknown, and `needs` does not ask for more data because of it."""
    found = judged(HOLDOUT, [FORKED, ALIKE], max_drop=None, epsilon=0.02)

    assert [one.drop_verdict for one in found[1:]] == ["unknown", "unknown"]
    assert (found[1].verdict, found[1].other) == ("underspecified", "undecided")
    assert found[2].verdict == "undecided"
    assert found[2].needs is None


def test_one_far_out_holdout_variant_clears_nothing():
    """A variant that failed unnoticed widens the lab's spread; no probe is clean beside it."""
    accuracies = np.full(30, 0.92)
    accuracies[:2] = 0.1
    holdout = evidence("holdout", answers(12, accuracies, 3000))
    probe = evidence("fog", spread_out(13, 30, 3000, 0.9, 0.03), prefix="f")
    found = judged(holdout, [probe], kept=holdout.variants[2:])

    assert "far out" in found[0].spread.doubtful or "holds" in found[0].spread.doubtful
    assert found[1].ratio.high < found[1].ratio.null_ratio
    assert found[1].gap.low > 0.01
    assert found[1].spread_verdict == "unknown"


def test_probes_are_taken_one_at_a_time():
    """The next probe is asked for only once the one before has been let go."""
    import gc
    import weakref

    alive = []

    def probes():
        for i in range(4):
            gc.collect()
            assert sum(one() is not None for one in alive) <= 1
            probe = evidence(f"p{i}", answers(i, np.full(30, 0.8), 200), prefix=f"p{i}-")
            alive.append(weakref.ref(probe.contributions))
            yield probe

    assert len(judged(HOLDOUT, probes())) == 5


def test_findings_survive_the_file():
    """What judge returns goes to findings.json and back unharmed, odd cases included."""
    tiny = evidence("tiny", answers(8, np.full(30, 0.5), 1), prefix="t")
    found = judged(HOLDOUT, [FORKED, tiny])
    whole = Findings(
        schema=1,
        intervals=Intervals(0.95, "variants and examples", "see docs"),
        study=StudyFacts("x", "binary", "accuracy", 0.01, 0.05, None, VariantCounts(30, 30, 0, 30)),
        pool=Pool(HOLDOUT.variants, {}, None),
        probes=found,
    )
    back = findings_from_json(findings_json(whole))

    assert findings_json(back) == findings_json(whole)
    assert back.probes[2].gap.value is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epsilon": -0.01}, "epsilon must be"),
        ({"epsilon": float("nan")}, "epsilon must be"),
        ({"max_drop": float("inf")}, "max_drop must be"),
        ({"kept": ["v000", "v000"]}, "names a variant twice"),
        ({"kept": ["v000", "v999"]}, "'v999' is not in the probe 'holdout'"),
    ],
)
def test_wrong_calls(change, words):
    """A wrong margin or pool is told in one sentence."""
    with pytest.raises(UsageError, match=words):
        judged(HOLDOUT, [FORKED], **change)


def test_evidence_that_is_not_finite():
    """NaN is refused with the variant, the example and the probe."""
    c = np.ones((3, 4))
    c[1, 2] = np.nan
    with pytest.raises(UsageError, match="'v001' on example 2 of the probe 'fog' is nan"):
        evidence("fog", c)


def test_evidence_of_wrong_shape():
    """One cluster's name an example, one row a variant, each id once."""
    with pytest.raises(UsageError, match="give one a variant and example"):
        evidence("fog", np.ones((3, 4)), clusters=["a", "b"])
    with pytest.raises(UsageError, match="two variants of one id"):
        evidence("fog", np.ones((2, 4)), variants=("v000", "v000"))


def test_probes_must_have_the_holdouts_variants():
    """A probe that lacks a variant is refused by name."""
    with pytest.raises(UsageError, match="'fog' has 29 variants that are not the holdout's 30"):
        judged(HOLDOUT, [evidence("fog", np.ones((29, 50)))])


def test_evidence_is_not_changed():
    """Judging leaves its input as it was."""
    before = HOLDOUT.contributions.copy(), FORKED.contributions.copy()
    judge(
        HOLDOUT,
        [FORKED],
        kept=HOLDOUT.variants[::2],
        metric_name="accuracy",
        metric=ACCURACY,
        epsilon=0.01,
        max_drop=0.05,
    )

    assert np.array_equal(before[0], HOLDOUT.contributions)
    assert np.array_equal(before[1], FORKED.contributions)


def test_a_pool_is_less_sure_of_its_mean_than_variants_nobody_selected():
    """What the cut around the study's own middle hides is added to mean and drop, not to the gap."""
    own = np.linspace(-1, 1, 21)
    lab, field = answers(1, 0.9 + 0.02 * own, 4000), answers(2, 0.8 + 0.06 * own, 4000)
    kept = [f"v{v:03d}" for v in range(6, 15)]
    rows = slice(6, 15)
    selected = judged(evidence("holdout", lab), [evidence("field", field, prefix="f")], kept=kept)
    alone = judged(
        evidence("holdout", lab[rows], variants=tuple(kept)),
        [evidence("field", field[rows], variants=tuple(kept), prefix="f")],
    )

    for pool, plain in zip(selected, alone, strict=True):
        assert pool.mean.value == plain.mean.value
        assert pool.mean.high - pool.mean.low > 1.1 * (plain.mean.high - plain.mean.low)
        assert pool.gap == plain.gap
    assert selected[1].drop.high - selected[1].drop.low > alone[1].drop.high - alone[1].drop.low
