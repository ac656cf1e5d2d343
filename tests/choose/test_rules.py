"""Choice rules: what they pick, ties, and the shipped conformance check."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec import choose
from underspec.choose._protocol import Ballot
from underspec.core.streams import stream
from underspec.testing.choose import check_chooser


def ballot(merit, disagreement=None):
    merit = np.asarray(merit, float)
    ids = [f"v{at:03d}" for at in range(len(merit))]
    if disagreement is None:
        disagreement = np.zeros((len(ids), len(ids)))
    return Ballot(ids, merit, np.asarray(disagreement, float), stream(0, "tests"))


@pytest.mark.parametrize("name", choose.names())
def test_every_registered_rule_keeps_the_contract(name):
    """A rule in the table is held to the contract without anyone writing a test for it."""
    check_chooser(choose.get(name))


def test_minimax_regret_picks_who_is_never_far_from_the_best():
    """A variant best nowhere but good everywhere is picked over one best on average."""
    merit = [[0.9, 0.9, 0.5], [0.85, 0.8, 0.7], [0.9, 0.5, 0.8]]

    assert choose.get("minimax_regret")(ballot(merit)) == ("v001",)


def test_medoid_picks_who_agrees_most_and_ignores_itself():
    """The least total disagreement with the others wins."""
    apart = [[0, 0.1, 0.3], [0.1, 0, 0.1], [0.3, 0.1, 0]]

    assert choose.get("medoid")(ballot(np.zeros((3, 2)), apart)) == ("v001",)


def test_random_pick_is_a_lottery_over_the_pool():
    """All ids share the pick."""
    assert choose.get("random_pick")(ballot(np.zeros((3, 1)))) == ("v000", "v001", "v002")


@pytest.mark.parametrize("name", ["medoid", "minimax_regret"])
def test_ties_go_to_the_first_id_wherever_it_stands(name):
    """Equal variants are told apart by id, not by position."""
    tied = replace(ballot(np.ones((3, 2))), variants=["b", "c", "a"])

    assert choose.get(name)(tied) == ("a",)


@given(arrays(float, (6, 4), elements=st.floats(0, 1)))
def test_nobody_has_less_worst_regret_than_the_pick(merit):
    """The minimax pick's worst regret is the least of all, up to the stated rounding."""
    (picked,) = choose.get("minimax_regret")(ballot(merit))
    worst = (merit.max(axis=0) - merit).max(axis=1)

    assert worst[int(picked[1:])] <= worst.min() + 1e-11


@dataclass(frozen=True)
class Nobody:
    """Picks nothing."""

    def __call__(self, ballot, /):
        """Do it."""
        return ()


@dataclass(frozen=True)
class Front:
    """Picks whoever comes first."""

    def __call__(self, ballot, /):
        """Do it."""
        return tuple(ballot.variants[:1])


@dataclass(frozen=True)
class Stranger:
    """Picks somebody who is not there."""

    def __call__(self, ballot, /):
        """Do it."""
        return ("nobody",)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (Nobody(), "at least one"),
        (Front(), "the order of the variants"),
        (Stranger(), "not on the ballot"),
    ],
)
def test_the_conformance_check_catches_a_broken_rule(member, sentence):
    """Each way of breaking the contract fails with a sentence that names it."""
    with pytest.raises(AssertionError, match=sentence):
        check_chooser(member)
