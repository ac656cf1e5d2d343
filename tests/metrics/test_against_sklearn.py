"""Metrics of all examples together, against scikit-learn: weights, ties and what defines nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as reference

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.streams import stream


@st.composite
def answered(draw, classes):
    """Return scores with many ties, labels that may lack a class, and weights or None."""
    n = draw(st.integers(1, 30))
    grid = arrays.arrays(np.int64, (2, n, classes), elements=st.integers(0, 4))
    raw = draw(grid).astype(np.float32) + np.float32(0.5)
    scores = raw / raw.sum(axis=2, keepdims=True)
    labels = draw(arrays.arrays(np.int32, n, elements=st.integers(0, classes - 1)))
    weights = draw(st.none() | arrays.arrays(np.float64, n, elements=st.floats(0.125, 8)))
    return scores, labels, weights


def same(got, expected):
    """Compare figures of variants."""
    np.testing.assert_allclose(got, np.array(expected), atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(answered(2))
def test_auc_and_average_precision_are_scikit_learns(case):
    """Of class 1, whatever the ties and weights; undefined without positives, AUC without negatives."""
    scores, labels, weights = case
    auc, precision = (metrics.get(name) for name in ("auc", "average_precision"))
    kept = {"sample_weight": weights}
    if labels.any():
        found = [reference.average_precision_score(labels, s[:, 1], **kept) for s in scores]
        same(precision.value(scores, labels, weights), found)
    else:
        assert np.isnan(precision.value(scores, labels, weights)).all()
    if 0 < labels.sum() < len(labels):
        found = [reference.roc_auc_score(labels, s[:, 1], **kept) for s in scores]
        same(auc.value(scores, labels, weights), found)
    else:
        assert np.isnan(auc.value(scores, labels, weights)).all()


@settings(deadline=None, max_examples=40)
@given(answered(4))
def test_of_many_classes_they_are_one_against_the_rest(case):
    """AUC and average precision are means over the classes, undefined where one is absent."""
    scores, labels, weights = case
    for name, single in (
        ("auc", reference.roc_auc_score),
        ("average_precision", reference.average_precision_score),
    ):
        got = metrics.get(name).value(scores, labels, weights)
        if len(np.unique(labels)) < 4:
            assert np.isnan(got).all()
            continue
        found = [
            np.mean([single(labels == c, s[:, c], sample_weight=weights) for c in range(4)])
            for s in scores
        ]
        same(got, found)


@settings(deadline=None, max_examples=40)
@given(answered(4))
def test_f1_and_balanced_accuracy_are_scikit_learns(case):
    """Of answers; macro averages are over the classes that examples have."""
    scores, labels, weights = case
    answers = scores.argmax(axis=2).astype(np.int32)
    kept = {"sample_weight": weights}
    present = np.unique(labels)
    binary, macro = metrics.get("f1"), metrics.get("f1", average="macro")

    f1 = [reference.f1_score(labels, a, labels=present, average="macro", **kept) for a in answers]
    same(macro.value(answers, labels, weights), f1)
    recall = [
        reference.recall_score(labels, a, labels=present, average="macro", **kept) for a in answers
    ]
    same(metrics.get("balanced_accuracy").value(answers, labels, weights), recall)
    if (labels == 1).any():
        f1 = [reference.f1_score(labels == 1, a == 1, **kept) for a in answers]
        same(binary.value(answers, labels, weights), f1)
    else:
        assert np.isnan(binary.value(answers, labels, weights)).all()


def test_balanced_accuracy_is_scikit_learns_by_name():
    """The figure that scikit-learn calls so."""
    draw = stream(0, "tests", "balanced").generator()
    answers = draw.integers(0, 5, (3, 200)).astype(np.int32)
    labels = draw.integers(0, 5, 200).astype(np.int32)
    found = [reference.balanced_accuracy_score(labels, a) for a in answers]

    same(metrics.get("balanced_accuracy").value(answers, labels), found)


@settings(deadline=None, max_examples=40)
@given(answered(4))
def test_quadratic_kappa_is_scikit_learns(case):
    """With class codes as grades; undefined where all are of one grade."""
    scores, labels, weights = case
    answers = scores.argmax(axis=2).astype(np.int32)
    got = metrics.get("quadratic_kappa").value(answers, labels, weights)
    for figure, answer in zip(got, answers, strict=True):
        if len(np.unique(np.concatenate([answer, labels]))) == 1:
            assert np.isnan(figure)
            continue
        found = reference.cohen_kappa_score(
            labels, answer, labels=range(4), weights="quadratic", sample_weight=weights
        )
        assert figure == pytest.approx(found, abs=1e-12)


def test_an_answer_outside_the_grades_leaves_kappa_undefined():
    """An answer of a class that the probe lacks has no distance; only that variant is undefined."""
    answers = np.array([[0, 1, -1], [0, 1, 1]], np.int32)
    got = metrics.get("quadratic_kappa").value(answers, np.array([0, 1, 2], np.int32))

    assert np.isnan(got).tolist() == [True, False]


def calibration(confidence, right, weights, edges):
    """Return the expected calibration error by a plain loop over bins ``(low, high]``."""
    total = 0.0
    for low, high in itertools.pairwise(edges):
        rows = (confidence > low) & (confidence <= high)
        if rows.any():
            gap = np.average(right[rows] - confidence[rows], weights=weights[rows])
            total += weights[rows].sum() / weights.sum() * abs(gap)
    return total


@pytest.mark.parametrize("weighted", [False, True])
def test_calibration_error_is_the_textbooks(weighted):
    """Against a loop over bins of equal width, and over bins that hold equally many."""
    draw = stream(0, "tests", "calibration").generator()
    scores = draw.dirichlet(np.full(3, 0.6), (3, 500)).astype(np.float32)
    labels = draw.integers(0, 3, 500).astype(np.int32)
    weights = draw.random(500) + 0.1 if weighted else None
    size = np.ones(500) if weights is None else weights
    confidence = scores.max(axis=2).astype(float)
    right = (scores.argmax(axis=2) == labels).astype(float)
    wide = [
        calibration(c, r, size, np.linspace(0, 1, 16))
        for c, r in zip(confidence, right, strict=True)
    ]
    same(metrics.get("calibration_error").value(scores, labels, weights), wide)
    if not weighted:
        heavy = []
        for c, r in zip(confidence, right, strict=True):
            order = np.argsort(c)
            parts = zip(np.split(c[order], 10), np.split(r[order], 10), strict=True)
            heavy.append(np.mean([abs(rr.mean() - cc.mean()) for cc, rr in parts]))
        metric = metrics.get("calibration_error", bins=10, cut="equal_mass")
        same(metric.value(scores, labels), heavy)


def test_equal_confidences_stay_in_one_bin():
    """Bins of equal mass do not part what cannot be told apart, whatever the order of examples."""
    scores = np.full((1, 6, 2), 0.5, np.float32)
    labels = np.array([0, 0, 0, 1, 1, 1], np.int32)
    metric = metrics.get("calibration_error", bins=3, cut="equal_mass")

    assert metric.value(scores, labels).tolist() == [0.0]


@pytest.mark.parametrize("bins", [0, 2.5, True])
def test_bins_that_are_no_number_of_bins_are_refused(bins):
    """Whole numbers from 1 on."""
    with pytest.raises(UsageError, match="needs 1 bin or more"):
        metrics.get("calibration_error", bins=bins)


def test_other_forms_are_refused_with_the_known_ones():
    """A wrong word for an average or a cut says what there is."""
    with pytest.raises(UsageError, match="binary, macro"):
        metrics.get("f1", average="micro")
    with pytest.raises(UsageError, match="equal_width, equal_mass"):
        metrics.get("calibration_error", cut="width")
