"""Metrics: values against scikit-learn, laws, and the shipped conformance check."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.metrics._protocol import Fitted, Mean
from underspec.metrics.accuracy import Accuracy
from underspec.metrics.average_precision import AveragePrecision
from underspec.metrics.log_loss import LogLoss
from underspec.testing.metrics import check_metric


def made_up(classes, variants=3, examples=200):
    draw = stream(0, "tests", classes).generator()
    scores = draw.dirichlet(np.full(classes, 0.3), (variants, examples)).astype(np.float32)
    return scores, draw.integers(0, classes, examples).astype(np.int32)


def share_right(said, labels, weights=None):
    """Be a user's metric."""
    if not len(labels):
        return float("nan")
    return float(np.average(said.argmax(axis=1) == labels, weights=weights))


# What has no default; every other metric is tested as it comes.
REQUIRED = {
    "function": {
        "call": share_right,
        "greater_is_better": True,
        "low": 0,
        "high": 1,
        "tasks": ("binary", "classification"),
    }
}


@pytest.mark.parametrize("name", metrics.names())
def test_every_registered_metric_keeps_the_contract(name):
    """A metric in the table is held to the contract without anyone writing a test for it."""
    check_metric(metrics.get(name, **REQUIRED.get(name, {})))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("f1", {"average": "macro"}),
        ("calibration_error", {"cut": "equal_mass", "bins": 4}),
        ("sensitivity", {"specificity": 1.0}),
    ],
)
def test_so_do_those_with_other_parameters(name, parameters):
    """The forms that parameters ask for are held to the same contract."""
    check_metric(metrics.get(name, **parameters))


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_accuracy_is_scikit_learns(classes):
    """The mean contribution is the accuracy that scikit-learn computes."""
    scores, labels = made_up(classes)
    answers = scores.argmax(axis=2).astype(np.int32)
    got = metrics.get("accuracy")(answers, labels).mean(axis=1)
    expected = [reference.accuracy_score(labels, row) for row in answers]

    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_log_loss_is_scikit_learns(classes):
    """The mean contribution is scikit-learn's log loss, clip included."""
    scores, labels = made_up(classes)
    scores[:, 0] = np.eye(classes, dtype=np.float32)[(labels[0] + 1) % classes]
    label_scores = scores[:, np.arange(len(labels)), labels]
    got = metrics.get("log_loss")(label_scores, labels).mean(axis=1)
    expected = [reference.log_loss(labels, row, labels=range(classes)) for row in scores]

    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_a_sure_and_wrong_answer_costs_what_the_floor_says():
    """Log loss is bounded by the documented floor, and 0 for a sure and right answer."""
    loss = metrics.get("log_loss")
    got = loss(np.array([[0.0, 1.0]], np.float32), np.array([0, 1], np.int32))

    assert got[0, 0] == pytest.approx(15.942, abs=1e-3)
    assert got[0, 0] == loss.range[1]
    assert got[0, 1] == 0
    assert not np.signbit(got[0, 1])


@pytest.mark.parametrize("floor", [0, 1, -1.0])
def test_a_floor_that_is_no_probability_is_refused(floor):
    """The floor of log loss must lie strictly between 0 and 1."""
    with pytest.raises(UsageError, match="floor of log_loss must lie between 0 and 1"):
        LogLoss(floor=floor)


def test_brier_of_two_classes_is_scikit_learns():
    """With two classes it is the squared error of the probability of class 1."""
    scores, labels = made_up(2)
    got = metrics.get("brier")(scores, labels).mean(axis=1)
    expected = [reference.brier_score_loss(labels, row[:, 1]) for row in scores]

    np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize("classes", [3, 10])
def test_brier_of_many_classes_sums_over_them(classes):
    """With more classes it is the squared distance to the one-hot label."""
    scores, labels = made_up(classes)
    got = metrics.get("brier")(scores, labels)
    expected = ((scores.astype(float) - np.eye(classes)[labels]) ** 2).sum(axis=2)

    np.testing.assert_allclose(got, expected, atol=1e-6)


@given(st.integers(2, 12), st.integers(1, 5), st.integers(1, 20))
def test_a_right_and_sure_answer_is_the_best_there_is(classes, variants, examples):
    """Every metric of classes reaches its best end for one-hot scores on the label, or is undefined."""
    labels = (np.arange(examples) % classes).astype(np.int32)
    scores = np.repeat(np.eye(classes, dtype=np.float32)[labels][None], variants, axis=0)
    said = {"answer": scores.argmax(axis=2), "label_score": scores.max(axis=2), "scores": scores}
    for name in metrics.names():
        metric = metrics.get(name, **REQUIRED.get(name, {}))
        if isinstance(metric, Fitted) or "classification" not in getattr(
            metric, "tasks", ("classification",)
        ):
            continue
        best = metric.range[1 if metric.greater_is_better else 0]
        if isinstance(metric, Mean):
            got = metric(said[metric.needs], labels)
        else:
            got = metric.value(said[metric.needs], labels)

        np.testing.assert_allclose(got[np.isfinite(got)], best, atol=1e-12)


@dataclass(frozen=True)
class Doubling(Accuracy):
    """Breaks its range."""

    def __call__(self, said, labels, /):
        """Do it."""
        return 2 * super().__call__(said, labels)


@dataclass(frozen=True)
class Sorting(Accuracy):
    """Loses which example is which."""

    def __call__(self, said, labels, /):
        """Do it."""
        return np.sort(super().__call__(said, labels), axis=1)


@dataclass(frozen=True)
class Spoiling(Accuracy):
    """Writes into what it was given."""

    def __call__(self, said, labels, /):
        """Do it."""
        got = super().__call__(said, labels)
        said[:, 0] = 1 - labels[0]
        return got


@dataclass(frozen=True)
class Upside(Accuracy):
    """Calls an error a merit."""

    def __call__(self, said, labels, /):
        """Do it."""
        return 1 - super().__call__(said, labels)


@dataclass(frozen=True)
class Deaf(AveragePrecision):
    """Does not hear weights."""

    def value(self, said, labels, /, weights=None):
        """Do it."""
        return super().value(said, labels)


@dataclass(frozen=True)
class Loud(AveragePrecision):
    """Raises where it is undefined."""

    def value(self, said, labels, /, weights=None):
        """Do it."""
        got = super().value(said, labels, weights)
        assert np.isfinite(got).all()
        return got


@dataclass(frozen=True)
class Adrift(AveragePrecision):
    """Has pulls around another value."""

    def pulls(self, said, labels, /, weights=None):
        """Do it."""
        return super().pulls(said, labels, weights) + 0.01


@dataclass(frozen=True)
class Misled(AveragePrecision):
    """Has pulls of the right mean that foretell nothing."""

    def pulls(self, said, labels, /, weights=None):
        """Do it."""
        value = super().value(said, labels, weights)
        return np.repeat(value[:, None], len(labels), axis=1)


@dataclass(frozen=True)
class Lopsided(AveragePrecision):
    """Has a matrix that is none of a variance."""

    def gram(self, said, labels, /):
        """Do it."""
        return np.tri(len(said))


@dataclass(frozen=True)
class Mixing(AveragePrecision):
    """Looks at the other variants."""

    def value(self, said, labels, /, weights=None):
        """Do it."""
        got = super().value(said, labels, weights)
        return (got + got.mean()) / 2


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (Deaf(), "the weight 2 is not the same"),
        (Loud(), "must give NaN where they do not define it"),
        (Adrift(), "the mean of the pulls is not the value"),
        (Misled(), "does not move the value as its pull says"),
        (Lopsided(), "`gram` must be symmetric"),
        (Mixing(), "depend on another variant"),
        (Doubling(), "outside `range`"),
        (Sorting(), "do not follow their examples"),
        (Spoiling(), "changed its inputs"),
        (Upside(), "wrong and sure answers"),
    ],
)
def test_the_conformance_check_catches_a_broken_metric(member, sentence):
    """Each way of breaking the contract fails with a sentence that names it."""
    with pytest.raises(AssertionError, match=sentence):
        check_metric(member)
