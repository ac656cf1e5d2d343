"""Exact forms of the true variance: against sums written out, and laws."""

import numpy as np
import pytest

from underspec import metrics
from underspec.core.streams import stream
from underspec.metrics.within import gram
from underspec.stats.truth import quadratic


def draw(*names):
    """Return a named generator."""
    return stream(7, "tests", "exact", *names).generator()


def test_auc_is_the_covariance_of_pairs_that_share_no_example():
    """Over all pairs of pairs, ties included."""
    rng = draw("auc")
    positive = rng.random((4, 12)).round(1).astype(np.float32)
    labels = np.array([1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1], np.int32)
    high, low = positive[:, labels == 1], positive[:, labels == 0]
    order = (high[:, :, None] > low[:, None]) + 0.5 * (high[:, :, None] == low[:, None])
    total, count = 0.0, 0
    for i, j in np.ndindex(order.shape[1:]):
        for k, m in np.ndindex(order.shape[1:]):
            if i != k and j != m:
                total += np.cov(order[:, i, j], order[:, k, m])[0, 1]
                count += 1
    got = metrics.get("auc").gram(np.stack([1 - positive, positive], axis=2), labels)

    assert quadratic(got) == pytest.approx(total / count, abs=1e-12)


def test_a_subset_of_variants_is_a_subset_of_the_matrix():
    """The true variance of some variants needs their rows and columns only."""
    rng = draw("subset")
    positive = rng.random((6, 80)).astype(np.float32)
    said, labels = np.stack([1 - positive, positive], axis=2), np.arange(80, dtype=np.int32) % 2
    metric, some = metrics.get("auc"), [0, 2, 5]
    whole, part = metric.gram(said, labels), metric.gram(said[some], labels)

    assert quadratic(whole[np.ix_(some, some)]) == pytest.approx(quadratic(part), abs=1e-12)


def test_where_pairs_are_drawn_no_order_matters():
    """With more than 200,000 pairs the drawn ones hang on the scores, not on who stands where."""
    rng = draw("order")
    labels = (rng.random(2000) < 0.4).astype(np.int32)
    positive = (rng.random(2000) + 0.3 * labels + 0.3 * rng.random((5, 2000))).astype(np.float32)
    said, metric = np.stack([1 - positive, positive], axis=2), metrics.get("auc")
    examples, variants = rng.permutation(2000), rng.permutation(5)
    before, after = metric.gram(said, labels), metric.gram(said[:, examples], labels[examples])
    turned = metric.gram(said[variants], labels)

    assert quadratic(after) == pytest.approx(quadratic(before), rel=1e-9)
    assert quadratic(turned) == pytest.approx(quadratic(before), rel=1e-9)


@pytest.mark.parametrize("positives", [0, 1, 59, 60])
def test_under_two_of_a_class_there_is_no_exact_form(positives):
    """Halves, or nothing, must do."""
    said = draw("few").random((3, 60, 2)).astype(np.float32)
    labels = (np.arange(60) < positives).astype(np.int32)

    assert metrics.get("auc").gram(said, labels) is None


def test_within_one_class_it_is_the_split_of_an_accuracy():
    """``S² - (mean_i s_i² - S²) / (n - 1)``."""
    right = (draw("one").random((5, 70)) < 0.7).astype(np.float64)
    observed = right.mean(axis=1).var(ddof=1)
    noise = (right.var(axis=0, ddof=1).mean() - observed) / 69

    assert quadratic(gram(right, np.zeros(70))) == pytest.approx(observed - noise, abs=1e-12)


def test_within_classes_it_is_the_covariance_of_different_examples():
    """Of two examples, both in one class or in two, averaged as the class means are."""
    rng = draw("classes")
    right = (rng.random((4, 12)) < 0.6).astype(np.float64)
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2, 1, 1])
    parts = []
    for one in range(3):
        for other in range(3):
            pairs = [
                np.cov(right[:, i], right[:, j])[0, 1]
                for i in np.flatnonzero(labels == one)
                for j in np.flatnonzero(labels == other)
                if i != j
            ]
            parts.append(np.mean(pairs))

    assert quadratic(gram(right, labels)) == pytest.approx(np.mean(parts), abs=1e-12)


def test_a_class_of_one_has_no_noise_to_be_told():
    """Its only example may have been luck."""
    assert gram(np.ones((3, 4)), np.array([0, 0, 0, 1])) is None
