"""A user's own tables and archives are read, or refused in one sentence."""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from underspec import data
from underspec.core.errors import UsageError

CSV = "pid,age,dose,flag,sex,y\n007,41,0.5,true,f,b\n008,,1,false,m,a\n011,60,2,true,,b\n"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(CSV)
    return str(path)


def files(path, **more):
    return data.get("files", path=str(path), **{"label": "y", **more})


def test_numeric_columns_become_a_float_array(csv):
    """Numbers and booleans are float64, a hole is NaN, and ids keep their zeros."""
    made = files(csv, id="pid", groups=["sex"])()
    np.testing.assert_array_equal(made.inputs, [[41, 0.5, 1], [np.nan, 1, 0], [60, 2, 1]])
    assert made.inputs.dtype == np.float64
    assert made.ids.tolist() == ["007", "008", "011"]
    assert made.labels.tolist() == [1, 0, 1]
    assert made.classes == ("a", "b")
    assert made.groups["sex"].tolist() == ["f", "m", "missing"]


def test_text_columns_become_a_frame(csv):
    """With text among the inputs a pandas frame comes, columns in the order asked for."""
    made = files(csv, cluster="pid", inputs=["sex", "age"])()
    assert isinstance(made.inputs, pd.DataFrame)
    assert list(made.inputs.columns) == ["sex", "age"]
    assert made.clusters.tolist() == ["007", "008", "011"]
    assert made.take(np.asarray([2, 0])).inputs["age"].tolist() == [60, 41]


def test_without_pandas_text_columns_are_named(csv, monkeypatch):
    """The base install says which columns are text and what to do."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"not numbers: 'sex'\..*drop: .*pip install pandas"):
        files(csv)()


def test_parquet_and_compressed_csv_read_alike(csv, tmp_path):
    """The same table in three formats is the same data set."""
    table = pd.read_csv(csv, dtype={"pid": str}, keep_default_na=True)
    table.to_parquet(tmp_path / "t.parquet", index=False)
    table.to_csv(tmp_path / "t.csv.gz", index=False)
    table.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    sums = {
        data.checksum(files(path, id="pid", groups="sex")())
        for path in (csv, tmp_path / "t.parquet", tmp_path / "t.csv.gz", tmp_path / "t.tsv")
    }
    assert len(sums) == 1


def test_the_row_numbers_of_pandas_are_no_input(tmp_path):
    """A stored index is left out."""
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]}, index=[5, 9])
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet")
    assert files(tmp_path / "t.parquet")().inputs.tolist() == [[1.0], [2.0]]


def test_dates_can_be_groups_and_clusters(tmp_path):
    """A date column is text where text is wanted."""
    days = pa.array([0, 1, None], pa.date32())
    pq.write_table(pa.table({"x": [1, 2, 3], "y": [0, 1, 1], "day": days}), tmp_path / "t.parquet")
    made = files(tmp_path / "t.parquet", groups=("day",))()
    assert made.groups["day"].tolist() == ["1970-01-01", "1970-01-02", "missing"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"label": "yy"}, "No column of .* named 'yy'. Did you mean 'y'"),
        ({"id": "nope"}, "named 'nope'"),
        ({"inputs": ["y", "age"]}, "label 'y' is among the inputs"),
        ({"drop": ["pid", "age", "dose", "flag", "sex"]}, "no input columns left"),
        ({"label": "sex"}, "labels lack a value in 1 of 3"),
        ({"id": "y"}, "must be unique; 'b'"),
        ({"classes": ["a", "c"]}, "No class named 'b'"),
    ],
)
def test_wrong_columns_are_refused(csv, more, says):
    """Each wrong column name or content has its sentence."""
    with pytest.raises(UsageError, match=says):
        files(csv, **more)()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("x,y\n", "no examples"),
        ("x,y\n1,a\n1,2,3\n", "cannot be read as csv"),
        ("x,x,y\n1,2,a\n", "more than one column named 'x'"),
    ],
)
def test_broken_tables_are_refused(tmp_path, text, says):
    """Empty, ragged and ambiguous tables are not read."""
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UsageError, match=says):
        files(tmp_path / "t.csv")()


def test_truncated_files_are_refused(csv, tmp_path):
    """Half a Parquet file or half an archive is not read."""
    whole = tmp_path / "t.parquet"
    pd.read_csv(csv).to_parquet(whole)
    whole.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(UsageError, match="cannot be read as parquet"):
        files(whole)()
    np.savez(tmp_path / "t.npz", inputs=np.zeros((2, 2)), labels=[0, 1])
    (tmp_path / "t.npz").write_bytes((tmp_path / "t.npz").read_bytes()[:-100])
    with pytest.raises(UsageError, match="damaged"):
        data.get("files", path=str(tmp_path / "t.npz"))()


def test_paths_and_formats_are_checked(tmp_path):
    """A missing file, an unknown format and a table without label say so."""
    with pytest.raises(UsageError, match="There is no file"):
        files(tmp_path / "none.csv")()
    with pytest.raises(UsageError, match=r"No file format named '.xlsx'"):
        files(tmp_path / "t.xlsx")
    with pytest.raises(UsageError, match="Which column"):
        data.get("files", path="t.csv")


def test_an_archive_brings_all_its_columns(tmp_path):
    """Arrays named as documented are read."""
    path = tmp_path / "t.npz"
    np.savez(
        path,
        inputs=np.arange(8, dtype=np.uint8).reshape(2, 2, 2, 1),
        labels=[1, 0],
        ids=["p", "q"],
        clusters=["k", "k"],
        classes=["no", "yes"],
        group_site=["A", "B"],
    )
    made = data.get("files", path=str(path))()
    assert made.inputs.dtype == np.uint8
    assert made.ids.tolist() == ["p", "q"]
    assert made.clusters.tolist() == ["k", "k"]
    assert made.classes == ("no", "yes")
    assert made.groups["site"].tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("arrays", "more", "says"),
    [
        ({"inputs": [1, 2]}, {}, "lacks the array 'labels'"),
        ({"inputs": [1, 2], "labels": [0, 1], "cluster": [1, 1]}, {}, "Did you mean 'clusters'"),
        ({"inputs": [1, 2], "labels": np.asarray(["a", None], object)}, {}, "Python objects"),
        ({"inputs": [1, 2], "labels": [0, 1]}, {"label": "labels"}, "leave out label"),
    ],
)
def test_wrong_archives_are_refused(tmp_path, arrays, more, says):
    """Missing, misspelt and pickled arrays are not read."""
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(UsageError, match=says):
        data.get("files", path=str(tmp_path / "t.npz"), **more)()
