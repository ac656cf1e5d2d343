"""How much an example counts, and numbers to predict in place of classes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from underspec import data
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data import checksum
from underspec.stress.images.pictures import chosen
from underspec.stress.suited import paired, suited

CSV = "pid,x,w,y,c\na,1,0.5,2.5,cat\nb,2,1,-1,dog\nc,3,2,4,cat\n"


def of(n=4, **more):
    return data.of(np.zeros((n, 2)), [0, 1] * (n // 2), **more)


def test_weights_are_floats_and_follow_their_examples():
    """Whatever numbers are given become float64; taking examples or other inputs keeps them."""
    made = of(weights=[1, 2, 3, 4])
    assert made.weights.dtype == np.float64
    assert made.take(np.array([2, 0])).weights.tolist() == [3, 1]
    assert made.take(np.array([False, True, False, True])).weights.tolist() == [2, 4]
    assert made.with_inputs(np.ones((4, 1))).weights.tolist() == [1, 2, 3, 4]
    assert of().weights is None
    assert of().take(np.array([0])).weights is None


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1.0, 0.0, 1.0, 1.0], "positive numbers, one an example, but got 0 for the example '1'"),
        ([1.0, 1.0, -2.0, 1.0], "got -2 for the example '2'"),
        ([1.0, 1.0, np.inf, 1.0], r"no finite numbers in 1 of 4 examples, first in example 2"),
        ([1.0, None, 1.0, 1.0], "no finite numbers in 1 of 4 examples, first in example 1"),
        ([1.0, 1.0], r"got float64 of shape \[2\] for 4 examples"),
        (["a", "b", "c", "d"], "weights are text: use numbers"),
        ([[1.0]] * 4, "weights must be one column"),
    ],
)
def test_weights_that_are_no_positive_numbers_are_refused(weights, says):
    """One sentence says what is wrong, and with which example."""
    with pytest.raises(UsageError, match=says) as caught:
        of(weights=weights)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("weights", [[1.0, np.nan], [1.0, 0.0], ["a", "b"], [1.0]])
def test_a_record_made_by_hand_is_checked_too(weights):
    """A Data record refuses weights that are no positive numbers, one an example."""
    ids = np.array(["a", "b"])
    with pytest.raises(UsageError, match="Weights are positive numbers, one an example"):
        Data(np.zeros(2), np.array([0, 1], np.int32), ids, ids, weights=np.array(weights))


def test_weights_count_for_the_checksum_and_none_do_not():
    """Other weights make another data set; a set without is what it always was."""
    plain, one, two = of(), of(weights=[1, 1, 1, 1]), of(weights=[1, 1, 1, 2])
    assert len({checksum(plain), checksum(one), checksum(two)}) == 3
    assert checksum(plain) == checksum(replace(one, weights=None))
    # As it was before there were weights, so that old study folders stay what they are.
    assert checksum(plain).startswith("fa337b7be674")


def test_a_table_gives_weights_and_targets(tmp_path):
    """The columns are named; neither is among the inputs."""
    path = tmp_path / "t.csv"
    path.write_text(CSV)
    made = data.get("files", path=str(path), id="pid", weight="w", target="y", drop=["c"])()
    assert made.inputs.tolist() == [[1], [2], [3]]
    assert made.weights.tolist() == [0.5, 1, 2]
    assert made.labels.tolist() == [2.5, -1, 4]
    assert made.labels.dtype == np.float64
    assert made.classes == ()
    assert made.regression
    classes = data.get("files", path=str(path), id="pid", weight="w", label="c", drop=["y"])()
    assert classes.labels.tolist() == [0, 1, 0]
    assert not classes.regression


def test_an_archive_gives_weights_and_targets(tmp_path):
    """The arrays are named `weights` and `targets`."""
    path = tmp_path / "t.npz"
    np.savez(path, inputs=np.eye(3), targets=[1, 2, 4], weights=[1, 1, 0.5])
    made = data.get("files", path=str(path))()
    assert made.labels.tolist() == [1.0, 2.0, 4.0]
    assert made.weights.tolist() == [1, 1, 0.5]
    np.savez(path, inputs=np.eye(3))
    with pytest.raises(UsageError, match="lacks the array 'labels'"):
        data.get("files", path=str(path))()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"label": "c", "target": "y"}, "has a class, label: 'c', or a number to predict"),
        ({}, "Which column of .* is the class"),
        ({"label": "y"}, "hold 2.5, which is neither an integer nor text. Numbers to predict are"),
        ({"target": "c"}, "targets are text: use numbers"),
        ({"label": "c", "weight": "v"}, "column of .* named 'v'"),
        ({"target": "y", "inputs": ["y"]}, "The target 'y' is among the inputs"),
        ({"target": "y", "classes": ["1", "2"]}, "Targets are numbers and have no classes"),
    ],
)
def test_columns_that_contradict_are_refused(tmp_path, more, says):
    """A class or a number, not both; and each of its kind."""
    path = tmp_path / "t.csv"
    path.write_text(CSV)
    with pytest.raises(UsageError, match=says):
        data.get("files", path=str(path), **more)()


def test_labels_or_targets_but_one_of_them():
    """`of` takes one of the two, and finite numbers only."""
    with pytest.raises(UsageError, match="but not both"):
        data.of(np.zeros(2))
    with pytest.raises(UsageError, match="but not both"):
        data.of(np.zeros(2), [0, 1], targets=[0.5, 1])
    with pytest.raises(UsageError, match="targets are no finite numbers in 1 of 2"):
        data.of(np.zeros(2), targets=pd.Series([0.5, pd.NA]))
    hand = data.of(np.zeros(2), targets=[0.5, 1])
    with pytest.raises(UsageError, match="target of the example '1' is nan"):
        data.checked(replace(hand, labels=np.array([0.5, np.nan])))
    with pytest.raises(UsageError, match="have no classes, but 2 are named"):
        data.checked(replace(hand, classes=("a", "b")))
    assert data.checked(replace(hand, labels=hand.labels.astype(np.float32))).labels.dtype == float


def test_train_and_holdout_must_both_have_targets():
    """Classes in one and numbers in the other are no pair; nor are targets that are all one."""
    numbers = data.of(np.zeros((2, 2)), targets=[0.5, 1])
    data.agree(numbers, numbers)
    with pytest.raises(UsageError, match="training set are numbers, those of the holdout classes"):
        data.agree(numbers, of())
    with pytest.raises(UsageError, match="All 2 targets of the holdout are 3: there is nothing"):
        data.agree(numbers, data.of(np.zeros((2, 2)), targets=[3, 3]))


def test_examples_from_elsewhere_have_their_own_weights_or_the_pairs():
    """Row by row, the weights are the holdout's unless others are given; apart, never."""
    holdout = data.of(np.zeros((3, 2)), targets=[1, 2, 3.5], weights=[1, 2, 3])
    own = data.of(np.ones((3, 2)), targets=[1, 2, 3.5])
    assert paired(suited(own, holdout), holdout).weights.tolist() == [1, 2, 3]
    other = replace(own, weights=np.array([5.0, 6.0, 7.0]))
    assert paired(other, holdout).weights.tolist() == [5, 6, 7]
    assert suited(own, holdout).weights is None
    with pytest.raises(UsageError, match="its target is not the holdout's"):
        paired(data.of(np.ones((3, 2)), targets=[1, 2, 3]), holdout)
    with pytest.raises(UsageError, match="Its labels are targets, those of the holdout classes"):
        suited(own, of())


def test_some_examples_of_a_regression_are_drawn_by_id_alone():
    """There are no classes that need a share; the smaller choice is a part of the larger."""
    many = data.of(np.zeros(50), targets=np.arange(50) / 7, weights=np.arange(1, 51))
    key = stream(3, "stress")
    few, more = chosen(many, 5, key), chosen(many, 20, key)
    assert set(few.ids) < set(more.ids)
    np.testing.assert_array_equal(few.weights, few.labels * 7 + 1)
