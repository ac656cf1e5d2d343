"""YAIB's three files are read: hours since admission, its own label or ours."""

import numpy as np
import pyarrow as pa
import pytest
from tests.data.records import layouts

from underspec import data
from underspec.core.errors import UsageError

HOURS = 96


def write(root, times=None, labels=None):
    """Write two stays: 7 is injured at hour 60, 8 never."""
    stay = np.repeat([7, 8], HOURS)
    time = np.tile(np.arange(HOURS), 2)
    crea = np.full(2 * HOURS, np.nan)
    crea[(time % 12 == 0)] = 1.0
    crea[(stay == 7) & (time == 60)] = 1.6
    urine = np.where(time % 2 == 0, 30.0, 0.0)
    dynamic = {
        "stay_id": stay, "time": time if times is None else times(time), "alb": crea * 3, "crea": crea,
        "hr": 80.0 + time, "urine": urine,
    }  # fmt: skip
    static = {"stay_id": [7, 8], "age": [66.0, 30.0], "sex": ["Male", "Female"],
              "height": [170.0, 160.0], "weight": [80.0, 50.0]}  # fmt: skip
    true = (stay == 7) & (np.abs(time - 60) <= 6)
    keep = (stay == 8) | (time <= 66)
    outcome = {"stay_id": stay[keep], "time": dynamic["time"].filter(pa.array(keep)) if times else time[keep],
               "label": (true if labels is None else labels(true))[keep]}  # fmt: skip
    return layouts.yaib(root, dynamic, static, outcome)


def test_its_own_label_looks_six_hours_ahead(tmp_path):
    """An example is positive where outc.parquet says so, and none lies after the onset."""
    made = data.get("yaib", path=write(tmp_path), every=3)()
    labels = dict(zip(made.ids.tolist(), made.labels.tolist(), strict=True))
    assert labels["yaib-7-h51"] == 0
    assert labels["yaib-7-h54"] == 1
    assert labels["yaib-7-h57"] == 1
    assert "yaib-7-h60" not in labels
    assert labels["yaib-8-h60"] == 0
    assert made.columns == ("creatinine", "heart_rate", "urine_output", "age")
    assert set(made.groups) == {"sex", "age_band"}


def test_our_label_is_kdigo(tmp_path):
    """With label: kdigo the horizon is ours, and creatinine must have been looked at."""
    made = data.get("yaib", path=write(tmp_path), label="kdigo")()
    labels = dict(zip(made.ids.tolist(), made.labels.tolist(), strict=True))
    assert labels["yaib-7-h24"] == 1
    assert labels["yaib-8-h24"] == 0


def test_urine_is_added_up_and_zero_counts(tmp_path):
    """Urine of a step is a sum, and an hour without any is a measurement."""
    made = data.get("yaib", path=write(tmp_path))()
    urine = made.inputs[0, :, made.columns.index("urine_output")]
    assert set(urine[-8:].tolist()) == {30.0, 60.0}


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_durations_are_hours(tmp_path, unit):
    """Times may be durations, as R writes them."""
    scale = {"s": 3600, "ms": 3_600_000}[unit]

    def duration(time):
        return pa.array(time * scale, pa.int64()).cast(pa.duration(unit))

    plain = data.get("yaib", path=write(tmp_path / "a"))()
    timed = data.get("yaib", path=write(tmp_path / "b", times=duration))()
    assert plain.ids.tolist() == timed.ids.tolist()
    np.testing.assert_array_equal(plain.inputs, timed.inputs)
    np.testing.assert_array_equal(plain.labels, timed.labels)


def test_labels_may_be_numbers(tmp_path):
    """A label of 0 and 1 means what false and true mean."""
    plain = data.get("yaib", path=write(tmp_path / "a"))()
    numbers = data.get("yaib", path=write(tmp_path / "b", labels=lambda true: true.astype(float)))()
    np.testing.assert_array_equal(plain.labels, numbers.labels)


def test_what_is_missing_is_named(tmp_path):
    """A missing file or column is one sentence."""
    path = write(tmp_path)
    (tmp_path / "outc.parquet").unlink()
    with pytest.raises(UsageError, match=r"lacks outc\.parquet"):
        data.get("yaib", path=path)()
    layouts.yaib(
        tmp_path,
        {"stay_id": [7], "time": [0]},
        {"stay_id": [7], "age": [1.0], "sex": ["Male"]},
        {"x": [1]},
    )
    with pytest.raises(UsageError, match=r"No column of '.*dyn.parquet' named 'crea'"):
        data.get("yaib", path=path)()
    with pytest.raises(UsageError, match="No label named 'theirs'"):
        data.get("yaib", path=path, label="theirs")
