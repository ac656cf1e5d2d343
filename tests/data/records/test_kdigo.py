"""KDIGO stages, by cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec.core.errors import UsageError
from underspec.data.records.kdigo import staged

CASES = {
    "a first value has nothing to be compared with": ([0], [5.0], [0]),
    "a rise by 0.3 in 48 hours is stage 1": ([0, 48], [0.9, 1.2], [0, 1]),
    "a rise by 0.3 in just over 48 hours is none": ([0, 48.01], [0.9, 1.2], [0, 0]),
    "a rise by 0.29 is none": ([0, 24], [1.0, 1.29], [0, 0]),
    "the rise is from the lowest, not from the last": ([0, 12, 24], [1.0, 1.2, 1.3], [0, 0, 1]),
    "a slow rise to 1.5 times in 7 days": ([0, 72, 168], [0.4, 0.5, 0.6], [0, 0, 1]),
    "1.5 times after more than 7 days": ([0, 168.01], [0.4, 0.6], [0, 0]),
    "1.49 times and less than 0.3": ([0, 24], [0.55, 0.82], [0, 0]),
    "1.99 times is stage 1": ([0, 24], [1.0, 1.99], [0, 1]),
    "2 times is stage 2": ([0, 24], [1.0, 2.0], [0, 2]),
    "2.99 times is stage 2": ([0, 24], [1.0, 2.99], [0, 2]),
    "3 times is stage 3": ([0, 24], [0.7, 2.1], [0, 3]),
    "4.0 is stage 3 only with an acute rise": ([0, 24, 48], [3.8, 4.0, 4.1], [0, 0, 3]),
    "a chronic value over 4 that stays is none": ([0, 24, 48], [5.0, 5.1, 5.2], [0, 0, 0]),
    "1.5 times to 4.0 is stage 3": ([0, 100], [2.6, 4.0], [0, 3]),
    "a fall is none": ([0, 24, 48], [2.0, 1.5, 1.0], [0, 0, 0]),
    "after a recovery the stage ends": ([0, 24, 60], [1.0, 1.6, 1.1], [0, 1, 0]),
}


@pytest.mark.parametrize("case", CASES)
def test_stages_worked_out_by_hand(case):
    """Each criterion, on its edge and just beside it."""
    hours, values, expected = CASES[case]
    assert staged(hours, values).stage.tolist() == expected


def test_micromoles_have_the_limits_of_the_guideline():
    """26.5 and 353.6 umol/L are the limits, exactly."""
    hours = [0, 24]
    assert staged(hours, [80.0, 106.5], unit="umol/L").stage.tolist() == [0, 1]
    assert staged(hours, [80.0, 106.4], unit="umol/L").stage.tolist() == [0, 0]
    assert staged(hours, [327.0, 353.6], unit="umol/L").stage.tolist() == [0, 3]
    with pytest.raises(UsageError, match="unit of creatinine"):
        staged(hours, [1.0, 2.0], unit="g/L")


def test_rows_that_are_no_measurement_are_left_out():
    """Missing times, missing values, zeros and infinities change nothing."""
    hours = [0, 24, np.nan, 5, 6, 7]
    found = staged(hours, [1.0, 1.3, 9.0, np.nan, 0.0, np.inf])
    assert found.hours.tolist() == [0, 24]
    assert found.stage.tolist() == [0, 1]
    assert np.isnan(found.reference[0])
    assert found.reference[1] == 1.0


def test_order_does_not_matter_and_one_time_counts_once():
    """Unsorted rows are sorted; of two values at one time their mean counts."""
    found = staged([24, 0, 24], [1.2, 1.0, 1.4])
    assert found.hours.tolist() == [0, 24]
    assert found.creatinine.tolist() == pytest.approx([1.0, 1.3])
    assert found.stage.tolist() == [0, 1]


def test_subjects_are_apart():
    """No value of one patient counts for another, whatever their order and clocks."""
    found = staged([0, 24, 10, 34], [1.0, 1.4, 2.0, 2.2], ["b", "b", "a", "a"])
    assert found.subjects.tolist() == ["a", "a", "b", "b"]
    assert found.stage.tolist() == [0, 0, 0, 1]
    assert found.onset(["b", "a", "c"]).tolist() == [24, np.inf, np.inf]


def test_a_known_baseline_counts_from_the_first_value():
    """An injury that came with the patient shows where the baseline is known."""
    assert staged([0], [2.1], ["a"], baseline={"a": 1.0}).stage.tolist() == [2]
    assert staged([0], [2.1], ["a"], baseline={"a": np.nan}).stage.tolist() == [0]


def test_from_the_start_of_dialysis_all_is_stage_3():
    """Its start is a row of its own, and lower values after it do not end it."""
    found = staged([0, 24, 48], [1.0, 1.1, 0.8], ["a"] * 3, dialysis=(["a", "b"], [30.0, 2.0]))
    assert found.hours.tolist() == [0, 24, 30, 48, 2]
    assert found.stage.tolist() == [0, 0, 3, 3, 3]
    assert found.onset(["a", "b"]).tolist() == [30, 2]


def test_onset_of_a_higher_stage_comes_later():
    """Each stage has its own first time."""
    found = staged([0, 24, 48, 72], [1.0, 1.5, 2.2, 3.3])
    assert [found.onset([0], stage)[0] for stage in (1, 2, 3)] == [24, 48, 72]


def test_columns_of_different_lengths_are_refused():
    """The sentence says how many there are of each."""
    with pytest.raises(UsageError, match="2 times, 1 values"):
        staged([0, 1], [1.0])


def plain(hours, values):
    """The definition as it reads, one value at a time."""
    out = []
    for now, value in zip(hours, values, strict=True):
        week = [v for h, v in zip(hours, values, strict=True) if now - 168 <= h < now]
        days = [v for h, v in zip(hours, values, strict=True) if now - 48 <= h < now]
        ratio = value / min(week) if week else 0
        acute = ratio >= 1.5 - 1e-9 or (bool(days) and value - min(days) >= 0.3 - 1e-9)
        grade = 3 if ratio >= 3 - 1e-9 or (acute and value >= 4) else 2 if ratio >= 2 - 1e-9 else 1
        out.append(grade if acute else 0)
    return out


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(3, 60)),
        max_size=30,
        unique_by=lambda row: row[0],
    ),
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(3, 60)), max_size=8, unique_by=lambda row: row[0]
    ),
)
@settings(max_examples=60, deadline=None)
def test_the_fast_form_is_the_definition(one, other):
    """Two patients at once get what each gets by the definition, and no later value changes a stage."""
    rows = [sorted(one), sorted(other)]
    hours = [h for row in rows for h, _ in row]
    values = [v / 10 for row in rows for _, v in row]
    whose = ["a"] * len(one) + ["b"] * len(other)
    stages = staged(hours, values, whose).stage.tolist()
    expected = [plain([h for h, _ in row], [v / 10 for _, v in row]) for row in rows]
    assert stages == expected[0] + expected[1]
    half = len(one) // 2
    assert staged(hours[:half], values[:half]).stage.tolist() == stages[:half]
