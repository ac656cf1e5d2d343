"""95 % intervals hold the truth in at least 93 % of studies with normal effects.

Each study is drawn anew, variants and images alike. A test fails if the count is under the 1 % point
of Binomial(studies, .93): 132 of 150 (88 %), 1,833 of 2,000 (91.7 %).
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.worlds.rates import fewest, inside, studies, tell
from underspec.measure import Scale, spread_of
from underspec.testing.worlds import Crowd, Plain

CELLS = [(20, 500), (20, 5000), (50, 500), (50, 5000)]


def _world(k, images, **changes):
    """Spread 2 points over 1 in the lab, at accuracy .85 and .92: reliability .7 to .96."""
    crowd = Crowd(variants=k, images=images, **changes)
    return Plain(0.02, 0.01, accuracy=0.85, probes=1, crowd=crowd)


def _covered(world, number):
    """Return how often each interval held its truth."""
    counts = dict.fromkeys(("mean", "drop", "spread", "gap", "ratio", "lab spread", "lab gap"), 0)
    for study in studies(world, number, selection=False):
        lab, found = study.findings
        truth = study.drawn.truths[found.name]
        counts["mean"] += inside(world.accuracy, found.mean)
        counts["drop"] += inside(truth.drop, found.drop)
        counts["spread"] += inside(truth.spread, found.spread)
        counts["gap"] += inside(truth.gap, found.gap)
        counts["ratio"] += inside(truth.ratio, found.ratio)
        counts["lab spread"] += inside(study.drawn.holdout_truth.spread, lab.spread)
        counts["lab gap"] += inside(study.drawn.holdout_truth.gap, lab.gap)
    return counts


def _assert_covered(name, counts, number, rate=0.93):
    figures = ", ".join(f"{key} {100 * count / number:.1f}" for key, count in counts.items())
    tell(f"{name}, {number} studies: {figures}")
    short = {key: count for key, count in counts.items() if count < fewest(rate, number)}

    assert short == {}


@pytest.mark.parametrize(("k", "images"), CELLS)
def test_coverage(k, images):
    """150 studies: mean, drop, spread, gap and ratio."""
    _assert_covered(f"k = {k}, n = {images}", _covered(_world(k, images), 150), 150)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "images"), CELLS)
def test_coverage_long(k, images):
    """2,000 studies."""
    _assert_covered(f"k = {k}, n = {images}", _covered(_world(k, images), 2000), 2000)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "images"), CELLS)
def test_coverage_of_shared_images_long(k, images):
    """1,000 studies whose probe is made of the holdout's images."""
    counts = _covered(_world(k, images, shared=True), 1000)
    _assert_covered(f"shared images, k = {k}, n = {images}", counts, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("k", [20, 50])
def test_coverage_of_clustered_rows_long(k):
    """1,000 studies with 300 images of four rows each, shared with the holdout."""
    counts = _covered(_world(k, 300, rows=4, shared=True), 1000)
    _assert_covered(f"4 rows an image, k = {k}, 300 images", counts, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("k", [20, 50])
@pytest.mark.parametrize("shape", ["exponential", "t5", "even", "uneven"])
def test_coverage_of_other_shapes_long(shape, k):
    """500 studies of 3,000 images, effects of this shape in lab and field: at least 86 %."""
    world = replace(_world(k, 3000), shape=shape, holdout_shape=shape)
    _assert_covered(f"{shape}, k = {k}, n = 3000", _covered(world, 500), 500, rate=0.86)


def test_these_counts_catch_an_interval_that_is_wrong():
    """Taking rows for images, four to one, fails the same check on the spread in the lab."""
    world = replace(_world(20, 100, rows=4), holdout_spread=0.002)
    counted = 0
    for study in studies(world, 150, selection=False):
        lab = study.drawn.holdout
        rows = replace(lab, clusters=np.array([f"{i}" for i in range(len(lab.clusters))]))
        counted += inside(0.002, spread_of(rows, rows.variants, Scale()))
    tell(f"rows for images: {counted} of 150 hold the truth")

    assert counted < fewest(0.93, 150)
