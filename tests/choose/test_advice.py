"""Whether to ship: "specify more" is an answer."""

from types import SimpleNamespace

import pytest

from underspec.choose.advice import advise
from underspec.core.findings import Choice, Interval

NONE = Interval(None, None, None)
TRIED = (Choice("minimax_regret", ("v0",), NONE, NONE, 10), Choice("random_pick", ("v0",), NONE, NONE, 10))  # fmt: skip


def probes(*spreads, drop="no"):
    """Return the holdout and stress tests with these verdicts on spread."""
    tests = [SimpleNamespace(kind="shifted", spread_verdict=s, drop_verdict=drop) for s in spreads]
    return [SimpleNamespace(kind="holdout", spread_verdict="no", drop_verdict="no"), *tests]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (((), probes("yes"), (), None), "nothing", "No variant was kept"),
        ((("a",), probes("yes"), TRIED, "minimax_regret"), "ship", "pick of 'minimax_regret'"),
        ((("a",), probes("yes"), TRIED[1:], None), "not_graded", "No rule"),
        ((("a",), probes(), TRIED, None), "undecided", "Nothing was stress-tested"),
        ((("a",), probes("yes", "no", "unknown"), TRIED, None), "specify_more", "part on 1 of 3 stress tests"),
        ((("a",), probes("no", "unknown"), TRIED, None), "undecided", "stays open on 1 of 2"),
        ((("a",), probes("no"), TRIED, None), "any", "part on none of 1 stress test,"),
    ],
)  # fmt: skip
def test_each_state_of_affairs_has_its_advice(given, code, said):
    """The code says whether to ship, the sentence why."""
    got = advise(*given)

    assert got.code == code
    assert said in got.sentence
    assert got.sentence.endswith(".")


def test_a_fall_that_no_choice_mends_is_said_beside():
    """Whether or not a rule is recommended, what all variants share is told."""
    for rule in ("minimax_regret", None):
        got = advise(("a",), probes("no", "no", drop="yes"), TRIED, rule)

        assert "On 2 of 2 stress tests all variants fall alike" in got.sentence
