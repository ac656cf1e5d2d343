"""Disagreement, ambiguity, discrepancy, self-consistency."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec.core.errors import UsageError
from underspec.measure import arbitrariness

tables = st.tuples(st.integers(2, 7), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(0, 3))
)


def test_a_small_table_by_hand():
    """Four variants, four examples: unanimous, one apart, two and two, all different."""
    answers = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 2, 2], [1, 5, 2, 3]], dtype=np.int32)
    got = arbitrariness("fog", answers)

    assert got.probe == "fog"
    assert got.k == 4
    assert got.disagreement == pytest.approx((0 + 3 / 6 + 4 / 6 + 1) / 4)
    assert got.self_consistency == pytest.approx(1 - got.disagreement)
    assert got.ambiguity == 3 / 4
    # Majorities 1, 0, 0 and 0 (lowest of equals): the last variant differs on three of four.
    assert got.discrepancy == 3 / 4


@given(tables)
def test_against_the_definitions(answers):
    """Pairs, majorities and shares as written out in loops."""
    _k, _n = answers.shape
    got = arbitrariness("x", answers)
    pairs = [np.mean(a != b) for a, b in itertools.combinations(answers, 2)]
    majority = np.array([np.bincount(column).argmax() for column in answers.T])

    assert got.disagreement == pytest.approx(np.mean(pairs))
    assert got.ambiguity == pytest.approx(np.mean((answers != answers[0]).any(axis=0)))
    assert got.discrepancy == pytest.approx(max(np.mean(row != majority) for row in answers))


@pytest.mark.parametrize("shape", [(0, 5), (1, 5), (4, 0)])
def test_nothing_to_compare(shape):
    """Under two variants, or without examples, there is no measure: all None but k."""
    got = arbitrariness("x", np.zeros(shape, dtype=np.int32))

    assert got.disagreement is got.ambiguity is got.discrepancy is got.self_consistency is None
    assert got.k == shape[0]


def test_wrong_shape():
    """Scores instead of answers are refused."""
    with pytest.raises(UsageError, match="3 dimensions"):
        arbitrariness("x", np.zeros((2, 3, 4), dtype=np.int32))


def test_many_classes_and_examples_are_quick():
    """A thousand classes need no table of a thousand columns."""
    answers = np.random.default_rng(1).integers(0, 1000, size=(50, 20_000)).astype(np.int32)

    assert arbitrariness("x", answers).disagreement == pytest.approx(0.999, abs=1e-3)
