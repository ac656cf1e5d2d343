"""Whatever a study file writes for a parameter of an image stress test: it works or is a sentence."""

from dataclasses import fields

import numpy as np
import pytest

from underspec import stress
from underspec.core.errors import UsageError

MEMBERS = [row.name for row in stress.table() if ".stress.images." in row.target]
NAN, INF = float("nan"), float("inf")
# None of these is right for any parameter; null is where nothing need be asked for.
WRONG = [True, 1.5e300, "3", "x", -1, 10**400, NAN, INF, -INF, [], {}, {"a": 1}, [None], [True]]
WRONG += [["x"], [[1]], [NAN], [INF], [-1], [{}], [10**400], [0.123456], b"3", object()]
LEAVES_OPEN = {"examples", "only"}
EVERY = [
    (name, field.name) for name in MEMBERS for field in fields(stress.load(name)) if field.init
]


def test_there_are_28_members_to_go_through():
    """19 corruptions, 3 suites and 6 poses."""
    assert len(MEMBERS) == 28


@pytest.mark.parametrize(("name", "parameter"), EVERY)
def test_a_wrong_value_is_refused_in_a_sentence(name, parameter):
    """Booleans, strings, nested lists, NaN and the like raise UsageError and nothing else."""
    wrong = [*WRONG, *([] if parameter in LEAVES_OPEN else [None])]
    if parameter == "examples":
        wrong.remove(10**400)  # more than there are means all
    if parameter == "also_validation":
        wrong = [value for value in wrong if value is not True] + [1]
    for value in wrong:
        with pytest.raises(UsageError) as caught:
            stress.get(name, **{parameter: value})
        assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        (
            "contrast",
            {"severities": [1.0]},
            r"from 1 to 5, each once, as whole numbers; got \[1\.0\]",
        ),
        ("contrast", {"severities": [True]}, r"got \[True\]\. Write severities: \[1, 3, 5\]"),
        ("imagenet_c", {"severities": None}, "of 'imagenet_c' are from 1 to 5, .* got None"),
        ("cifar_c", {"also_validation": "yes"}, "true or false; got 'yes'"),
        ("cifar_c", {"only": 5}, "'only' of 'cifar_c' names corruptions, each once; got 5"),
        ("contrast", {"examples": 2.5}, "whole, or null for all; got 2.5. Write examples: 1000"),
        ("rotate", {"examples": True}, "got True"),
        ("rotate", {"angles": [INF]}, r"Angles are degrees from 0.01 to 180 .* got \[inf\]"),
        ("rotate", {"angles": ["a"]}, r"got \['a'\]. Write angles: \[15, 30, 45\]"),
        ("rotate", {"angles": "30"}, "got '30'"),
        ("scale", {"factors": None}, "got None. Write factors"),
        ("perspective", {"distance": "far"}, "at least 1; got 'far'"),
        ("background", {"tolerance": None}, "below 0.5; got None"),
        ("background", {"fills": 3}, "No fill named '3'"),
    ],
)
def test_the_sentence_says_what_was_got_and_what_to_write(name, given, says):
    """It names the parameter, what it may be and what it was."""
    with pytest.raises(UsageError, match=says):
        stress.get(name, **given)


def test_lists_and_numbers_of_numpy_are_as_those_of_python():
    """Members made in either way are equal and print alike."""
    one, other = (stress.get("contrast", severities=s) for s in (np.arange(1, 4), [1, 2, 3]))
    assert repr(one) == repr(other)
    assert repr(stress.get("rotate", angles=np.float64(15))) == repr(
        stress.get("rotate", angles=15.0)
    )
