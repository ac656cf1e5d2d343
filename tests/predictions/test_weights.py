"""The weight column of the exchange format, and weights beside arrays."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv
from pyarrow import parquet as pq

from underspec.core.errors import UsageError
from underspec.data.predictions import read, read_any, write
from underspec.data.predictions.sources import fingerprint

WEIGHTS = {"i1": 1.0, "i2": 0.1, "i3": 7.0}


def rows(weight=lambda probe, variant, example: WEIGHTS[example]):
    """Return answers of two variants on two probes, with what `weight` gives."""
    listed = []
    for probe in ("holdout", "fog"):
        for variant in "ab":
            for example, label in (("i1", "cat"), ("i2", "dog"), ("i3", "cat")):
                row = {"probe": probe, "variant": variant, "example": example, "label": label}
                given = weight(probe, variant, example)
                listed.append({**row, "prediction": label, "weight": given})
    return listed


def save(path, listed):
    table = pa.Table.from_pylist(listed)
    (csv.write_csv if path.suffix == ".csv" else pq.write_table)(table, str(path))
    return path


@pytest.fixture(params=[".csv", ".parquet"])
def file(request, tmp_path):
    """Return a path of each kind of file."""
    return tmp_path / f"p{request.param}"


def test_each_example_has_its_weight(file):
    """Weights stand beside the ids, whatever order rows come in; labels stay as they were."""
    got = read(save(file, rows()[::-1]), "holdout")

    for probe in got.probes:
        assert probe.ids.tolist() == ["i1", "i2", "i3"]
        assert probe.weights.tolist() == [1.0, 0.1, 7.0]
        assert probe.weights.dtype == np.float64
    assert got.classes == ("cat", "dog")


def test_whole_numbers_are_weights_as_well(file):
    """A column of integers is read as numbers."""
    got = read(save(file, rows(lambda *_: 2)), "holdout")
    assert got.probes[0].weights.tolist() == [2.0, 2.0, 2.0]


def refused(path, pattern):
    with pytest.raises(UsageError, match=pattern) as caught:
        read(path, "holdout")
    assert "\n" not in str(caught.value)


def test_a_weight_that_differs_between_variants_is_told(file):
    """One sentence names the example, the variant and both weights."""

    def other(probe, variant, example):
        return 3.0 if (probe, variant, example) == ("fog", "b", "i2") else WEIGHTS[example]

    refused(
        save(file, rows(other)),
        r"example 'i2' of probe 'fog' has the weight 3.0 for variant 'b' but 0.1 elsewhere "
        r"\(rows that do not match: 1\): it must be the same for all variants",
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.0, "the column 'weight' holds 0 in row 3: give positive numbers"),
        (-1.5, "the column 'weight' holds -1.5 in row 3: give positive numbers"),
        (float("inf"), "the column 'weight' holds inf in row 3: give positive numbers"),
        (None, "the column 'weight' is empty or no number in row 3: each row needs a number"),
    ],
)
def test_what_is_no_positive_number_is_refused(file, value, says):
    """The first such row is named."""
    listed = rows()
    listed[2]["weight"] = value
    refused(save(file, listed), says)


def test_text_is_no_weight(file):
    """What cannot be read as a number says so."""
    refused(save(file, rows(lambda *_: "heavy")), "must hold numbers|invalid value 'heavy'")


def test_a_probe_has_all_weights_or_none(tmp_path):
    """Files may differ in whether they have weights, but not within one probe."""
    listed = rows()
    weighted = [row for row in listed if row["probe"] == "holdout"]
    plain = [{k: v for k, v in row.items() if k != "weight"} for row in listed]
    fog = [row for row in plain if row["probe"] == "fog"]
    one, two = save(tmp_path / "1.csv", weighted), save(tmp_path / "2.csv", fog)
    holdout, other = read([one, two], "holdout").probes
    assert holdout.weights.tolist() == [1.0, 0.1, 7.0]
    assert other.weights is None
    some = [row for row in weighted if row["example"] != "i2"]
    rest = [row for row in plain if row["probe"] == "holdout" and row["example"] == "i2"]
    with pytest.raises(UsageError, match=r"1 of the 3 examples of probe 'holdout' have no weight"):
        read([save(tmp_path / "3.csv", some), save(tmp_path / "4.csv", [*rest, *fog])], "holdout")


def test_weights_survive_writing_and_reading(tmp_path, file):
    """What is written is read again, to the last bit."""
    got = read(save(tmp_path / "first.parquet", rows()), "holdout")
    write(file, got)
    again = read(file, "holdout")
    for one, other in zip(got.probes, again.probes, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)


def test_frames_with_other_weights_are_other_predictions():
    """The fingerprint of a frame sees weights."""

    def of(listed):
        frame = pa.Table.from_pylist(listed)
        return fingerprint(frame, read_any(frame, "holdout"))

    plain = [{k: v for k, v in row.items() if k != "weight"} for row in rows()]
    assert len({str(of(one)) for one in (plain, rows(), rows(lambda *_: 1.0))}) == 3


def test_a_table_of_labels_may_hold_weights(tmp_path):
    """Beside arrays, weights stand with the labels."""
    for probe in ("home", "field"):
        for variant in "ab":
            np.save(tmp_path / f"{probe}_{variant}.npy", np.array([1, 0, 1]))
    labels = [
        {"probe": probe, "example": f"e{at}", "label": label, "weight": 2.0 - at / 2}
        for probe in ("home", "field")
        for at, label in ((2, 1), (0, 0), (1, 1))
    ]
    table = save(tmp_path / "labels.parquet", labels)
    got = read_any(str(tmp_path / "{probe}_{variant}.npy"), "home", labels=table)
    assert got.probes[1].ids.tolist() == ["e0", "e1", "e2"]
    assert got.probes[1].weights.tolist() == [2.0, 1.5, 1.0]
    labels[0]["weight"] = 0.0
    save(table, labels)
    with pytest.raises(UsageError, match="the column 'weight' holds 0 in row 1: give positive"):
        read_any(str(tmp_path / "{probe}_{variant}.npy"), "home", labels=table)
