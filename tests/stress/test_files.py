"""A user's own files as a stress test."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

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
        ({"path": 5}, "is a file, a list of files, .* each written as text; got 5"),
        ({"path": ["b.csv", 5], "label": "y"}, "each written as text; got 5"),
        ({"name": 5, "path": "b.csv"}, "'name' of files is a text, such as site_b; got 5"),
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
        (
            {"data": {"files": {"path": 5, "label": "y"}}},
            "'path' is a file, written as text; got 5",
        ),
        ({"data": {"call": {}, "files": {}}}, "are one reader"),
        ({"data": {"call": "a.py:b"}}, "{call: {parameter: value}}"),
        ({"path": ["a/b.csv", "c/b.csv"], "label": "y"}, "Two files of 'site_b' have one name"),
    ],
)
def test_what_cannot_be_read_is_said(wrong, says):
    """Files, readers and their parameters."""
    with pytest.raises(UsageError, match=says):
        probes(**wrong)


def pictures(folder, count=3):
    """Write a folder of two classes with `count` pictures each, and return what reads it."""
    for at, name in enumerate(("cat", "dog")):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (8, 8), (number, at, 0)).save(folder / name / f"{number:03d}.png")
    return {"image_folder": {"root": str(folder), "resize": 8, "crop": 8}}


def both(given, home, **parameters):
    """Return the ids and clusters of the probe, and the notes."""
    test = stress.get("files", name="site_b", data=given, **parameters)
    (probe,) = test(home, KEY)
    return probe.data.ids.tolist(), probe.data.clusters.tolist(), test.notes(home)


def test_files_of_one_name_are_not_the_same_picture(tmp_path):
    """``cat/001.png`` of another site is another cat, unless `paired` says otherwise."""
    home = data.get("image_folder", root=str(tmp_path / "a"), resize=8, crop=8)
    given = pictures(tmp_path / "b", count=2)
    pictures(tmp_path / "a")
    home = home()
    ids, clusters, notes = both(given, home)
    assert ids == [f"site_b/{name}/{n:03d}.png" for name in ("cat", "dog") for n in range(2)]
    assert clusters == ids
    (note,) = notes
    assert note.startswith(
        "site_b: 4 of 4 examples have ids, or file names, that held-out ones have too."
    )
    reader = data.get("image_folder", **given["image_folder"])
    assert both(reader, home)[:2] == (ids, clusters)
    again = {"image_folder": {**given["image_folder"], "root": str(tmp_path / "a")}}
    assert both(again, home, paired=True) == (home.ids.tolist(), home.clusters.tolist(), ())


def test_ids_of_a_manifest_stay_and_paths_do_not(tmp_path):
    """A column names the example; a path names a place. Clusters of a column stay as well."""
    pictures(tmp_path / "b", count=2)
    rows = ["path,label,who,owner"]
    rows += [f"{n}/{i:03d}.png,{n},p{i}{n},owner{i}" for n in ("cat", "dog") for i in range(2)]
    (tmp_path / "b" / "list.csv").write_text("\n".join(rows) + "\n")
    manifest = {"table": str(tmp_path / "b" / "list.csv"), "resize": 8, "crop": 8}
    home = data.get("manifest", **manifest, id="who", cluster="owner")()
    ids, clusters, notes = both({"manifest": {**manifest, "id": "who"}}, home)
    assert ids == clusters == home.ids.tolist()
    same = "examples have the id or cluster of a held-out one and count as the same thing, changed."
    assert notes == (f"site_b: 4 of 4 {same}",)
    ids, clusters, notes = both({"manifest": {**manifest, "cluster": "owner"}}, home)
    assert ids[0] == "site_b/cat/000.png"
    assert clusters == home.clusters.tolist()
    assert notes == (f"site_b: 4 of 4 {same}",)


def test_how_many_are_the_holdouts_is_said(tmp_path):
    """Where ids or clusters are given, in whatever way; nothing is said where none are shared."""
    path = table(tmp_path / "b.csv", who=["p3", "q1", "q2"], owner=["o", "new", "owner2"])
    test = stress.get("files", name="site_b", path=path, label="y", id="who", cluster="owner")
    (note,) = test.notes(HOME)
    assert note.startswith("site_b: 2 of 3 examples have the id or cluster of a held-out one")
    given = data.of(np.ones((2, 2)), ["cat", "owl"], ids=["p1", "x"])
    (note,) = stress.get("files", name="c", data=given).notes(HOME)
    assert note.startswith("c: 1 of 2")
    path = table(tmp_path / "c.csv")
    numbered = data.of(HOME.inputs, [HOME.classes[code] for code in HOME.labels])
    for home in (HOME, numbered):
        assert stress.get("files", name="d", path=path, label="y").notes(home) == ()


@pytest.mark.parametrize(
    ("name", "family", "severity"),
    [("fog-3", "fog", 3.0), ("fog-gen-2.5", "fog-gen", 2.5), ("site-b", "site", None)],
)
def test_a_number_in_the_name_is_a_severity(tmp_path, name, family, severity):
    """As in the names of other stress tests; anything else is none."""
    (probe,) = probes(name=name, path=table(tmp_path / "b.csv"), label="y")
    assert (probe.name, probe.family, probe.severity) == (name, family, severity)


def test_a_damaged_archive_is_called_damaged(tmp_path):
    """And not one that holds Python objects."""
    np.savez(tmp_path / "a.npz", inputs=np.ones((2, 2)), labels=[0, 1])
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (b"junk", whole[:-30], whole[1:90]):
        (tmp_path / "b.npz").write_bytes(content)
        with pytest.raises(UsageError, match=r"is no \.npz archive, or is damaged") as told:
            probes(path=str(tmp_path / "b.npz"))
        assert "Python objects" not in str(told.value)
