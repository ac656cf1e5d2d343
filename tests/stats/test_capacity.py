"""Rashomon capacity against channels whose capacity is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec.stats.capacity import TOLERANCE, capacity


def entropy(*p):
    return -sum(x * math.log2(x) for x in p if x > 0)


def one(rows):
    """Return the capacity of one example whose variants give `rows`."""
    return float(capacity(np.array(rows, dtype=np.float64)[:, None, :])[0])


@pytest.mark.parametrize("e", [0.0, 0.01, 0.2, 0.49])
def test_two_classes(e):
    """Binary symmetric channel, two variants or many in between: 1 - h(e)."""
    rows = [(1 - e, e), (0.5, 0.5), (0.75 - e / 2, 0.25 + e / 2), (e, 1 - e)]

    assert one(rows) == pytest.approx(1 - entropy(e, 1 - e), abs=1e-9)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_one_sided_errors(p):
    """Z-channel: log2(1 + (1 - p) p^(p / (1 - p))), with two classes and with a third, empty one."""
    known = math.log2(1 + (1 - p) * p ** (p / (1 - p)))

    assert one([(1, 0), (p, 1 - p)]) == pytest.approx(known, abs=1e-9)
    assert one([(1, 0, 0), (p, 1 - p, 0)]) == pytest.approx(known, abs=TOLERANCE)


@pytest.mark.parametrize("classes", [3, 10])
@pytest.mark.parametrize("e", [0.05, 0.4])
def test_symmetric_errors(classes, e):
    """A variant for each class, errors alike: log2 C - h(e) - e log2(C - 1)."""
    rows = np.full((classes, classes), e / (classes - 1))
    np.fill_diagonal(rows, 1 - e)
    known = math.log2(classes) - entropy(e, 1 - e) - e * math.log2(classes - 1)

    assert one(rows) == pytest.approx(known, abs=TOLERANCE)


def test_erasures():
    """Two variants that are lost to a third class with chance e: 1 - e."""
    assert one([(0.7, 0, 0.3), (0, 0.7, 0.3)]) == pytest.approx(0.7, abs=TOLERANCE)


@pytest.mark.parametrize("counts", [(5,), (3, 1), (10, 2, 1), (40, 5, 3, 1, 1)])
def test_sure_answers(counts):
    """Variants that are all sure: log2 of the number of distinct answers, however few give them."""
    classes = len(counts) + 2
    rows = np.repeat(np.eye(classes)[: len(counts)], counts, axis=0)

    assert one(rows) == pytest.approx(math.log2(len(counts)), abs=TOLERANCE)


def test_alike_is_nothing():
    """Identical scores carry no bits, exactly."""
    rows = np.tile([[0.2, 0.3, 0.5]], (6, 1))

    assert one(rows) == pytest.approx(0.0, abs=1e-12)
    assert one(rows[:, :2] / 0.5) == 0.0


scored = arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(1, 4), st.integers(2, 5)),
                elements=st.floats(0.01, 1.0))  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(scored)
def test_laws(raw):
    """Within 0 and log2, blind to the order of variants and classes, never less with one more."""
    scores = raw / raw.sum(axis=2, keepdims=True)
    bits = capacity(scores)
    k, _, classes = scores.shape

    assert (bits >= 0).all()
    assert (bits <= math.log2(min(k, classes)) + 1e-9).all()
    np.testing.assert_allclose(capacity(scores[::-1]), bits, atol=TOLERANCE)
    np.testing.assert_allclose(capacity(scores[:, :, ::-1]), bits, atol=TOLERANCE)
    assert (capacity(scores[:-1]) <= bits + TOLERANCE).all() if k > 2 else True


@settings(max_examples=30, deadline=None)
@given(scored)
def test_against_the_plain_iteration(raw):
    """As the algorithm stands in Blahut (1972), one example at a time."""
    scores = raw / raw.sum(axis=2, keepdims=True)
    bits = capacity(scores)
    for at in range(scores.shape[1]):
        channel, weights = scores[:, at], np.full(len(scores), 1 / len(scores))
        for _ in range(3000):
            far = (channel * np.log2(channel / (weights @ channel))).sum(axis=1)
            if far.max() - weights @ far < 1e-4:
                break
            weights = weights * 2**far
            weights /= weights.sum()
        assert bits[at] == pytest.approx(weights @ far, abs=1.5 * TOLERANCE)
