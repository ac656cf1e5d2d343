"""The two axes, the word for them, and the sentence."""

import math

import pytest

from underspec.core.findings import Gap, Interval, Ratio
from underspec.measure.because import Words
from underspec.measure.needs import needs
from underspec.measure.verdict import drop_axis, p_spread, spread_axis, word
from underspec.stats.gap import GapFit, gap_ends
from underspec.stats.mean import MeanEnds
from underspec.stats.planning import grow_gap, grow_mean, grow_spread
from underspec.stats.ratio import exceeds
from underspec.stats.spread import SpreadFit

POINTS = Words("accuracy", epsilon=0.01, max_drop=0.05)
LAB = Gap(0.004, 0.002, 0.006, "")
WIDE = Gap(0.07, 0.059, 0.084, "")


@pytest.mark.parametrize(
    ("drop", "spread", "verdict", "other"),
    [
        ("yes", "yes", "both", None),
        ("yes", "no", "structural", None),
        ("yes", "unknown", "structural", "undecided"),
        ("no", "yes", "underspecified", None),
        ("no", "no", "clean", None),
        ("no", "unknown", "undecided", None),
        ("unknown", "yes", "underspecified", "undecided"),
        ("unknown", "no", "undecided", None),
        ("unknown", "unknown", "undecided", None),
    ],
)
def test_word_for_every_pair(drop, spread, verdict, other):
    """All nine pairs of axes."""
    assert word(drop, spread) == (verdict, other)


@pytest.mark.parametrize(
    ("low", "high", "limit", "axis"),
    [
        (0.06, 0.10, 0.05, "yes"),
        (0.05, 0.10, 0.05, "unknown"),
        (0.01, 0.05, 0.05, "no"),
        (-0.20, -0.10, 0.05, "no"),
        (0.06, 0.10, None, "unknown"),
        (None, None, 0.05, "unknown"),
    ],
)
def test_drop_axis(low, high, limit, axis):
    """Beyond only where the whole interval is; within only where the whole interval is."""
    assert drop_axis(Interval(0.05, low, high), limit) == axis


@pytest.mark.parametrize(
    ("p", "gap_high", "ratio_high", "steady", "axis"),
    [
        (None, 0.001, 0.5, True, "unknown"),
        (0.05, 0.1, 3.0, True, "yes"),
        (0.06, 0.1, 3.0, True, "unknown"),
        (0.9, 0.01, 3.0, True, "no"),
        (0.9, 0.1, 1.0, True, "no"),
        (0.9, 0.1, 1.0, False, "unknown"),
        (0.9, 0.01, 1.0, False, "no"),
        (0.9, None, None, True, "unknown"),
    ],
)
def test_spread_axis(p, gap_high, ratio_high, steady, axis):
    """Yes by p alone; no by either upper end, the ratio's only beside a steady holdout."""
    got = spread_axis(
        p, Gap(0.05, 0.0, gap_high, ""), Ratio(1.0, 0.0, ratio_high, 1.2, ""), 0.01, steady=steady
    )

    assert got == axis


def test_p_is_the_larger_of_two():
    """Both conditions must hold: the p-value is that of the weaker one."""
    spread = SpreadFit(30, 4e-4, 1e-5, 0.0, 0.1, 0.0, 0.0)
    gap = GapFit(5e-4, 4.9e-4, 0.25, spread)
    lab = SpreadFit(30, 3e-4, 1e-5, 0.0, 0.1, 0.0, 0.0)
    p = p_spread(gap, lab, 0.005, 1.0)

    assert exceeds(spread, lab, 1.0, p * 1.001)
    assert not exceeds(spread, lab, 1.0, p * 0.999)
    assert gap_ends(gap, p).low > 0.005**2
    assert p_spread(gap, lab, 0.5, 1.0) == 1.0


def _because(**changes):
    plain = {
        "kept": 40,
        "gap": WIDE,
        "lab": LAB,
        "drop": Interval(0.35, 0.3, 0.4),
        "p": 1e-6,
        "tests": 12,
        "spread_verdict": "yes",
        "drop_verdict": "yes",
    }
    return POINTS.verdict(**(plain | changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {},
            (
                "Near-equal models typically differ by 7.0 points here (5.9 to 8.4) against 0.4 in the "
                "lab; the drop of 35 points is beyond 5."
            ),
        ),
        (
            {
                "spread_verdict": "no",
                "gap": Gap(0.003, 0.0, 0.008, ""),
                "drop_verdict": "no",
                "drop": Interval(0.0123, 0.0, 0.03),
            },
            (
                "Near-equal models differ by 0.8 points at most here, within the 1.0 asked for; the "
                "drop of 1.2 points is within 5."
            ),
        ),
        (
            {"spread_verdict": "no"},
            (
                "Near-equal models typically differ by 7.0 points here (5.9 to 8.4), no more than one "
                "common skill would make of their spread in the lab; the drop of 35 points is beyond 5."
            ),
        ),
        (
            {
                "spread_verdict": "unknown",
                "p": 0.4,
                "gap": Gap(0.01, 0.002, None, ""),
                "drop": Interval(-0.02, -0.03, -0.01),
                "drop_verdict": "no",
            },
            (
                "Near-equal models typically differ by 1.0 points here (0.2 or more); more than 1.0 can "
                "be neither shown nor ruled out; the rise of 2 points is no drop."
            ),
        ),
        (
            {"spread_verdict": "unknown", "p": 0.3},
            (
                "Near-equal models typically differ by 7.0 points here (5.9 to 8.4), not shown to be "
                "more than their spread in the lab would make of it; the drop of 35 points is beyond 5."
            ),
        ),
        (
            {
                "spread_verdict": "unknown",
                "p": 0.04,
                "drop_verdict": "unknown",
                "drop": Interval(0.05, 0.02, 0.08),
            },
            (
                "Near-equal models typically differ by 7.0 points here (5.9 to 8.4), which can happen "
                "by chance among 12 probes; whether the drop of 2 to 8 is beyond 5 is open."
            ),
        ),
        (
            {
                "kept": 1,
                "spread_verdict": "unknown",
                "drop": Interval(0.1, None, None),
                "drop_verdict": "unknown",
            },
            (
                "Only 1 near-equal model was kept, under the 10 that it takes to judge how far they "
                "part; the drop of 10 points has no interval."
            ),
        ),
        (
            {"kept": 0, "spread_verdict": "unknown", "drop": Interval(None, None, None)},
            (
                "No near-equal model was kept, under the 10 that it takes to judge how far they part; "
                "the drop cannot be told."
            ),
        ),
    ],
)
def test_sentences(changes, sentence):
    """Plain words with the numbers, for every way that an axis can come out."""
    assert _because(**changes) == sentence


def test_sentence_without_points():
    """A loss is told in its own units and by its name."""
    words = Words("log_loss", epsilon=0.01, max_drop=None)
    got = words.verdict(
        kept=40,
        gap=Gap(0.1234, 0.1, 0.2, ""),
        lab=LAB,
        drop=Interval(0.5, 0.4, 0.6),
        p=1e-6,
        tests=3,
        spread_verdict="yes",
        drop_verdict="unknown",
    )

    assert got == (
        "Near-equal models typically differ by 0.123 in log loss here (0.1 to 0.2) against 0.004 in "
        "the lab; the drop of 0.5 in log loss stands against no limit, since none was set."
    )


def test_small_numbers_are_not_rounded_away():
    """A twentieth of a point is not told as 0.0 or 0.1."""
    assert "within the 0.05 asked for" in Words("accuracy", 0.0005, 0.05).verdict(
        kept=40,
        gap=Gap(0.0002, 0.0, 0.0004, ""),
        lab=LAB,
        drop=Interval(0.0, 0.0, 0.0),
        p=1.0,
        tests=1,
        spread_verdict="no",
        drop_verdict="no",
    )


SPREAD = SpreadFit(20, 1.5e-4, 5e-5, 0.0, 0.1, 1e-12, 0.0)
GAP = GapFit(1.9e-4, 1.27e-4, 0.3, SPREAD)
QUIET = SpreadFit(20, 1.2e-5, 8e-6, 0.0, 0.1, 0.0, 0.0)
DROP = MeanEnds(0.04, 0.01, 0.07, 1e-4, 1e-5)


def _needs(**changes):
    plain = {
        "gap": GAP,
        "holdout": QUIET,
        "drop": DROP,
        "n": 1000,
        "epsilon": 0.008,
        "null": 1.0,
        "max_drop": 0.05,
        "spread_verdict": "unknown",
        "drop_verdict": "no",
    }
    return needs(**(plain | changes))


def test_needs_is_the_smallest_study_that_decides():
    """With that many variants an end crosses, with one fewer it does not."""
    got = _needs()

    def settled(k):
        more, lab = grow_gap(GAP, k / 20), grow_spread(QUIET, k / 20)
        return gap_ends(more).low > 0.008**2 and exceeds(more.spread, lab, 1.0, 0.025)

    assert 20 < got.variants < 1000
    assert settled(got.variants)
    assert not settled(got.variants - 1)
    assert got.examples is None or got.examples > 1000


def test_needs_for_a_drop():
    """The drop axis alone asks for as many variants or examples as its interval needs."""
    got = _needs(spread_verdict="no", drop_verdict="unknown")

    assert grow_mean(DROP, 20, got.variants / 20)[1] <= 0.05
    assert grow_mean(DROP, 20, (got.variants - 1) / 20)[1] > 0.05
    # The variants' part alone keeps the interval too wide, whatever the number of examples.
    assert got.examples is None


def test_needs_both_axes_to_be_settled():
    """With two axes open, the larger of the two numbers."""
    both = _needs(drop_verdict="unknown")
    alone = _needs(), _needs(spread_verdict="no", drop_verdict="unknown")

    assert both.variants == max(one.variants for one in alone)


def test_needs_nothing_when_all_is_known():
    """No axis open, or only one that no data can close."""
    assert _needs(spread_verdict="yes") is None
    assert _needs(spread_verdict="no", drop_verdict="unknown", max_drop=None) is None


def test_needs_at_least_ten_variants():
    """With five kept variants ten is the least that may be judged, and examples do not help."""
    few = GAP._replace(spread=SPREAD._replace(k=5), error=0.01)
    got = _needs(gap=few, epsilon=1e-4)

    assert got.variants >= 10
    assert got.examples is None


def test_needs_more_than_is_feasible():
    """An estimate right at its bound is decided by nothing."""
    got = _needs(epsilon=math.sqrt(GAP.true))

    assert (got.variants, got.examples) == (None, None)
