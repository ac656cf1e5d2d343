"""A user's own files as a stress test."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data.call import Call
from underspec.data.checksum import checksum
from underspec.stress._protocol import Fed
from underspec.testing.stress import check_stress, sample_images

KEY = stream(20, "stress")
HOME = data.of(
    np.arange(24.0).reshape(12, 2),
    ["cat", "dog", "owl"] * 4,
    ids=[f"p{i}" for i in range(12)],
    clusters=[f"owner{i // 2}" for i in range(12)],
    groups={"site": ["a", "b"] * 6},
)


def table(path, **columns):
    """Write a table of the holdout's shape, with the columns given in its place."""
    given = {"x": [1.0, 2.0, 3.0], "z": [4.0, 5.0, 6.0], "y": ["owl", "cat", "owl"], **columns}
    given = {name: column for name, column in given.items() if column is not None}
    if path.suffix == ".csv":
        rows = zip(*given.values(), strict=True)
        lines = [",".join(given), *(",".join(map(str, row)) for row in rows)]
        path.write_text("\n".join(lines) + "\n")
    else:
        pq.write_table(pa.table(given), path)
    return str(path)


def probes(home=HOME, **parameters):
    """Return the probes."""
    return list(stress.get("files", **{"name": "site_b", **parameters})(home, KEY))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_is_one_probe(tmp_path, suffix):
    """Classes get the holdout's codes by name; rows without an id are named after the probe."""
    path = table(tmp_path / f"b.{suffix}", ward=["n", "s", "n"])
    (probe,) = probes(path=path, label="y", groups="ward", title="Site B")
    assert (probe.name, probe.family, probe.kind, probe.severity) == (
        "site_b",
        "site_b",
        "shifted",
        None,
    )
    assert probe.title == "Site B"
    assert probe.may_choose
    assert probe.data.labels.tolist() == [2, 0, 2]
    assert probe.data.classes == HOME.classes
    assert probe.data.inputs.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert probe.data.ids.tolist() == ["site_b/0", "site_b/1", "site_b/2"]
    assert probe.data.clusters.tolist() == probe.data.ids.tolist()
    assert probe.data.groups["ward"].tolist() == ["n", "s", "n"]


def test_ids_and_clusters_that_are_given_stay(tmp_path):
    """The holdout's ids mean the holdout's examples, even where they look like numbers of rows."""
    path = table(tmp_path / "b.csv", who=["p3", "q1", "p4"], owner=["owner1", "new", "owner2"])
    (probe,) = probes(path=path, label="y", id="who", cluster="owner")
    assert probe.data.ids.tolist() == ["p3", "q1", "p4"]
    assert probe.data.clusters.tolist() == ["owner1", "new", "owner2"]
    path = table(tmp_path / "c.csv", who=[0, 1, 2])
    assert probes(path=path, label="y", id="who")[0].data.ids.tolist() == ["0", "1", "2"]
    path = table(tmp_path / "d.csv", owner=["owner1", "new", "owner2"])
    (probe,) = probes(path=path, label="y", cluster="owner")
    assert probe.data.ids.tolist() == ["site_b/0", "site_b/1", "site_b/2"]
    assert probe.data.clusters.tolist() == ["owner1", "new", "owner2"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_one_class_alone_is_a_probe(tmp_path, suffix):
    """A file of one class is allowed here, though no data set to train on."""
    path = table(tmp_path / f"b.{suffix}", y=["dog"] * 3)
    assert probes(path=path, label="y")[0].data.labels.tolist() == [1, 1, 1]
    with pytest.raises(UsageError, match="All 3 labels are 'dog'"):
        data.get("files", path=path, label="y")()


@pytest.mark.parametrize("named", [False, True])
def test_one_class_of_an_archive_too(tmp_path, named):
    """An archive's own class names decide what its codes mean; else the holdout's do."""
    names = {"classes": ["owl", "cat"]} if named else {}
    np.savez(tmp_path / "b.npz", inputs=np.ones((2, 2)), labels=[1, 1], **names)
    (probe,) = probes(path=str(tmp_path / "b.npz"))
    assert probe.data.labels.tolist() == ([0, 0] if named else [1, 1])


def test_numbers_are_classes_of_a_holdout_without_names(tmp_path):
    """Where the holdout names no classes, its codes are the names."""
    home = Data(HOME.inputs, HOME.labels * 2, HOME.ids, HOME.clusters)
    (probe,) = probes(home, path=table(tmp_path / "b.csv", y=[4, 0, 4]), label="y")
    assert probe.data.labels.tolist() == [4, 0, 4]
    with pytest.raises(UsageError, match="No class of the holdout named '3'"):
        probes(home, path=table(tmp_path / "c.csv", y=[4, 3, 4]), label="y")


def test_several_files_are_a_probe_each(tmp_path):
    """A pattern, a list or names: one family, a probe a file."""
    north, south = (table(tmp_path / f"{name}.csv") for name in ("North_1", "south"))
    table(tmp_path / "other.parquet")
    pattern = probes(name="site", path=str(tmp_path / "*.csv"), label="y", may_choose=False)
    assert [p.name.partition("_x")[0] for p in pattern] == ["site-north_1", "site-south"]
    assert [p.title for p in pattern] == ["site, North_1", "site, south"]
    assert {p.family for p in pattern} == {"site"}
    assert not any(p.may_choose for p in pattern)
    listed = probes(name="site", path=[north, south], label="y")
    assert [checksum(p.data) for p in listed] == [checksum(p.data) for p in pattern]
    named = probes(name="site", path={"b": south, "a": north}, label="y")
    assert [p.name for p in named] == ["site-b", "site-a"]


def test_paths_are_seen_from_where_the_command_runs(tmp_path, monkeypatch):
    """As those of the training and held-out files are, patterns included."""
    (tmp_path / "sites").mkdir()
    table(tmp_path / "sites" / "b.csv")
    monkeypatch.chdir(tmp_path)
    assert len(probes(path="sites/b.csv", label="y")[0].data) == 3
    assert [p.name for p in probes(name="site", path="sites/*.csv", label="y")] == ["site-b"]


CODE = """
import numpy as np
from underspec import data

def away(n=4):
    return data.of(np.ones((n, 2)), ["owl"] * n, classes=["owl", "cat"])
"""


def test_any_reader_can_bring_them(tmp_path):
    """By name with parameters, as an object, or as data that are there already."""
    (tmp_path / "mine.py").write_text(CODE)
    target = f"{tmp_path}/mine.py:away"
    written = probes(data={"call": {"target": target, "parameters": {"n": 5}}})
    assert written[0].data.labels.tolist() == [2] * 5
    assert written[0].data.ids[0] == "site_b/0"
    for given in (Call(target), Call(target)()):
        assert probes(data=given)[0].data.labels.tolist() == [2] * 4
    path = table(tmp_path / "b.csv")
    through = probes(data={"files": {"path": path, "label": "y", "drop": []}})
    assert checksum(through[0].data) == checksum(probes(path=path, label="y")[0].data)


def test_rows_may_pair_with_the_holdout(tmp_path):
    """paired: the same examples, changed, take the holdout's ids, clusters and groups."""
    changed = {"x": HOME.inputs[:, 0] + 1, "z": HOME.inputs[:, 1]}
    names = [HOME.classes[code] for code in HOME.labels]
    path = table(tmp_path / "b.parquet", **changed, y=names)
    (probe,) = probes(path=path, label="y", paired=True)
    assert checksum(probe.data) == checksum(HOME.with_inputs(np.column_stack([*changed.values()])))
    for wrong, says in (
        ({"y": names[::-1]}, "In row 0 .* and so in 8 of them"),
        ({"y": names[:-1], "x": range(11), "z": range(11)}, "11 examples and the holdout 12"),
    ):
        path = table(tmp_path / "c.parquet", **{**changed, **wrong})
        with pytest.raises(UsageError, match=says):
            probes(path=path, label="y", paired=True)


def test_it_keeps_the_contract(tmp_path):
    """With the holdout's ids it holds to all that other stress tests do."""
    source = sample_images(20)
    names = ["inputs", "labels", "ids", "clusters"]
    arrays = {name: getattr(source, name) for name in names} | {"inputs": source.inputs // 2}
    np.savez(tmp_path / "b.npz", **arrays, group_site=source.groups["site"], classes=source.classes)
    test = stress.get("files", name="dim", path=str(tmp_path / "b.npz"))
    check_stress(test, source)
    del arrays["ids"], arrays["clusters"]
    np.savez(tmp_path / "c.npz", **arrays, classes=source.classes)
    check_stress(stress.get("files", name="c", path=str(tmp_path / "c.npz")), source, external=True)
    few = stress.get("files", name="dim", path=str(tmp_path / "b.npz"), examples=5)
    assert len(next(iter(few(source, KEY))).data) == 5


def test_the_fingerprint_is_of_what_is_read(tmp_path):
    """Another content, or another file, has another one; the same content has the same."""
    path = table(tmp_path / "b.csv")
    test = stress.get("files", name="site_b", path=path, label="y")
    assert isinstance(test, Fed)
    before = test.fingerprint()
    assert test.fingerprint() == before
    table(tmp_path / "b.csv", x=[1.0, 2.0, 4.0])
    assert test.fingerprint() != before
    table(tmp_path / "b.csv")
    assert test.fingerprint() == before
    (tmp_path / "b.csv").unlink()
    assert test.fingerprint() != before
    (tmp_path / "mine.py").write_text(CODE)
    held = {
        n: {"call": {"target": f"{tmp_path}/mine.py:away", "parameters": {"n": n}}} for n in (4, 5)
    }
    prints = {n: stress.get("files", name="b", data=d).fingerprint() for n, d in held.items()}
    assert prints[4] != prints[5]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"y": ["owl", "bat", "cat"]}, "The stress test 'site_b': No class named 'bat'.* 'cat'"),
        ({"more": [7.0, 8.0, 9.0]}, r"shape \[3\], those of the holdout \[2\]"),
        ({"z": None}, r"shape \[1\]"),
        ({"y": ["owl", "", "cat"]}, "'site_b': The labels lack a value in 1 of 3"),
    ],
)
def test_what_does_not_suit_the_holdout_is_refused(tmp_path, columns, says):
    """A class or a shape that is not the holdout's, in one sentence that names the probe."""
    with pytest.raises(UsageError, match=says):
        probes(path=table(tmp_path / "b.parquet", **columns), label="y")


def test_grey_levels_and_floats_are_not_mixed(tmp_path):
    """Pictures stored otherwise than the holdout's would be answered at random."""
    home = sample_images(6)
    np.savez(tmp_path / "b.npz", inputs=home.inputs / 255, labels=home.labels, classes=home.classes)
    with pytest.raises(UsageError, match="Its inputs are float64, those of the holdout uint8"):
        probes(home, path=str(tmp_path / "b.npz"))


def test_columns_of_frames_are_matched_by_name(tmp_path):
    """Frames are put into the holdout's order; other columns are refused."""
    pandas = pytest.importorskip("pandas")
    home = data.of(pandas.DataFrame({"x": [1.0, 2.0], "who": ["m", "f"]}), ["cat", "owl"])
    path = table(tmp_path / "b.parquet", z=None, who=["f", "m", "m"], x=[3.0, 4.0, 5.0])
    (probe,) = probes(home, path=path, label="y", inputs=["who", "x"])
    assert list(probe.data.inputs.columns) == ["x", "who"]
    path = table(tmp_path / "c.parquet", x=None, who=["f", "m", "m"])
    with pytest.raises(UsageError, match="it lacks x; only it has z"):
        probes(home, path=path, label="y")
    with pytest.raises(UsageError, match="of type ndarray, those of the holdout of type DataFrame"):
        probes(home, path=table(tmp_path / "d.parquet"), label="y")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "Site B", "path": "b.csv", "label": "y"}, "'Site B' cannot name a probe"),
        ({"name": "site-b", "path": "*.csv", "label": "y"}, "such as site."),
        ({}, "Where are the examples of 'site_b'"),
        ({"path": "b.csv", "data": {"call": None}}, "one of the two"),
        ({"data": {"call": {"target": "a.py:b"}}, "label": "y"}, "leave out label"),
        ({"path": "b.csv", "label": "y", "examples": 0}, "at least 1"),
    ],
)
def test_parameters_are_checked(wrong, says):
    """One sentence a mistake."""
    with pytest.raises(UsageError, match=says):
        stress.get("files", **{"name": "site_b", **wrong})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"path": "nowhere.csv", "label": "y"}, "There is no file 'nowhere.csv'"),
        ({"path": "nowhere*.csv", "label": "y"}, "No file matches 'nowhere"),
        ({"path": "nowhere.csv"}, "Say label"),
        ({"path": "nowhere.xls", "label": "y"}, "No file format named '.xls'"),
        ({"data": {"cal": {}}}, "Did you mean 'call'"),
        ({"data": {"call": {}, "files": {}}}, "are one reader"),
        ({"data": {"call": "a.py:b"}}, "{call: {parameter: value}}"),
        ({"path": ["a/b.csv", "c/b.csv"], "label": "y"}, "Two files of 'site_b' have one name"),
    ],
)
def test_what_cannot_be_read_is_said(wrong, says):
    """Files, readers and their parameters."""
    with pytest.raises(UsageError, match=says):
        probes(**wrong)
