"""Counting answers, and what follows from the counts."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec.stats.votes import count_votes, parted, parted_by_variant, selected

tables = st.tuples(st.integers(1, 7), st.integers(1, 6), st.sampled_from([1, 10, 10_000])).flatmap(
    lambda shape: arrays(
        np.int32, shape[:2], elements=st.integers(-1, 3).map(lambda x: x * shape[2])
    )
)


@given(tables)
def test_counts_are_those_of_loops(answers):
    """Votes for the first, the second, and for what each variant says; for near and far codes."""
    votes = count_votes(answers)
    for at, column in enumerate(answers.T):
        codes, counts = np.unique(column, return_counts=True)
        ranked = sorted(counts.tolist(), reverse=True)
        assert votes.majority[at] == codes[counts.argmax()]
        assert votes.most[at] == ranked[0]
        assert votes.second[at] == (ranked[1] if len(ranked) > 1 else 0)
        assert sorted(votes.counts[at][votes.counts[at] > 0]) == sorted(counts)
        assert votes.own[:, at].tolist() == [(column == answer).sum() for answer in column]


@given(tables, st.integers(2, 6))
def test_parted_is_the_share_of_groups(answers, size):
    """The chance that some variants do not all agree, counted over all groups of that size."""
    k = len(answers)
    if size > k:
        return
    groups = itertools.combinations(answers, size)
    share = np.mean([(np.stack(group) != group[0]).any(axis=0) for group in groups], axis=0)

    np.testing.assert_allclose(parted(count_votes(answers), size), share, atol=1e-12)


@given(tables, st.integers(2, 5))
def test_pseudo_values_are_those_of_leaving_one_out(answers, size):
    """``k U - (k - 1) U without v``, and they average to U."""
    k = len(answers)
    if size >= k:
        return
    votes = count_votes(answers)
    whole = parted(votes, size)
    pulls = parted_by_variant(votes, size)
    for v in range(k):
        left = parted(count_votes(np.delete(answers, v, axis=0)), size)
        np.testing.assert_allclose(pulls[v], k * whole - (k - 1) * left, atol=1e-10)
    np.testing.assert_allclose(pulls.mean(axis=0), whole, atol=1e-10)


CHANCES = {
    "two alike": (0.5, 0.5),
    "two nearly alike": (0.52, 0.48),
    "three alike": (1 / 3, 1 / 3, 1 / 3),
    "three": (0.4, 0.35, 0.25),
    "ten, one ahead": (0.19, *[0.09] * 9),
}


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("k", [7, 10, 20, 50])
@pytest.mark.parametrize("name", CHANCES)
def test_selective_ensembles_keep_their_promise(name, k, alpha):
    """Variants drawn alike answer with another than their likeliest answer in alpha at most."""
    chances = CHANCES[name]
    draws, generator = 20_000, np.random.default_rng([k, len(chances)])
    answers = generator.choice(len(chances), size=(k, draws), p=chances).astype(np.int32)
    votes = count_votes(answers)
    # Where two are likeliest, any answer is one that a rerun may well not give.
    tied = chances[0] == chances[1]
    wrong = selected(votes, alpha) & (tied | (votes.majority != 0))

    assert wrong.mean() <= alpha + 3 * np.sqrt(alpha / draws)


def test_majority_alone_breaks_that_promise():
    """The check can fail: answering by the majority without a test."""
    answers = np.random.default_rng(1).choice(2, size=(20, 20_000), p=(0.52, 0.48))

    assert (count_votes(answers.astype(np.int32)).majority != 0).mean() > 0.3


def test_sure_where_all_agree():
    """Six variants of one mind suffice at 5 %, five do not."""
    for k, sure in ((5, False), (6, True)):
        votes = count_votes(np.zeros((k, 3), dtype=np.int32))
        assert selected(votes, 0.05).tolist() == [sure] * 3
