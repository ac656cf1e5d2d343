"""A data frame with the columns of the exchange format, whatever library holds it."""

import numpy as np
import pyarrow as pa
import pytest

from underspec.core.errors import UsageError
from underspec.data.predictions import read, read_any
from underspec.data.predictions.sources import fingerprint

LABELS = {"i1": "0", "i2": "1", "i3": "0"}


def table(**more):
    rows = [
        {
            "probe": probe,
            "variant": variant,
            "example": example,
            "label": LABELS[example],
            "score_0": (at % 4) / 4,
            "score_1": 1 - (at % 4) / 4,
        }
        for probe in ("holdout", "fog")
        for variant in ("a", "b")
        for at, example in enumerate(LABELS)
    ]
    made = pa.Table.from_pylist(rows)
    for name, values in more.items():
        made = made.set_column(made.column_names.index(name), name, values)
    return made


def pandas(made):
    pytest.importorskip("pandas")
    return made.to_pandas()


def categories(made):
    frame = pandas(made)
    return frame.astype({"probe": "category", "variant": "category", "label": int})


def polars(made):
    return pytest.importorskip("polars").from_arrow(made)


def arrow(made):
    return made


@pytest.mark.parametrize("make", [pandas, categories, polars, arrow])
@pytest.mark.parametrize("cells", [1 << 21, 1])
def test_a_frame_is_read_like_a_file(tmp_path, monkeypatch, make, cells):
    """pandas, polars and Arrow give what the same rows in a file give, in one batch or several."""
    from pyarrow import parquet as pq

    from underspec.data.predictions import frame

    monkeypatch.setattr(frame, "_CELLS", cells)
    pq.write_table(table(), tmp_path / "p.parquet")
    want = read(tmp_path / "p.parquet", "holdout")
    got = read_any(make(table()), "holdout")

    assert got.variants == want.variants
    assert got.classes == want.classes
    for one, other in zip(got.probes, want.probes, strict=True):
        assert one.title == other.title
        np.testing.assert_array_equal(one.ids, other.ids)
        for name in ("answers", "labels", "scores"):
            a, b = (getattr(p.predictions, name) for p in (one, other))
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make", [pandas, categories, polars, arrow])
def test_the_fingerprint_of_a_frame_is_that_of_its_content(make):
    """The order of rows and the library do not matter; a value does."""

    def of(frame):
        return fingerprint(frame, read_any(frame, "holdout"))

    plain = of(table())
    turned = table().take(np.arange(table().num_rows)[::-1])
    other = table(score_0=table()["score_1"], score_1=table()["score_0"])

    assert of(make(turned)) == plain
    assert of(make(other)) != plain


def test_what_is_no_frame_or_has_wrong_columns_is_refused():
    """One sentence says what was given and what may be."""
    with pytest.raises(UsageError, match=r"must be files or a data frame .* are builtins's dict"):
        read_any({"probe": []}, "holdout")
    with pytest.raises(UsageError, match="the frame lacks the column 'label'"):
        read_any(table().drop_columns(["label"]), "holdout")
    with pytest.raises(UsageError, match="the frame is empty"):
        read_any(table().slice(0, 0), "holdout")
    with pytest.raises(UsageError, match="'probe' is empty in row 1 and 11 more"):
        read_any(table(probe=pa.nulls(12, pa.string())), "holdout")


def test_a_frame_with_mixed_columns_is_refused():
    """A column of numbers and text cannot be read, and says so."""
    frame = pandas(table())
    frame["label"] = [1, "0", None] * 4
    with pytest.raises(UsageError, match="the frame has a column that cannot be read"):
        read_any(frame, "holdout")
