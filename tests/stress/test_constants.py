"""Constants at sizes they were published for and at those between."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import stress
from underspec.core.errors import UsageError
from underspec.stress.images.constants import SIDES, check_like, constant
from underspec.stress.published.corruptions import TEST, VALIDATION

ALL = TEST + VALIDATION


def flat(number):
    return list(number) if isinstance(number, tuple) else [number]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_published_sizes_have_the_published_constants(name, severity):
    """At 32, 64 and 224 pixels nothing is changed; smaller pictures have those for 32."""
    member = stress.load(name)
    for at, side in enumerate(SIDES):
        published = member.constants[at][severity - 1]
        assert constant(member.constants, severity, side, "size", member.lengths) == published
        like = ("cifar_c", "tiny_imagenet_c", "imagenet_c")[at]
        for other in (8, 50, 100, 500):
            assert constant(member.constants, severity, other, like, member.lengths) == published
    assert constant(member.constants, severity, 9) == member.constants[0][severity - 1]


@pytest.mark.parametrize("name", ALL)
@given(side=st.integers(33, 223), severity=st.integers(1, 5))
def test_between_sizes_numbers_lie_between(name, side, severity):
    """Each is between those of the sizes around it, whole where all three are whole."""
    member = stress.load(name)
    rows = [flat(table[severity - 1]) for table in member.constants]
    got = flat(constant(member.constants, severity, side, "size", member.lengths))
    at = 0 if side <= 64 else 1
    for k, number in enumerate(got):
        low, high = sorted((rows[at][k], rows[at + 1][k]))
        assert low <= number <= high
        if side in SIDES:
            continue
        whole = all(isinstance(row[k], int) for row in rows)
        assert isinstance(number, int) == whole


@pytest.mark.parametrize("name", ALL)
def test_between_sizes_numbers_move_one_way(name):
    """From one published size to the next no number turns back, nor jumps."""
    member = stress.load(name)
    for severity in range(1, 6):
        for low, high in ((32, 64), (64, 224)):
            rows = [
                flat(constant(member.constants, severity, side, "size", member.lengths))
                for side in range(low, high + 1)
            ]
            for column in zip(*rows, strict=True):
                steps = [b - a for a, b in itertools.pairwise(column)]
                slack = 1e-12 + 1e-12 * max(abs(v) for v in column)
                assert min(steps) >= -slack or max(steps) <= slack
                span = abs(column[-1] - column[0])
                whole = all(isinstance(v, int) for v in column)
                assert max(abs(s) for s in steps) <= span / 10 + (1 if whole else 0) + 1e-12


@pytest.mark.parametrize("name", ALL)
def test_above_224_lengths_grow_with_the_picture(name):
    """Twice the side, twice the pixels; what is no length stays."""
    member = stress.load(name)
    for severity in range(1, 6):
        published = member.constants[2][severity - 1]
        got = constant(member.constants, severity, 448, "size", member.lengths)
        for k, (number, large) in enumerate(zip(flat(published), flat(got), strict=True)):
            assert large == pytest.approx(number * 2 if k in member.lengths else number)


def test_the_logarithm_of_the_side_decides():
    """Half-way from 64 to 224 on that scale is 119.7 pixels."""
    tables = ((0,) * 5, (0.0,) * 5, (1.0,) * 5)
    assert constant(tables, 1, 120) == pytest.approx(0.5, abs=0.01)
    assert constant(tables, 1, 64) == 0


def test_an_unknown_set_is_named():
    """The known ones are listed."""
    with pytest.raises(UsageError, match=r"'cifar'. Did you mean 'cifar_c'"):
        check_like("cifar")
    with pytest.raises(UsageError, match="No set of constants named 'big'"):
        stress.get("contrast", like="big")
