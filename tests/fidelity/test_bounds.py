"""The bounds of the fidelity tests let pass what is the same and stop what is not."""

import numpy as np
import pytest
from bench.rival_compare import RANDOM, apart, draws, likenesses, theirs
from bench.rival_photos import photographs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "name", [name for name in RANDOM if name not in ("frost", "elastic_transform")]
)
def test_two_packages_with_the_same_algorithm_are_alike(rivals, name):
    """Two packages, imgcorr and imagecorruptions, which share an algorithm and no draw, are within the bounds."""
    clean, n = photographs(224), 32
    other = rivals.corrupt(clean, "imgcorr", name, 3, draws=n)
    found = likenesses(clean, other, theirs(rivals, name, 224, 3, n))

    assert [like for like in found if not like.used <= 1] == []


@pytest.mark.parametrize(
    "name", ["glass_blur", "motion_blur", "snow", "spatter", "elastic_transform"]
)
def test_another_algorithm_of_the_same_name_is_not_alike(rivals, name):
    """What another package does under that name, in another way, is outside the bounds."""
    clean = photographs(224)
    package = "imagecorruptions" if name == "elastic_transform" else "corrupt_tta"
    other = rivals.corrupt(clean, package, name, 3, draws=8)
    found = likenesses(clean, other, theirs(rivals, name, 224, 3, 32))

    assert max(like.used for like in found) > 1.5


@pytest.mark.parametrize("name", [name for name in RANDOM if name != "frost"])
def test_the_next_severity_is_not_alike(rivals, name):
    """The bounds tell severity 1 from severity 2."""
    clean, n = photographs(32), draws(32)
    one, two = (theirs(rivals, name, 32, severity, n) for severity in (1, 2))

    assert max(like.used for like in likenesses(clean, two, one)) > 1


def test_apart_is_the_mean_absolute_difference():
    """Two pictures that differ by 3 levels in half of the pixels are 1.5 levels apart."""
    a = np.full((1, 4, 4, 1), 10, np.uint8)
    b = a.copy()
    b[:, ::2] = 7

    assert apart(a, b) == 1.5
