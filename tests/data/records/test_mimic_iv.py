"""MIMIC-IV is read from the official folder: stays, results, labels and groups."""

import gzip

import numpy as np
import pytest
from tests.data.records import layouts

from underspec import data
from underspec.core.errors import UsageError

CREATININE, LACTATE = 50912, 50813


def labs():
    """Return results of two patients: the first is injured on day 4, the second never."""
    rows = []
    for day, value in zip((1, 2, 3, 4, 5), (0.9, 0.9, 1.0, 1.4, 1.6), strict=True):
        at = f"2180-03-{day:02d} 06:00:00"
        rows.append((1, CREATININE, at, at.replace("06:", "07:"), value))
    for day in (9, 10, 11, 12):
        at = f"2125-07-{day:02d} 23:15:00" if day < 12 else "2125-07-12 09:00:00"
        rows.append((2, CREATININE, at, "", 1.1))
    rows.append((1, LACTATE, "2180-03-02 08:00:00", "2180-03-02 11:30:00", 2.5))
    rows.append((1, 51484, "2180-03-02 08:00:00", "", 80.0))  # an item that is not read
    rows.append((2, CREATININE, "2180-03-03 08:00:00", "", 9.9))  # decades after the stay
    return rows


@pytest.fixture
def root(tmp_path):
    return layouts.mimic(tmp_path, labs())


def test_examples_labels_and_groups(root):
    """Examples lie at clock hours before the injury, labelled by what comes within 48 hours."""
    made = data.get("mimic_iv", path=root)()
    assert made.inputs.dtype == np.float32
    assert made.inputs.shape[1:] == (16, len(made.columns))
    assert made.columns[0] == "creatinine"
    assert made.columns[-3:] == ("hour_sin", "hour_cos", "age")
    assert made.classes == ("no injury", "injury")
    first = made.clusters == "1"
    # From 24 hours after 10:00 on, at hours that 6 divides, until the rise at 06:00 on day 4.
    assert [name for name in made.ids.tolist() if name.startswith("mimic-101-")] == [
        f"mimic-101-h{hour}" for hour in range(36, 78, 6)
    ]
    assert made.labels[first].tolist() == [1] * 7
    assert not made.labels[~first].any()
    assert set(made.groups) == {"era", "sex", "age_band", "unit", "time_of_day"}
    assert set(made.groups["era"][first].tolist()) == {"2008 - 2010"}
    assert set(made.groups["unit"][first].tolist()) == {"Medical Intensive Care Unit (MICU)"}
    assert set(made.groups["sex"].tolist()) == {"female", "male"}
    assert set(made.groups["age_band"][~first].tolist()) == {"18-49"}


def test_a_result_is_seen_when_it_was_stored(root):
    """A value drawn at 08:00 and stored at 11:30 is not in the step that ends at 09:00."""
    made = data.get("mimic_iv", path=root)()
    row = made.ids.tolist().index("mimic-101-h36")
    lactate = made.inputs[row, :, made.columns.index("lactate")]
    # Steps of three hours end at 36: the value of hour 35.5 is in the last one.
    assert lactate[-1] == np.float32(2.5)
    assert np.isnan(lactate[:-1]).all()
    assert np.unique(made.inputs[row, :, -1]).tolist() == [70.0]


def test_the_first_result_of_an_admission_counts_as_history(root):
    """A value from before the stay, but not a week old, is the baseline of a rise."""
    made = data.get("mimic_iv", path=root, stays="hospital")()
    assert set(made.groups["unit"].tolist()) == {"URGENT"}
    assert made.ids[0].startswith("mimic-11-")


def test_patients_are_never_compared_by_time(tmp_path):
    """Shifting all dates of one patient changes no example."""
    shifted = [(s, n, c.replace("2180", "2163"), t.replace("2180", "2163"), v) if s == 1 else (s, n, c, t, v)
               for s, n, c, t, v in labs()]  # fmt: skip
    stays = [
        (1, 11, 101, "2163-03-01 10:00:00", "2163-03-06 10:00:00", "MICU"),
        (2, 22, 202, "2125-07-09 22:30:00", "2125-07-12 12:00:00", "TSICU"),
    ]
    one = data.get("mimic_iv", path=layouts.mimic(tmp_path / "a", labs()))()
    other = data.get("mimic_iv", path=layouts.mimic(tmp_path / "b", shifted, stays))()
    assert one.ids.tolist() == other.ids.tolist()
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.inputs, other.inputs)


def test_high_creatinine_from_the_start_is_left_out(tmp_path):
    """A stay whose lowest early creatinine is above the limit may be one of dialysis."""
    rows = [(s, n, c, t, 6.0 if s == 2 and v == 1.1 else v) for s, n, c, t, v in labs()]
    path = layouts.mimic(tmp_path, rows)
    assert set(data.get("mimic_iv", path=path)().clusters.tolist()) == {"1"}
    assert set(data.get("mimic_iv", path=path, highest=None)().clusters.tolist()) == {"1", "2"}


def many(tmp_path, n=40):
    people = [(s, "F", 50, "2011 - 2013") for s in range(1, n + 1)]
    stays = [
        (s, s, 100 + s, "2150-01-01 10:00:00", "2150-01-04 10:00:00", "MICU") for s, *_ in people
    ]
    rows = [(s, CREATININE, f"2150-01-0{d} 06:00:00", "", 0.8 + 0.5 * (s % 2 and d == 4))
            for s, *_ in people for d in (1, 2, 3, 4)]  # fmt: skip
    return layouts.mimic(tmp_path, rows, stays, people)


def test_parts_hold_different_patients(tmp_path):
    """Every patient is in one part, the same one however many are read."""
    path = many(tmp_path)
    parts = {part: set(data.get("mimic_iv", path=path, part=part)().clusters.tolist())
             for part in ("all", "train", "holdout")}  # fmt: skip
    assert parts["train"] | parts["holdout"] == parts["all"]
    assert not parts["train"] & parts["holdout"]
    assert 2 <= len(parts["holdout"]) <= 24
    few = set(data.get("mimic_iv", path=path, part="train", patients=8)().clusters.tolist())
    assert len(few) == 8
    assert few < parts["train"]


def test_batches_do_not_change_the_result(tmp_path, monkeypatch):
    """A table read a few rows at a time gives what it gives at once."""
    path = many(tmp_path)
    whole = data.get("mimic_iv", path=path)()
    monkeypatch.setattr("underspec.data.records.tables._BLOCK", 600)
    small = data.get("mimic_iv", path=path)()
    assert whole.ids.tolist() == small.ids.tolist()
    np.testing.assert_array_equal(whole.inputs, small.inputs)


def test_what_is_missing_is_named(tmp_path, root):
    """A wrong folder, a missing table or column, or another item is one sentence."""
    with pytest.raises(UsageError, match="no folder 'hosp'"):
        data.get("mimic_iv", path=str(tmp_path / "hosp"))()
    (tmp_path / "icu" / "icustays.csv.gz").unlink()
    with pytest.raises(UsageError, match=r"lacks icustays\.csv\.gz\. Give the folder of MIMIC-IV"):
        data.get("mimic_iv", path=root)()
    layouts.mimic(tmp_path, labs())
    layouts.table(
        tmp_path / "hosp" / "labevents.csv.gz", layouts.LABEVENTS.replace("storetime,", ""), []
    )
    with pytest.raises(UsageError, match=r"No column of '.*labevents.csv.gz' named 'storetime'"):
        data.get("mimic_iv", path=root)()
    layouts.table(tmp_path / "hosp" / "d_labitems.csv.gz", layouts.D_LABITEMS,
                  [{"itemid": 50912, "label": "Urate"}])  # fmt: skip
    with pytest.raises(UsageError, match="calls item 50912 'Urate', not 'Creatinine'"):
        data.get("mimic_iv", path=root)()


def test_a_cut_file_is_refused(tmp_path, root):
    """A labevents that breaks off is an error, not a smaller data set."""
    path = tmp_path / "hosp" / "labevents.csv.gz"
    raw = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(raw * 40)[:-40])
    with pytest.raises(UsageError, match="cannot be read"):
        data.get("mimic_iv", path=root)()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"part": "test"}, "No part named 'test'"),
        ({"stays": "ward"}, "No kind of stays named 'ward'"),
        ({"share": 1.0}, "share"),
        ({"step": 5.0}, "multiple of step"),
    ],
)
def test_wrong_settings_are_refused(wrong, said):
    """Settings are checked before anything is read."""
    with pytest.raises(UsageError, match=said):
        data.get("mimic_iv", path="x", **wrong)
