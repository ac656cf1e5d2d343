"""Plain arrays become examples, or are refused in one sentence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy


def of(labels, **more):
    return data.of(np.zeros((len(labels), 2)), labels, **more)


def test_text_labels_become_codes_of_the_sorted_names():
    """Text classes are sorted, and codes point at them."""
    made = of(["dog", "cat", "dog"])
    assert made.classes == ("cat", "dog")
    assert made.labels.tolist() == [1, 0, 1]
    assert made.labels.dtype == np.int32


def test_integer_labels_sort_as_numbers():
    """Class 10 comes after class 9, whatever the integer type."""
    made = of(np.asarray([10, 9, 10], dtype=np.uint8))
    assert made.classes == ("9", "10")
    assert made.labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "labels",
    [[True, False], np.asarray(["a", "b"], object), [1.0, 0.0], np.asarray([b"x", b"y"])],
)
def test_labels_of_any_plain_type_are_taken(labels):
    """Booleans, objects, whole floats and bytes all name two classes."""
    assert sorted(of(labels).labels.tolist()) == [0, 1]


def test_ids_are_padded_numbers_and_clusters_the_ids_by_default():
    """Default ids sort as text in the order of the rows."""
    made = of([0, 1] * 6)
    assert made.ids.tolist()[:2] == ["00", "01"]
    assert made.ids.tolist() == sorted(made.ids.tolist())
    assert made.clusters.tolist() == made.ids.tolist()


def test_given_classes_are_looked_up_as_text_first():
    """Integers that are names count as names, other integers in range as codes."""
    assert of([3, 5], classes=["5", "3"]).labels.tolist() == [1, 0]
    assert of([0, 2], classes=["a", "b", "c"]).labels.tolist() == [0, 2]
    assert of([-1, 1], classes=["-1", "1"]).labels.tolist() == [0, 1]


def test_a_missing_group_value_is_a_group_of_its_own():
    """Examples without a site form the group 'missing'; whole floats read as integers."""
    made = of([0, 1, 1], groups={"site": [1.0, np.nan, 2.0], "sex": ["f", None, "m"]})
    assert made.groups["site"].tolist() == ["1", "missing", "2"]
    assert made.groups["sex"].tolist() == ["f", "missing", "m"]


@pytest.mark.parametrize(
    ("labels", "more", "says"),
    [
        ([0, 1, 1], {"ids": ["a", "b"]}, "2 examples but 3 labels"),
        ([0, 1], {"clusters": ["a"]}, "1 clusters"),
        ([0, 1], {"groups": {"site": ["a"]}}, "1 site"),
        ([0, 1], {"ids": ["a", "a"]}, "must be unique; 'a'"),
        ([0, 1], {"ids": ["a", None]}, "ids lack a value in 1 of 2"),
        ([0.0, np.nan], {}, "labels lack a value in 1 of 2 examples, first in example 1"),
        (["a", None, "b"], {}, "labels lack a value"),
        (pd.Series(["a", pd.NA], dtype="string"), {}, "labels lack a value"),
        (["a", ""], {}, "labels lack a value"),
        ([0.5, 1.0], {}, "hold 0.5"),
        ([1, 1, 1], {}, "All 3 labels are '1'"),
        ([], {}, "no examples"),
        ([-1, 1], {}, r"hold -1.*classes=\['-1'"),
        (["dgo", "cat"], {"classes": ["cat", "dog"]}, "Did you mean 'dog'"),
        ([0, 3], {"classes": ["a", "b"]}, "No class named '0'"),
        ([0, 1], {"classes": ["a", "a"]}, "each once"),
        ([0, 1], {"groups": {"label": ["a", "b"]}}, "rename the column"),
        ([[0, 1]], {}, "one column"),
        (np.asarray(["a", 1], object), {}, "mix int and str"),
    ],
)
def test_what_makes_no_data_set_is_refused(labels, more, says):
    """Each fault has its own sentence."""
    with pytest.raises(UsageError, match=says):
        of(labels, **more)


def test_inputs_of_another_length_or_shape_are_refused():
    """Inputs are one an example."""
    with pytest.raises(UsageError, match="2 examples but 3 inputs"):
        data.of(np.zeros(3), [0, 1])
    with pytest.raises(UsageError, match="make no array"):
        data.of([[1], [1, 2]], [0, 1])
    with pytest.raises(UsageError, match="one float"):
        data.of(1.0, [0, 1])


def test_a_data_record_must_hold_codes():
    """A record made by hand is checked as well."""
    good = of([0, 1])
    for labels, says in [
        (np.asarray([-1, 1], np.int32), "run from 0"),
        (np.asarray([0, 2], np.int32), "only 2 classes"),
        (np.asarray([0.0, 1.0]), "integers"),
    ]:
        wrong = data.of(good.inputs, [0, 1])
        object.__setattr__(wrong, "labels", labels)
        with pytest.raises(UsageError, match=says):
            data.checked(wrong)


def test_train_and_holdout_must_mean_the_same_by_a_code():
    """A class that one part lacks shifts the codes, so it is an error."""
    with pytest.raises(UsageError, match="only train has b"):
        data.agree(of(["a", "b", "c"]), of(["a", "c"]))
    with pytest.raises(UsageError, match="the order differs"):
        data.agree(of([0, 1], classes=["a", "b"]), of([0, 1], classes=["b", "a"]))
    data.agree(of(["a", "b"]), of(["b", "a"]))


class _Images:
    """Images that are not there, of a shape and type."""

    def __init__(self, *shape, dtype=np.uint8):
        self.shape, self.dtype = shape, np.dtype(dtype)

    def __len__(self):
        return 2


def holding(inputs):
    return data.of(Lazy.of(inputs) if isinstance(inputs, _Images) else inputs, ["a", "b"])


@pytest.mark.parametrize(
    ("train", "holdout", "says"),
    [
        (
            _Images(32, 32, 3),
            _Images(40, 40, 3),
            r"shape \[32, 32, 3\], the held-out ones \[40, 40, 3\]",
        ),
        (_Images(32, 32, 1), _Images(32, 32, 3), r"shape \[32, 32, 1\]"),
        (
            _Images(4, 4, 3),
            np.zeros((2, 4, 5, 3), np.uint8),
            r"\[4, 4, 3\], the held-out ones \[4, 5, 3\]",
        ),
        (np.zeros((2, 3)), np.zeros((2, 4)), r"shape \[3\], the held-out ones \[4\]"),
        (_Images(4, 4, 3), np.zeros((2, 4, 4, 3)), "are uint8, the held-out ones float64"),
        (np.zeros((2, 3)), np.asarray([["x"] * 3] * 2), "are float64, the held-out ones <U1"),
    ],
)
def test_train_and_holdout_must_be_of_one_shape_and_type(train, holdout, says):
    """No model takes both, which would show after all of them are trained."""
    with pytest.raises(UsageError, match=says):
        data.agree(holding(train), holding(holdout))
    data.agree(holding(train), holding(train))
    data.agree(holding(holdout), holding(holdout))


def test_what_trainers_take_alike_agrees():
    """Whole numbers and others, and grey images with and without their channel."""
    data.agree(holding(np.zeros((2, 3), int)), holding(np.zeros((2, 3), np.float32)))
    data.agree(holding(_Images(4, 4)), holding(_Images(4, 4, 1)))


def test_frames_must_have_the_same_columns():
    """In whatever order; and a frame does not go with an array."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2.0], "who": ["m", "f"]})
    data.agree(holding(frame), holding(frame[["who", "x"]]))
    with pytest.raises(UsageError, match="only train has who; only holdout has owner"):
        data.agree(holding(frame), holding(frame.rename(columns={"who": "owner"})))
    with pytest.raises(UsageError, match="only train has who"):
        data.agree(holding(frame), holding(frame[["x"]]))
    with pytest.raises(UsageError, match="of type DataFrame, the held-out ones of type ndarray"):
        data.agree(holding(frame), holding(np.zeros((2, 2))))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2))
def test_codes_lead_back_to_the_labels(names):
    """Whatever the text of the labels, classes[code] is the label again."""
    if len(set(names)) < 2 or {"", "nan", "NaN"} & set(names):
        with pytest.raises(UsageError):
            of(names)
        return
    made = of(names)
    assert [made.classes[code] for code in made.labels] == names
