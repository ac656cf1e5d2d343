"""A table of paths and labels becomes examples."""

import pyarrow as pa
import pyarrow.parquet
import pytest

from underspec import data
from underspec.core.errors import UsageError

ROWS = [
    # path, label, id, cluster, split, groups
    ("x/1.png", "cat", "007", "p1", "train", "A"),
    ("x/2.png", "dog", "008", "p1", "train", "B"),
    ("3.png", "cat", "009", "p2", "test", ""),
    ("y/../3.png", "dog", "010", "p3", "test", "A"),
]
NAMES = ("path", "label", "name", "patient", "split", "site")


@pytest.fixture
def root(tree):
    (made := tree("x/1.png", "x/2.png", "3.png")).joinpath("y").mkdir()
    return made


def write(root, suffix, rows=ROWS, names=NAMES):
    path = root / f"table{suffix}"
    if suffix == ".parquet":
        columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        pa.parquet.write_table(pa.table(columns), path)
    else:
        comma = "\t" if suffix == ".tsv" else ","
        path.write_text("".join(comma.join(row) + "\n" for row in [names, *rows]))
    return str(path)


def get(table, **more):
    return data.get("manifest", table=table, **({"resize": 24, "crop": 24} | more))


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_all_columns_are_read(root, suffix):
    """Ids keep their zeros, a missing group becomes one, images are read when needed."""
    made = get(write(root, suffix), id="name", cluster="patient", groups="site", split=None)()
    assert made.ids.tolist() == ["007", "008", "009", "010"]
    assert made.clusters.tolist() == ["p1", "p1", "p2", "p3"]
    assert made.groups["site"].tolist() == ["A", "B", "missing", "A"]
    assert made.labels.tolist() == [0, 1, 0, 1]
    assert made.classes == ("cat", "dog")
    pictures = made.inputs.source.read(made.inputs.rows)
    assert pictures.shape == (4, 24, 24, 3)
    assert (pictures[2] == pictures[3]).all()


def test_path_and_label_are_enough(root):
    """The path is the id, and numbers are sorted as numbers."""
    rows = [(path, str(label)) for (path, *_), label in zip(ROWS, (10, 2, 10, 9), strict=True)]
    made = get(write(root, ".csv", rows, ("path", "label")))()
    assert made.ids.tolist() == [row[0] for row in ROWS]
    assert made.classes == ("2", "9", "10")
    assert made.labels.tolist() == [2, 0, 2, 1]


def test_a_part_is_chosen_by_the_split_column(root):
    """And where there is one, it must be said which."""
    table = write(root, ".csv")
    assert get(table, part="test")().ids.tolist() == ["3.png", "y/../3.png"]
    with pytest.raises(UsageError, match="has a column 'split' with 'test', 'train': say which"):
        get(table)()
    with pytest.raises(UsageError, match=r"No part of .* named 'tests'. Did you mean 'test'"):
        get(table, part="tests")()
    with pytest.raises(UsageError, match=r"No column of .* named 'fold'"):
        get(table, split="fold", part="1")()
    with pytest.raises(UsageError, match="'part' needs the column"):
        get(table, split=None, part="test")


def test_images_are_found_from_elsewhere(root, monkeypatch):
    """A relative path of the table is resolved when the table is read."""
    write(root, ".csv")
    monkeypatch.chdir(root)
    made = get("table.csv", part="train")()
    monkeypatch.chdir(root.parent)
    assert made.inputs.source.read(made.inputs.rows).shape == (2, 24, 24, 3)


@pytest.mark.parametrize("away", ["../out.png", "/etc/hostname", "x/../../out.png"])
def test_a_path_that_leaves_the_root_is_refused(root, tree, away):
    """Up, absolute, or up after down; whether or not a file is there."""
    tree("out.png", folder="")
    rows = [*ROWS, (away, "cat", "011", "p3", "test", "A")]
    with pytest.raises(UsageError, match=r"leads out of '.*root', which is not followed"):
        get(write(root, ".csv", rows), split=None)()


def test_a_link_that_leaves_the_root_is_refused(root, tree):
    """A file or a folder on the way that is one."""
    outside = tree("out.png", folder="outside")
    (root / "x" / "link.png").symlink_to(outside / "out.png")
    rows = [*ROWS[:2], ("x/link.png", "cat", "", "", "", "")]
    with pytest.raises(UsageError, match=r"x/link\.png' leads out of"):
        get(write(root, ".csv", rows), split=None)()
    (root / "z").symlink_to(outside)
    rows = [*ROWS[:2], ("z/out.png", "cat", "", "", "", "")]
    with pytest.raises(UsageError, match="root/z' leads out of"):
        get(write(root, ".csv", rows), split=None)()


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ([*ROWS[:2], ("4.png", *ROWS[2][1:])], {}, "1 of the 3 images .* are not there: '4.png'"),
        ([*ROWS[:2], ("", *ROWS[2][1:])], {}, "lacks a path in 1 of 3 rows, first in row 2"),
        ([*ROWS[:2], ("3.png", "", *ROWS[2][2:])], {}, "labels lack a value in 1 of 3"),
        ([ROWS[0], ROWS[0], ROWS[1]], {}, "ids must be unique"),
        ([ROWS[0], ROWS[2]], {}, "needs two classes or more"),
        (ROWS, {"label": "class"}, "No column of .* named 'class'"),
        (ROWS, {"id": "nam"}, "Did you mean 'name'"),
        (ROWS, {"classes": ["cat", "cow"]}, "No class named 'dog'"),
    ],
)
def test_rows_that_make_no_example_are_refused(root, rows, more, says):
    """Each counted or named; nothing is left out."""
    with pytest.raises(UsageError, match=says):
        get(write(root, ".csv", rows), split=None, **more)()


def test_what_is_no_table_is_refused(root, tmp_path):
    """Missing, of another kind, or damaged."""
    with pytest.raises(UsageError, match="There is no file"):
        get(str(root / "none.csv"))()
    with pytest.raises(UsageError, match=r"No table format named '.xlsx'"):
        get("a.xlsx")
    (root / "b.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="cannot be read as a table"):
        get(str(root / "b.parquet"))()
