"""Choice rules: what they pick, ties, and the shipped conformance check."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec import choose
from underspec.choose._protocol import Ballot
from underspec.choose.fits import Offered, refuse_unfit
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.testing.choose import check_chooser


def ballot(merit, disagreement=None, names=()):
    merit = np.asarray(merit, float)
    ids = [f"v{at:03d}" for at in range(len(merit))]
    if disagreement is None:
        disagreement = np.zeros((len(ids), len(ids)))
    return Ballot(ids, merit, np.asarray(disagreement, float), stream(0, "tests"), names)


@pytest.mark.parametrize("name", choose.names())
def test_every_registered_rule_keeps_the_contract(name):
    """A rule in the table is held to the contract without anyone writing a test for it."""
    parameters = {"best_on": {"probe": "fog-*"}}
    check_chooser(choose.get(name, **parameters.get(name, {})))


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


def test_best_on_picks_who_is_best_there():
    """The mean merit on the probes that a name or a glob means decides, whatever the others say."""
    names = ("holdout", "fog-1", "fog-3", "contrast-3")
    seen = ballot([[0.9, 0.5, 0.8, 0.1], [0.8, 0.7, 0.7, 0.2], [0.7, 0.9, 0.2, 0.9]], names=names)

    assert choose.get("best_on", probe="fog-1")(seen) == ("v002",)
    assert choose.get("best_on", probe="fog-*")(seen) == ("v001",)
    assert choose.get("best_on", probe="holdout")(seen) == ("v000",)
    with pytest.raises(UsageError, match="looks at 'snow', which is not among holdout, fog-1"):
        choose.get("best_on", probe="snow")(seen)


def test_an_ensemble_is_the_pool_or_its_best_by_regret():
    """Without a size it is everybody; with one, those never far from the best."""
    seen = ballot([[0.9, 0.9, 0.5], [0.85, 0.8, 0.7], [0.9, 0.5, 0.8], [0.88, 0.85, 0.65]])

    assert choose.get("ensemble")(seen) == ("v000", "v001", "v002", "v003")
    assert choose.get("ensemble", size=2)(seen) == ("v001", "v003")
    assert choose.get("ensemble", size=9)(seen) == ("v000", "v001", "v002", "v003")


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("ensemble", {"size": 1}, "at least 2, but is 1"),
        ("best_on", {"probe": ""}, "name of a probe or a glob"),
        ("best_on", {}, "needs 'probe'"),
    ],
)
def test_parameters_that_make_no_rule_are_refused(name, parameters, sentence):
    """One sentence says what a rule takes."""
    with pytest.raises(UsageError, match=sentence):
        choose.get(name, **parameters)


OFFERED = [Offered("holdout", False, True), Offered("fog-1", True, True), Offered("old-1", False, False)]  # fmt: skip


@pytest.mark.parametrize("probe", ["holdout", "fog-1", "*", "f*"])
def test_rules_that_find_their_probes_are_let_through(probe):
    """A glob passes over what may not be tuned on; the holdout may always choose."""
    rules = {"best_on": choose.get("best_on", probe=probe), "ensemble": choose.get("ensemble")}
    refuse_unfit(rules, OFFERED)


@pytest.mark.parametrize(
    ("rule", "parameters", "probes", "sentence"),
    [
        ("best_on", {"probe": "fog-2"}, OFFERED, "'best_on': No probe in this study named 'fog-2'. Did you mean 'fog-1'"),
        ("best_on", {"probe": "old-*"}, OFFERED, "'old-1', on which nothing may be tuned.*such as 'fog-1'"),
        ("ensemble", {}, [*OFFERED, Offered("poor-1", True, False)], "'poor-1' only answers are kept"),
    ],
)  # fmt: skip
def test_rules_that_lack_what_they_look_at_are_refused(rule, parameters, probes, sentence):
    """A probe that there is not, that is fenced, or without scores is named in one sentence."""
    with pytest.raises(UsageError, match=sentence):
        refuse_unfit({rule: choose.get(rule, **parameters)}, probes)


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


@dataclass(frozen=True)
class Undecided:
    """Says of itself that it does not answer together."""

    together: bool = False

    def __call__(self, ballot, /):
        """Do it."""
        return tuple(ballot.variants)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (Nobody(), "at least one"),
        (Front(), "the order of the variants"),
        (Stranger(), "not on the ballot"),
        (choose.get("best_on", probe="snow-*"), "looks at none of the probes holdout, contrast-1"),
        (Undecided(), "`together` must be True"),
    ],
)
def test_the_conformance_check_catches_a_broken_rule(member, sentence):
    """Each way of breaking the contract fails with a sentence that names it."""
    with pytest.raises(AssertionError, match=sentence):
        check_chooser(member)
