"""Where one class may be all that there is, and where it may not."""

import numpy as np
import pytest

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data import agree, checked, of

INPUTS = np.zeros((3, 2))


def test_a_part_of_a_data_set_may_hold_one_class():
    """Named classes say that there are others, though none of them occurs."""
    part = of(INPUTS, ["cat"] * 3, classes=["cat", "dog"])
    assert part.labels.tolist() == [0, 0, 0]
    assert checked(part) is part


def test_a_data_set_of_one_class_is_refused():
    """Without other names one class is all that there is."""
    with pytest.raises(UsageError, match="All 3 labels are 'cat'"):
        of(INPUTS, ["cat"] * 3)
    ids = np.array(["a", "b", "c"])
    with pytest.raises(UsageError, match="All 3 labels are '4'"):
        checked(Data(INPUTS, np.full(3, 4, np.int32), ids, ids))


@pytest.mark.parametrize("lacking", ["training set", "holdout"])
def test_train_and_holdout_need_two(lacking):
    """Nothing is learnt from one class, and nothing told apart in it."""
    one = of(INPUTS, ["dog"] * 3, classes=["cat", "dog"])
    two = of(INPUTS, ["cat", "dog", "cat"])
    agree(two, two)
    with pytest.raises(UsageError, match=f"All 3 labels of the {lacking} are 'dog'"):
        agree(*((one, two) if lacking == "training set" else (two, one)))
