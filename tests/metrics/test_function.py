"""A user's function as a metric: what it is given, what is said when it is wrong."""

import pickle

import numpy as np
import pytest

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.records import Predictions
from underspec.core.streams import stream
from underspec.metrics.measured import measured
from underspec.study.code import code_digest
from underspec.study.spec import made

TEXT = '''
import numpy as np
from weighing import share

def right(scores, labels, weights=None):
    """Be accuracy."""
    if not len(labels):
        return np.nan
    return share(scores.argmax(axis=1) == labels, weights)

def plain(scores, labels):
    return (scores.argmax(axis=1) == labels).mean()

def cross(scores, labels):
    return labels["no"]

def many(scores, labels):
    return scores[:, 0]

def percent(scores, labels):
    return 100 * (scores.argmax(axis=1) == labels).mean()

def said(answers, labels):
    assert answers.ndim == 1
    answers[:] = 0
    labels[:] = 0
    return 1.0

def beyond(scores, labels):
    return np.inf

CONSTANT = 3
'''


@pytest.fixture
def file(tmp_path):
    """Return a user's file with a helper beside it."""
    (tmp_path / "weighing.py").write_text(
        "import numpy as np\n\ndef share(right, weights):\n    return np.average(right, weights=weights)\n"
    )
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    return path


@pytest.fixture
def case():
    """Return scores of three variants and labels."""
    draw = stream(0, "tests", "function").generator()
    scores = draw.dirichlet(np.ones(2), (3, 40)).astype(np.float32)
    return scores, draw.integers(0, 2, 40).astype(np.int32)


def test_it_is_called_for_each_variant(file, case):
    """From a study file, with a module beside it, weighted and not."""
    scores, labels = case
    written = {"call": f"{file}:right", "greater_is_better": True, "low": 0, "high": 1}
    metric = made(metrics, {"function": written})
    weights = np.arange(40) + 1.0
    right = scores.argmax(axis=2) == labels

    assert metric.proportion
    np.testing.assert_allclose(metric.value(scores, labels), right.mean(axis=1))
    got = metric.value(scores, labels, weights)
    np.testing.assert_allclose(got, np.average(right, axis=1, weights=weights))


def test_it_may_not_spoil_what_it_is_given(file, case):
    """Answers and labels are copies."""
    scores, labels = case
    answers = scores.argmax(axis=2).astype(np.int32)
    before = answers.copy(), labels.copy()
    metric = metrics.get("function", call=f"{file}:said", greater_is_better=True, needs="answer")
    metric.value(answers, labels)

    np.testing.assert_array_equal(answers, before[0])
    np.testing.assert_array_equal(labels, before[1])


def test_infinite_is_undefined(file, case):
    """Nothing can be made of an infinite figure, so it counts as nan."""
    metric = metrics.get("function", call=f"{file}:beyond", greater_is_better=True)

    assert np.isnan(metric.value(*case)).all()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "cross",
            r"failed on 40 examples: IndexError: .* \(mine\.py, line 15\)\. Let it return nan",
        ),
        ("many", r"returned an array of shape \(40,\), but must return one number"),
        ("percent", r"returned .*, but is said to lie from 0 to 1\. Correct low and high"),
        ("CONSTANT", "is no function but a int"),
        ("rigt", "Did you mean 'right'"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(file, case, name, sentence):
    """With the line of the user's file where there is one."""
    metric = metrics.get("function", call=f"{file}:{name}", greater_is_better=True, low=0, high=1)
    with pytest.raises(UsageError, match=sentence):
        metric.value(*case)


def test_weights_that_it_does_not_take_are_not_dropped(file, case):
    """A figure that ignores weights would be taken for one that does not."""
    metric = metrics.get("function", call=f"{file}:plain", greater_is_better=True)
    with pytest.raises(UsageError, match=r"is called with \(scores, labels, weights=weights\)"):
        metric.value(*case, np.ones(40))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"greater_is_better": True}, "needs 'call'"),
        ({"call": "mine.py:f"}, "needs 'greater_is_better'"),
        ({"call": "mine:f", "greater_is_better": True}, r"file\.py:function"),
        ({"call": 3, "greater_is_better": True}, "got int"),
        ({"call": "mine.py:f", "greater_is_better": "yes"}, "true or false"),
        (
            {"call": "mine.py:f", "greater_is_better": True, "low": 1, "high": 1},
            "low below its high",
        ),
        ({"call": "mine.py:f", "greater_is_better": True, "needs": "logits"}, "label_score"),
        ({"call": "mine.py:f", "greater_is_better": True, "tasks": ("ranking",)}, "regression"),
    ],
)
def test_wrong_parameters_are_told_before_anything_is_run(parameters, sentence):
    """They need no file to be there."""
    with pytest.raises(UsageError, match=sentence):
        metrics.get("function", **parameters)


def test_making_one_runs_nothing(tmp_path, case):
    """The file is read when the first figure is asked for."""
    metric = metrics.get("function", call=f"{tmp_path}/none.py:f", greater_is_better=True)
    with pytest.raises(UsageError, match="There is no file"):
        metric.value(*case)


def test_a_change_of_the_file_changes_what_the_study_records(file):
    """So that findings are computed again; a study's identity does not hold its metric at all."""
    metric = metrics.get("function", call=f"{file}:right", greater_is_better=True)
    before = code_digest(metric)
    (file.parent / "weighing.py").write_text("def share(right, weights):\n    return 1.0\n")

    assert code_digest(metric) != before


def test_it_can_be_sent_to_another_process(file, case):
    """Also after it was called."""
    metric = metrics.get("function", call=f"{file}:plain", greater_is_better=True)
    got = metric.value(*case)
    again = pickle.loads(pickle.dumps(metric))

    assert again == metric
    np.testing.assert_array_equal(again.value(*case), got)


def test_noise_of_a_users_accuracy_is_that_of_our_own():
    """Through halves and left-out groups the figures agree with the exact ones, as far as these can."""
    draw = stream(0, "tests", "function", "noise").generator()
    n, k = 3000, 20
    skill = 1.0 + 0.2 * draw.standard_normal((k, 1))
    hard = draw.standard_normal(n)
    answers = (skill + 0.7 * hard + 0.7 * draw.standard_normal((k, n)) > 0).astype(np.int32)
    labels = np.ones(n, np.int32)
    predictions = Predictions(tuple(f"v{v}" for v in range(k)), labels, answers)
    own = metrics.get("function", call=_agreed, greater_is_better=True, needs="answer")
    got = measured(own, predictions, np.array([f"c{i}" for i in range(n)]))
    exact = (answers == labels).astype(float)
    observed = exact.mean(axis=1).var(ddof=1)
    noise = (exact.var(axis=0, ddof=1).mean() - observed) / (n - 1)

    np.testing.assert_allclose(got.contributions.mean(axis=1), exact.mean(axis=1))
    assert observed - got.truth.variance == pytest.approx(noise, rel=0.5)
    error, expected = got.contributions.var(axis=1).mean(), exact.var(axis=1).mean()
    assert error == pytest.approx(expected, rel=0.4)


def _agreed(answers, labels):
    return float((answers == labels).mean())
