"""Drift is called structural, a fork is called: what is there is found.

Each test says how many studies it counts and how many must be right.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.worlds.rates import fewest, inside, studies, tell
from underspec.core.streams import stream
from underspec.measure import relate
from underspec.testing.worlds import Crowd, Drift, Fork, Plain

BIG = Crowd(images=2000)


def _words(world, number, selection):
    found = [
        one for study in studies(world, number, selection=selection) for one in study.findings[1:]
    ]
    words, counts = np.unique([one.verdict for one in found], return_counts=True)
    tell(
        f"{type(world).__name__}: "
        + ", ".join(f"{w} {c}" for w, c in zip(words, counts, strict=True))
    )
    return found


@pytest.mark.parametrize("selection", [False, True], ids=["whole", "selected"])
def test_drift_is_structural(selection):
    """Ten studies of five probes that fall by 15 points and do not part: all structural.

    The spread axis is known in most: at least as many as a rate of .9 gives but for 1 in 100.
    """
    found = _words(Drift(crowd=BIG), 10, selection)

    assert {one.verdict for one in found} == {"structural"}
    assert sum(one.spread_verdict == "no" for one in found) >= fewest(0.9, len(found))


@pytest.mark.parametrize("selection", [False, True], ids=["whole", "selected"])
def test_a_fork_is_called(selection):
    """Ten studies of five probes on which half the variants fall by 15 points: all called."""
    found = _words(Fork(crowd=BIG), 10, selection)

    assert {one.verdict for one in found} <= {"underspecified", "both"}
    assert all(one.p_adjusted <= 0.05 for one in found)


@pytest.mark.parametrize("fall", [0.04, 0.3])
def test_a_fork_small_or_large_is_both_or_underspecified(fall):
    """The drop axis decides which: a fall of 2 points on average is within 5, 15 are beyond."""
    found = _words(Fork(fall=fall, crowd=BIG), 5, selection=False)
    word = "underspecified" if fall < 0.1 else "both"

    assert sum(one.verdict == word for one in found) >= 24


def test_gap_of_a_fork_is_covered():
    """Two kinds of variant in equal shares: the gap's interval holds in at least 93 %.

    40 studies of five probes that share their variants: as if 40 were independent.
    """
    share = [
        np.mean([inside(study.drawn.truths[one.name].gap, one.gap) for one in study.findings[1:]])
        for study in studies(Fork(crowd=BIG), 40, selection=False)
    ]
    tell(f"Fork: gap covered in {100 * np.mean(share):.1f} % of 40 studies")

    assert np.sum(share) >= fewest(0.93, 40)


def test_a_large_spread_is_found_with_the_power_that_is_claimed():
    """With twice the allowed spread, calls are at least as frequent as `power` says, less luck.

    60 studies of one probe: no adjustment, so that `power` is exact up to the examples' part.
    """
    world = Plain(0.03, 0.01, accuracy=0.8, epsilon=0.005, probes=1, crowd=Crowd(20, 3000))
    allowed = 0.01 * 1.883
    world = replace(world, spread=2 * allowed)
    called, power = 0, []
    for study in studies(world, 60, selection=False):
        called += study.findings[1].spread_verdict == "yes"
        power.append(study.findings[1].power)
    tell(f"power: {called} of 60 called, {np.mean(power):.2f} claimed")

    assert fewest(np.mean(power) - 0.1, 60) <= called
    assert called < 60


def _relations(rho, number, *, spread=0.03):
    crowd = Crowd(variants=30, images=800, shared=True, same=0.7)
    world = Plain(
        spread, spread, accuracy=0.85, holdout_accuracy=0.85, alike=rho, probes=1, crowd=crowd
    )
    for study in range(number):
        drawn = world.draw(stream(20, "relation", study))
        yield relate([drawn.holdout, *drawn.probes], kept=drawn.holdout.variants)[0]


@pytest.mark.parametrize(("rho", "spread"), [(0.0, 0.03), (0.6, 0.03), (0.6, 0.014)])
def test_relations_are_covered(rho, spread):
    """200 studies with shared images: the interval of ρ holds in at least 93 %, where there is one.

    Raw correlations of the same studies, at .014, lie on one side of the truth.
    """
    found = list(_relations(rho, 200, spread=spread))
    said = [one for one in found if one.pearson.value is not None]
    held = sum(inside_signed(rho, one.pearson) for one in said)
    tell(f"ρ = {rho}, spread {spread}: {held} of {len(said)} hold, {200 - len(said)} too noisy")

    assert len(said) >= 150
    assert held >= fewest(0.93, len(said))


def test_shared_images_alone_make_no_relation():
    """With no true relation but shared images, raw correlations are positive, corrected ones not."""
    found = [one for one in _relations(0.0, 150, spread=0.012) if one.pearson.value is not None]
    raw, corrected = (
        np.array([value(one) for one in found])
        for value in (lambda r: r.raw, lambda r: r.pearson.value)
    )
    called = sum(one.p <= 0.05 for one in found)

    assert raw.mean() > 0.1
    assert abs(np.median(corrected)) < 0.1
    assert called <= max(1, int(0.1 * len(found)))


def inside_signed(truth, interval):
    """Say whether an interval of a signed value holds the truth."""
    return interval.low <= truth <= interval.high
