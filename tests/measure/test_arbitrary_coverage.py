"""How often the intervals of arbitrariness hold what is true."""

import numpy as np
import pytest

from tests.measure.arbitrary_worlds import World
from underspec.measure import arbitrariness
from underspec.stats import kappa

WORLDS = {
    "easy": World(-4, 0.3),
    "mild": World(-3, 0.4),
    "even": World(0, 0.3, luck=1.0, wide=1.0),
    "4 rows a cluster": World(-3, 0.5, each=4),
    "rare": World(-6, 0.3),
    "wide": World(-3, 1.0),
    "exponential": World(-3, 0.3, "exponential"),
    "exponential, wide": World(-3, 0.7, "exponential"),
    "85/15": World(-3, 0.3, "two"),
    "85/15, wide": World(-3, 0.7, "two"),
}
SIZES = ((10, 2000), (20, 400), (20, 2000), (50, 2000))


def coverage(world, k, n, studies, seed=0):
    """Return shares of studies whose intervals miss below and above, by figure."""
    true = {
        "disagreement": world.ambiguity(2),
        "ambiguity at 5": world.ambiguity(5),
        "ambiguity at k/2": world.ambiguity(k // 2),
        "error consistency": world.consistency(),
    }
    generator = np.random.default_rng([seed, k, n])
    missed = {name: np.zeros(2) for name in true}
    told = dict.fromkeys(true, 0)
    for _ in range(studies):
        answers, clusters = world.draw(generator, k, n)
        # Rows that are clusters of their own need no names, which take time to sort.
        known = None if world.each == 1 else clusters
        found = arbitrariness("x", answers, labels=np.zeros(n, np.int32), clusters=known)
        at = {one.k: one.share for one in found.ambiguity_at}
        ends = {"disagreement": found.ends.disagreement, "error consistency": found.error_consistency,
                "ambiguity at 5": at.get(5), "ambiguity at k/2": at.get(k // 2)}  # fmt: skip
        for name, value in true.items():
            if ends[name] is None or ends[name].low is None:
                continue
            told[name] += 1
            missed[name] += ends[name].low > value, ends[name].high < value
    return {
        name: tuple(100 * m / told[name]) for name, m in missed.items() if told[name] == studies
    }


def check(name, k, n, studies, least):
    """Fail where a figure is covered significantly less often than `least` per cent; print all."""
    found = coverage(WORLDS[name], k, n, studies)
    print(name, k, n, {figure: f"{100 - sum(m):.1f}" for figure, m in found.items()})
    allowed = 100 - least + 100 * 2.5 * np.sqrt(least / 100 * (1 - least / 100) / studies)
    for figure, missed in found.items():
        assert sum(missed) <= allowed, (name, k, n, figure, missed)


@pytest.mark.parametrize("name", ["mild", "4 rows a cluster"])
def test_intervals_hold_the_truth(name):
    """Disagreement, ambiguity of fewer variants and error consistency are covered."""
    check(name, 20, 400, 150, 93)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["easy", "mild", "even", "4 rows a cluster", "rare"])
def test_normal_effects(name):
    """93 % or more where variants' effects are normal and no variant stands out."""
    for k, n in SIZES:
        check(name, k, n, 300, 93)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in WORLDS if "," in name or name in ("wide", "exponential", "85/15")]
)
def test_other_effects(name):
    """88 % or more from 20 variants on where some variants stand out."""
    for k, n in SIZES[1:]:
        check(name, k, n, 300, 88)


def test_rows_taken_for_clusters_fail():
    """The check can fail: without its clusters a probe's rows pass for more than they are."""
    world = World(-1, 0.1, each=20, luck=0.2)
    true, missed = world.ambiguity(2), 0
    generator = np.random.default_rng(3)
    for _ in range(60):
        answers, _clusters = world.draw(generator, 20, 400)
        ends = arbitrariness("x", answers).ends.disagreement
        missed += not ends.low <= true <= ends.high
    assert missed > 20


def test_few_mistakes_would_fail(monkeypatch):
    """The check can fail: error consistency of variants with about one mistake each."""
    monkeypatch.setattr(kappa, "FEWEST", 0)
    world, missed = WORLDS["rare"], 0
    true = world.consistency()
    generator = np.random.default_rng(4)
    for _ in range(100):
        answers, _clusters = world.draw(generator, 20, 400)
        found = arbitrariness("x", answers, labels=np.zeros(400, np.int32)).error_consistency
        missed += found is not None and not found.low <= true <= found.high
    assert missed > 30
