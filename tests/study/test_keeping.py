"""What is kept of scores, and how a model's classes are read as those of a probe."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.errors import UsageError
from underspec.core.records import ClassMap
from underspec.core.streams import stream
from underspec.study.keeping import keep
from underspec.study.tables import pack_kept, pack_predictions, unpack_predictions

# Model classes 0..5; the probe has 0 (model's 1 or 4) and 1 (model's 2).
CODES = np.array([-1, 0, 1, -1, 0, -1], np.int32)
SCORES = np.array(
    [[[0.50, 0.10, 0.15, 0.00, 0.20, 0.05], [0.05, 0.05, 0.60, 0.10, 0.10, 0.10]]], np.float32
)
LABELS = np.array([0, 1], np.int32)


def test_any_of_the_mapped_classes_is_right():
    """Restricted: the best of the mapped ones answers, and several that count as one add up."""
    kept = keep(SCORES, LABELS, ClassMap(CODES, restricted=True))
    assert kept["answer"].tolist() == [[0, 1]]
    np.testing.assert_allclose(kept["answer_score"], [[0.20 / 0.45, 0.60 / 0.75]], rtol=1e-6)
    np.testing.assert_allclose(kept["label_score"], [[0.30 / 0.45, 0.60 / 0.75]], rtol=1e-6)
    assert kept["top5"].tolist() == [[[0, 1, 0], [1, 0, 0]]]


def test_of_all_classes_one_that_is_mapped_to_nothing_is_wrong():
    """Over all: the first example's best class counts as none of the probe's."""
    kept = keep(SCORES, LABELS, ClassMap(CODES, restricted=False))
    assert kept["answer"].tolist() == [[-1, 1]]
    np.testing.assert_allclose(kept["label_score"], [[0.30, 0.60]], rtol=1e-6)


def test_the_answer_is_by_class_not_by_sum():
    """0.3 in two classes of one object loses to 0.4 in one class of another."""
    scores = np.array([[[0.0, 0.3, 0.4, 0.0, 0.3, 0.0]]], np.float32)
    kept = keep(scores, np.array([0], np.int32), ClassMap(CODES, restricted=True))
    assert kept["answer"].tolist() == [[1]]
    np.testing.assert_allclose(kept["label_score"], [[0.6]], rtol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_restricting_never_loses_a_right_answer(seed):
    """What is right among all classes is right among the mapped ones."""
    draw = np.random.default_rng(seed)
    scores = draw.dirichlet(np.ones(6), (2, 8)).astype(np.float32)
    labels = draw.integers(0, 2, 8).astype(np.int32)
    full, few = (
        keep(scores, labels, ClassMap(CODES, restricted=r))["answer"] for r in (False, True)
    )
    assert ((full == labels) <= (few == labels)).all()


def test_a_map_for_another_model_is_refused():
    """Both numbers of classes are named, and a map of nothing is one too."""
    with pytest.raises(UsageError, match="6 classes of a model, but the models have 5"):
        keep(SCORES[:, :, :5], LABELS, ClassMap(CODES, restricted=True))
    with pytest.raises(UsageError, match="maps none"):
        keep(SCORES, LABELS, ClassMap(np.full(6, -1, np.int32), restricted=True))


def test_parts_make_the_same_file_as_the_whole():
    """Predicting in chunks leaves no trace, with few classes and with many."""
    draw = stream(1, "keeping").generator()
    for classes in (3, 50):
        scores = draw.dirichlet(np.ones(classes), (2, 30)).astype(np.float32)
        labels = draw.integers(0, classes, 30).astype(np.int32)
        parts = [keep(scores[:, a:b], labels[a:b]) for a, b in ((0, 7), (7, 20), (20, 30))]
        packed = pack_kept(["v000", "v001"], parts)
        assert packed == pack_predictions(["v000", "v001"], scores, labels)
        said = unpack_predictions([(packed, ["v000", "v001"], "x")], labels)
        np.testing.assert_array_equal(said.answers, scores.argmax(axis=2))


def test_the_first_of_equal_scores_is_the_answer():
    """As argmax takes it, also among more classes than are kept whole."""
    scores = np.full((1, 1, 30), 1 / 30, np.float32)
    kept = keep(scores, np.array([3], np.int32))
    assert kept["answer"].tolist() == [[0]]
