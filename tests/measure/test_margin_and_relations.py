"""The smallest certifiable margin, and relations between probes."""

import math
import time

import numpy as np
import pytest
from scipy import stats

from tests.measure.made_evidence import ACCURACY, answers, evidence, judged, spread_out
from underspec.core.errors import UsageError
from underspec.measure import relate, smallest_margin, spread_of


def _names(n, prefix="i"):
    return np.array([f"{prefix}{i:05d}" for i in range(n)])


def test_margin_by_hand():
    """2.93 standard errors of the steadiest variant's difference from the mean of the others."""
    c = np.random.default_rng(1).random((5, 300))
    errors = []
    for v in range(5):
        apart = c[v] - np.delete(c, v, axis=0).mean(axis=0)
        errors.append(apart.std(ddof=1) / math.sqrt(300))
    factor = stats.norm.ppf(0.95) + stats.norm.ppf(0.90)

    assert smallest_margin(c, _names(300)) == pytest.approx(factor * min(errors), rel=1e-3)


def test_margin_has_the_power_it_claims():
    """A variant equal to the others in truth is certified at this margin in about 80 % of studies.

    One test at 5 % (two one-sided), no adjustment; between the 1-in-1,000 points of
    Binomial(600, .77) and Binomial(600, .83).
    """
    rng, certified, studies, n = np.random.default_rng(2), 0, 600, 800
    for _ in range(studies):
        c = (rng.normal(size=(2, n)) + rng.normal(size=n) > -1).astype(float)
        margin = smallest_margin(c, _names(n))
        difference = c[0] - c[1]
        error = difference.std(ddof=1) / math.sqrt(n)
        certified += abs(difference.mean()) + 1.645 * error < margin

    assert stats.binom.ppf(0.001, studies, 0.77) <= certified
    assert certified <= stats.binom.ppf(0.999, studies, 0.83)


def test_margin_counts_clusters_not_rows():
    """Ten copies of each image do not make a smaller margin certifiable."""
    c = np.random.default_rng(3).random((4, 60))
    once = smallest_margin(c, _names(60))

    assert smallest_margin(np.repeat(c, 10, axis=1), np.repeat(_names(60), 10)) == pytest.approx(
        once
    )


def test_margin_of_too_little():
    """One variant, or one cluster, has no margin; NaN is refused."""
    assert smallest_margin(np.ones((1, 9)), _names(9)) is None
    assert smallest_margin(np.ones((0, 9)), _names(9)) is None
    assert smallest_margin(np.ones((3, 2)), np.array(["a", "a"])) is None
    assert smallest_margin(np.ones((3, 9)), _names(9)) == 0
    with pytest.raises(UsageError, match="not a finite number"):
        smallest_margin(np.full((2, 3), np.nan), _names(3))


def _three():
    skill = np.random.default_rng(4).normal(size=30)
    accuracies = 0.8 + 0.05 * skill
    return [
        evidence("holdout", answers(5, accuracies, 3000)),
        evidence("fog", answers(6, accuracies - 0.1, 3000), prefix="f"),
        evidence("site", spread_out(7, 30, 3000, 0.7, 0.05), prefix="s"),
    ]


def test_relations_of_all_pairs():
    """Every pair in order, holdout first; a common skill is seen, an unrelated one is not."""
    got = relate(_three(), kept=_three()[0].variants)

    assert [(one.a, one.b) for one in got] == [
        ("holdout", "fog"),
        ("holdout", "site"),
        ("fog", "site"),
    ]
    assert got[0].pearson.low > 0.8
    assert got[0].p_adjusted < 1e-6
    assert got[1].pearson.low < 0 < got[1].pearson.high
    assert got[0].spearman.low < got[0].pearson.low
    assert got[0].raw < got[0].pearson.value
    assert got[0].note is None
    assert 0.8 < got[0].reliability < 1


def test_no_relation_under_ten_variants_and_a_note_under_twenty():
    """Nine kept: nothing. Nineteen: read with care."""
    three = _three()

    assert relate(three, kept=three[0].variants[:9]) == ()
    assert relate([], kept=three[0].variants) == ()
    for one in relate(three, kept=three[0].variants[:19]):
        assert "only 19 variants" in one.note


def test_relations_that_cannot_be_told():
    """Noise alone, equal variants and a single cluster give no value and say why."""
    three = _three()
    noisy = evidence("noisy", answers(8, np.full(30, 0.8), 60), prefix="n")
    equal = evidence("equal", np.ones((30, 50)), prefix="e")
    single = evidence("single", np.ones((30, 50)), clusters=["p"] * 50)
    got = relate([three[0], noisy, equal, single], kept=three[0].variants)

    assert all(one.pearson.value is None for one in got)
    assert all(one.p is one.p_adjusted is None for one in got)
    assert "too noisy" in got[0].note
    assert got[0].raw is not None
    assert got[1].raw is None
    assert "under two clusters" in got[2].note
    assert len(got) == 6


def test_spread_of_some_variants():
    """The spread over any variants named; all None where there is none to speak of."""
    holdout = _three()[0]
    some = spread_of(holdout, holdout.variants[:12], ACCURACY)

    assert some.doubtful == "only 12 variants"
    assert some.low < some.true < some.high
    assert spread_of(holdout, holdout.variants[:1], ACCURACY).true is None


def test_a_full_study_is_quick():
    """50 variants × 40 probes × 2,500 examples, all pairs of relations, well under 10 seconds."""
    rng = np.random.default_rng(9)
    probes = [
        evidence(f"p{i}", rng.random((50, 2500)) < 0.9, prefix="i" if i % 2 else f"p{i}-")
        for i in range(40)
    ]
    holdout = evidence("holdout", rng.random((50, 2500)) < 0.9)
    start = time.perf_counter()
    judged(holdout, probes)
    relate([holdout, *probes], kept=holdout.variants)

    assert time.perf_counter() - start < 6
