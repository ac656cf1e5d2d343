"""Our corruptions are those of the published code, as independent implementations have it."""

import pytest
from bench.rival_compare import (
    DETERMINISTIC,
    GREY_LEVELS,
    RANDOM,
    SEVERITIES,
    SIDES,
    apart,
    draws,
    is_loose,
    likenesses,
    ours,
    theirs,
)
from bench.rival_photos import photographs

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", DETERMINISTIC)
def test_deterministic_corruptions_make_the_same_pixels(rivals, name, side):
    """At every severity the pixels differ by at most 2 grey levels, on average over photographs."""
    found = {s: apart(ours(name, side, s), theirs(rivals, name, side, s)) for s in SEVERITIES}

    assert max(found.values()) <= GREY_LEVELS, found


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", RANDOM)
def test_random_corruptions_make_pixels_of_the_same_kind(rivals, name, side):
    """At every severity moments, spectrum and movement are alike, on average over many draws."""
    clean, n = photographs(side), draws(side)
    apart_by = [
        (severity, like.name, like.ours, like.theirs, like.bound)
        for severity in SEVERITIES
        for like in likenesses(
            clean,
            ours(name, side, severity, n),
            theirs(rivals, name, side, severity, n),
            is_loose(name),
        )
        if not like.used <= 1
    ]

    assert apart_by == []
