"""Variation: named sources, each on its own stream."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import vary
from underspec.core.errors import UsageError


def joint(*sources):
    return vary.get("joint", sources=vary.parse(sources))


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**63))
def test_fewer_variants_are_the_first_of_more(few, more, seed):
    """Adding variants changes none that are there."""
    design = joint("init", "order", {"epochs": [4, 5, 6]})
    assert design(few, seed)[: min(few, more)] == design(more, seed)[: min(few, more)]


@given(st.integers(0, 2**63))
def test_adding_a_source_changes_no_other(seed):
    """The seeds of init are the same whether or not order varies too."""
    alone, both = joint("init")(5, seed), joint("order", "init", {"epochs": [1, 2]})(5, seed)
    assert [v.seeds["init"] for v in alone] == [v.seeds["init"] for v in both]


def test_sources_and_variants_have_different_seeds():
    """No two seeds of a study are equal."""
    variants = joint("init", "order")(500, 0)
    seeds = [s for v in variants for s in v.seeds.values()]
    assert len(set(seeds)) == 1000
    assert all(0 <= s < 2**63 for s in seeds)


def test_values_are_dealt_evenly():
    """Of three values over ten variants, none is taken more than once more than another."""
    counts = Counter(v.values["cell"] for v in joint({"cell": ["lstm", "gru", "rnn"]})(10, 4))
    assert max(counts.values()) - min(counts.values()) == 1


@pytest.mark.parametrize(
    ("sources", "sentence"),
    [
        ([], "No source of variation is named"),
        (["init", "init"], "The source 'init' is given twice"),
        (
            ["epochs"],
            r"The source 'epochs' takes values, not a seed\. Write \{epochs: \[4, 5, 6\]\}",
        ),
        ([{"cell": ["lstm"]}], r"The source 'cell' has 1 value\(s\)"),
    ],
)
def test_wrong_sources_are_refused(sources, sentence):
    """Each mistake in the list of sources is one sentence."""
    with pytest.raises(UsageError, match=sentence):
        vary.parse(sources)


def test_source_unknown_to_the_trainer_is_refused():
    """A source that a trainer does not honour would be silently dead."""
    with pytest.raises(UsageError, match=r"'augmnt'\. Did you mean 'augment'\?"):
        vary.require(vary.parse(["augmnt"]), {"init": "", "augment": ""}, "torch")
