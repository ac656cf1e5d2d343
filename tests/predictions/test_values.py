"""Predictions of a regression: numbers in place of classes."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv
from pyarrow import parquet as pq

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.data.predictions import read, read_any, write
from underspec.data.predictions.sources import fingerprint

TARGETS = {"i1": 2.5, "i2": -1.0, "i3": 1e6 + 0.1}
VALUES = {("a", "i1"): 2.0, ("a", "i2"): 0.1, ("a", "i3"): 1e6, ("b", "i1"): -3.5, ("b", "i2"): 0.0}


def rows(**more):
    return [
        {
            "probe": probe,
            "variant": variant,
            "example": example,
            "label": label,
            "score": VALUES.get((variant, example), 9.0),
            **more,
        }
        for probe in ("holdout", "fog")
        for variant in "ab"
        for example, label in TARGETS.items()
    ]


def save(path, listed):
    table = pa.Table.from_pylist(listed)
    (csv.write_csv if path.suffix == ".csv" else pq.write_table)(table, str(path))
    return path


@pytest.fixture(params=[".csv", ".parquet"])
def file(request, tmp_path):
    """Return a path of each kind of file."""
    return tmp_path / f"p{request.param}"


def test_targets_and_values_stand_where_they_belong(file):
    """Targets are float64, values float32, and the answers are the values."""
    got = read(save(file, rows()[::-1]), "holdout", task="regression")
    said = got.probes[1].predictions

    assert got.task == "regression"
    assert got.classes == ()
    assert said.labels.tolist() == list(TARGETS.values())
    assert said.labels.dtype == np.float64
    np.testing.assert_array_equal(
        said.answers, np.array([[2.0, 0.1, 1e6], [-3.5, 0.0, 9.0]], np.float32)
    )
    assert said.answers.dtype == np.float32
    assert said.scores.shape == (2, 3, 1)
    np.testing.assert_array_equal(said.scores[:, :, 0], said.answers)
    assert said.label_scores is None


def test_whole_numbers_are_targets_too(file):
    """Ages in years are no classes where the task says so."""
    got = read(
        save(file, [{**r, "label": int(r["label"])} for r in rows()]), "holdout", task="regression"
    )
    assert got.probes[0].predictions.labels.tolist() == [2.0, -1.0, 1e6]


def refused(path, pattern, task="regression"):
    with pytest.raises(UsageError, match=pattern) as caught:
        read(path, "holdout", task=task)
    assert "\n" not in str(caught.value)


def test_without_the_task_numbers_are_refused_with_what_to_do(file):
    """A label of 2.5 is no class: the sentence names the option."""
    save(file, [{**row, "score": 0.5} for row in rows()])
    refused(file, r"The label '2.5' has no score.*--task regression", task=None)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("score", None, "the column 'score' is empty or no number in row 2"),
        ("score", float("inf"), "the column 'score' holds inf in row 2: give numbers"),
        ("score", 1e39, "the column 'score' holds 1e.39 in row 2: give numbers that are finite"),
        ("label", None, "the column 'label' is empty or no number in row 2"),
        ("label", 3.0, "example 'i2' .* the label -1.0 for variant 'b' but 3.0 elsewhere"),
    ],
)
def test_what_is_no_number_or_contradicts_is_refused(file, column, value, says):
    """The first such row is named."""
    listed = rows()
    listed[1][column] = value
    refused(save(file, listed), says)


def test_classes_are_no_values(file):
    """Predictions as classes or as scores of classes are another form."""
    listed = [{"prediction": row.pop("score"), **row} for row in rows()]
    refused(save(file, listed), "as 'prediction', but for regression they are the column 'score'")


def test_equal_targets_leave_nothing_to_predict(file):
    """A holdout of one target is refused."""
    refused(
        save(file, [{**row, "label": 4.5} for row in rows()]),
        "the holdout 'holdout' have the label 4.5",
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1000), parquet=st.booleans())
def test_what_is_written_is_read_again(tmp_path, seed, parquet):
    """Values and targets survive both kinds of file to the last bit, in any order of rows."""
    draw = stream(seed, "test", "values").generator()
    listed = rows()
    for row in listed:
        row["score"] = float(np.float32(draw.normal() * 10.0 ** draw.integers(-6, 6)))
    first = save(tmp_path / "first.parquet", [listed[at] for at in draw.permutation(len(listed))])
    got = read(first, "holdout", task="regression")
    path = tmp_path / ("a.parquet" if parquet else "a.csv")
    write(path, got)
    again = read(path, "holdout", task="regression")
    for one, other in zip(got.probes, again.probes, strict=True):
        np.testing.assert_array_equal(one.predictions.answers, other.predictions.answers)
        np.testing.assert_array_equal(one.predictions.labels, other.predictions.labels)


def arrays(folder, suffix):
    """Write predictions and labels as arrays; return the pattern and the labels' folder."""
    for probe in ("home", "field"):
        (folder / "labels").mkdir(exist_ok=True)
        for name, values in (
            (f"{probe}_a", [2.0, 0.1, 1e6]),
            (f"{probe}_b", [-3.5, 0.0, 9.0]),
            (f"labels/{probe}", [2.5, -1.0, 1e6 + 0.1]),
        ):
            if suffix == ".csv":
                (folder / f"{name}.csv").write_text("".join(f"{v!r}\n" for v in values))
            else:
                np.save(folder / f"{name}.npy", np.array(values)[:, None])
    return str(folder / f"{{probe}}_{{variant}}{suffix}"), folder / "labels"


@pytest.mark.parametrize("suffix", [".csv", ".npy"])
def test_arrays_of_values_are_read(tmp_path, suffix):
    """One number an example in each file, [n] or [n, 1]."""
    pattern, labels = arrays(tmp_path, suffix)
    got = read_any(pattern, "home", labels=labels, task="regression")
    said = got.probes[1].predictions

    assert said.labels.tolist() == [2.5, -1.0, 1e6 + 0.1]
    np.testing.assert_array_equal(
        said.answers, np.array([[2.0, 0.1, 1e6], [-3.5, 0.0, 9.0]], np.float32)
    )
    assert said.scores.shape == (2, 3, 1)
    with pytest.raises(UsageError, match="which is no class: for numbers to predict say --task"):
        read_any(pattern, "home", labels=labels)


def test_arrays_that_are_no_values_are_refused(tmp_path):
    """Scores of classes, text and holes: one sentence each."""
    pattern, labels = arrays(tmp_path, ".npy")
    for array, says in (
        (np.zeros((3, 2)), r"float64 of shape \[3, 2\], but predictions of a regression are one"),
        (np.array(["a", "b", "c"]), "<U1 of shape .*, but predictions of a regression are one"),
        (np.array([0.0, np.nan, 1.0]), "predictions is empty or no number in row 2"),
        (np.zeros(2), "holds 2 predictions, but the probe 'field' has 3 labels"),
    ):
        np.save(tmp_path / "field_b.npy", array)
        with pytest.raises(UsageError, match=says):
            read_any(pattern, "home", labels=labels, task="regression")


def test_the_fingerprint_sees_every_value():
    """Another value or target makes other predictions; the order of rows does not."""

    def of(listed):
        frame = pa.Table.from_pylist(listed)
        return fingerprint(frame, read_any(frame, "holdout", task="regression"))

    other, moved = rows(), rows()
    other[0]["score"] += 1
    for row in moved:
        row["label"] += 1
    assert of(rows()) == of(rows()[::-1])
    assert len({str(of(one)) for one in (rows(), other, moved)}) == 3
