"""One file a probe and variant: what is read, what goes together, what is refused."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.data.predictions import read_any

CLASSES = 3
SIZES = {"test": 6, "fog-1": 6, "other": 4}


def truth(n):
    return np.arange(n) % CLASSES


def scores(draw, n):
    return draw.dirichlet(np.ones(CLASSES), n).astype(np.float32)


@pytest.fixture
def made(tmp_path):
    """Return a folder of scores and labels of three probes and two variants, and the scores."""
    draw = stream(0, "tests").generator()
    (tmp_path / "labels").mkdir()
    said = {}
    for probe, n in SIZES.items():
        (tmp_path / "preds" / probe).mkdir(parents=True)
        np.save(tmp_path / f"labels/{probe}.npy", truth(n))
        for variant in ("v2", "v10"):
            said[probe, variant] = scores(draw, n)
            np.save(tmp_path / f"preds/{probe}/{variant}.npy", said[probe, variant])
    return tmp_path, said


def opened(folder, pattern="preds/{probe}/{variant}.npy", labels="labels", holdout="test", **more):
    return read_any([str(folder / pattern)], holdout, labels=folder / labels, **more)


def refused(pattern, *arguments, **options):
    with pytest.raises(UsageError, match=pattern) as caught:
        opened(*arguments, **options)
    assert "\n" not in str(caught.value)


def test_scores_of_each_file_stand_where_they_belong(made):
    """Probes and variants are found by name; scores, answers and label scores are those saved."""
    folder, said = made
    got = opened(folder)

    assert [probe.title for probe in got.probes] == ["test", "fog-1", "other"]
    assert [variant.id for variant in got.variants] == ["v2", "v10"]
    assert got.classes == ("0", "1", "2")
    for probe in got.probes:
        for v, variant in enumerate(got.variants):
            saved = said[probe.title, variant.id]
            np.testing.assert_array_equal(probe.predictions.scores[v], saved)
            np.testing.assert_array_equal(probe.predictions.answers[v], saved.argmax(axis=1))
            own = saved[np.arange(len(saved)), truth(len(saved))]
            np.testing.assert_array_equal(probe.predictions.label_scores[v], own)


def test_the_same_labels_in_the_same_order_are_the_same_examples(made):
    """Without ids, probes with equal labels share their examples, and a note says so."""
    folder, _ = made
    got = opened(folder)
    holdout, fog, other = got.probes

    assert fog.ids.tolist() == holdout.ids.tolist() == fog.clusters.tolist()
    assert not set(other.ids) & set(holdout.ids)
    assert len(got.notes) == 1
    assert "those of fog-1 are taken for examples of other probes" in got.notes[0]


def test_a_table_of_labels_names_examples(made):
    """Rows of a table stand in the order of predictions; ids, clusters and groups are taken."""
    folder, said = made
    rows = [
        {
            "probe": probe,
            "example": f"{'x' if probe == 'other' else 'e'}{9 - i}",
            "label": int(truth(n)[i]),
            "cluster": f"p{i // 2}",
            "group": "" if i else "north",
        }
        for probe, n in SIZES.items()
        for i in range(n)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "labels.parquet")
    got = opened(folder, labels="labels.parquet")
    fog = got.probes[1]

    assert got.notes == ()
    assert fog.ids.tolist() == ["e4", "e5", "e6", "e7", "e8", "e9"]
    assert fog.clusters.tolist() == ["p2", "p2", "p1", "p1", "p0", "p0"]
    assert fog.group.tolist() == ["missing"] * 5 + ["north"]
    np.testing.assert_array_equal(fog.predictions.scores[0], said["fog-1", "v2"][::-1])
    np.testing.assert_array_equal(fog.predictions.labels, truth(6)[::-1])
    np.testing.assert_array_equal(
        fog.predictions.label_scores[1], said["fog-1", "v10"][np.arange(6), truth(6)][::-1]
    )


def test_answers_may_be_numbers_or_text(tmp_path):
    """Integers, text and lines of a CSV are classes; 1, 1.0 and "1" are one."""
    (tmp_path / "labels.csv").write_text("probe,label\n" + "a,1\na,10\na,1\nb,10\nb,1\n")
    for variant, kind in (("x", np.uint8), ("y", np.int64), ("z", np.str_)):
        np.save(tmp_path / f"a_{variant}.npy", np.array([1, 10, 10]).astype(kind))
        np.savez(tmp_path / f"b_{variant}.npz", np.array([10, 10]).astype(kind))
        (tmp_path / f"{variant}a.csv").write_text("1\n10.0\n10\n")
        (tmp_path / f"{variant}b.csv").write_text("10\n10\n")
    for pattern in ("a_{variant}.npy", "b_{variant}.npz"):
        probe = pattern[0]
        got = opened(tmp_path, pattern.replace(probe, "{probe}", 1), "labels.csv", holdout=probe)
        assert got.classes == ("1", "10")
        assert got.probes[0].predictions.scores is None
        assert got.probes[0].predictions.answers[0].tolist() == [0, 1, 1][-SIZES_OF[probe] :]
    got = opened(tmp_path, "{variant}{probe}.csv", "labels.csv", holdout="a")
    assert [variant.id for variant in got.variants] == ["x", "y", "z"]
    assert [probe.predictions.answers[2].tolist() for probe in got.probes] == [[0, 1, 1], [1, 1]]


SIZES_OF = {"a": 3, "b": 2}


def test_one_number_an_example_is_the_probability_of_class_1(tmp_path):
    """Floats [n] are binary scores; one array of labels holds for every probe."""
    np.save(tmp_path / "labels.npy", np.array([0.0, 1.0, 1.0]))
    for probe in ("clean", "fog"):
        for variant in ("m1", "m2"):
            np.save(tmp_path / f"{variant}-{probe}.npy", np.array([[0.25], [0.75], [0.5]]))
    got = opened(tmp_path, "{variant}-{probe}.npy", "labels.npy", holdout="clean")
    said = got.probes[1].predictions

    assert got.classes == ("0", "1")
    assert said.scores[0].tolist() == [[0.75, 0.25], [0.25, 0.75], [0.5, 0.5]]
    assert said.answers[1].tolist() == [0, 1, 0]
    assert got.probes[0].ids.tolist() == got.probes[1].ids.tolist()


def test_of_many_classes_the_answer_and_the_score_of_the_label_are_kept(made):
    """Above `whole` classes scores are reduced, and what is kept is the same."""
    folder, _ = made
    for full, few in zip(opened(folder).probes, opened(folder, whole=2).probes, strict=True):
        assert few.predictions.scores is None
        np.testing.assert_array_equal(few.predictions.answers, full.predictions.answers)
        np.testing.assert_array_equal(few.predictions.label_scores, full.predictions.label_scores)


def test_names_that_can_be_read_in_two_ways_are_refused(made):
    """Labels by probe tell probe from variant; where they cannot, both readings are shown."""
    folder, _ = made
    for probe in SIZES:
        for file in (folder / "preds" / probe).iterdir():
            file.rename(folder / f"m_{file.stem}_{probe}.npy")
    assert len(opened(folder, "m_{variant}_{probe}.npy").probes) == 3
    np.save(folder / "all.npy", truth(6))
    (folder / "m_v2_fog-1.npy").rename(folder / "m_v2_fog_1.npy")
    refused(
        "in several ways: probe '1', variant 'v2_fog' or probe 'fog_1', variant 'v2'",
        folder,
        "m_{variant}_{probe}.npy",
        "all.npy",
    )


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("preds/{probe}.npy", "must have {probe} and {variant} once each"),
        ("preds/{probe}/{variant}/{seed}.npy", "must have {probe} and {variant} once each"),
        ("preds/{probe}/{variant}.pt", "No kind of prediction file named '.pt'"),
        ("none/{probe}/{variant}.npy", "No file fits the pattern"),
    ],
)
def test_patterns_that_do_not_fit_are_refused(made, pattern, sentence):
    """A pattern names both, once, and files that are there."""
    refused(sentence, made[0], pattern)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((5, 3)), "holds 5 predictions, but the probe 'fog-1' has 6 labels"),
        (np.zeros((6, 3)), r"score in row 1 does not sum to 1 over the classes, \[0.0\]|row 1 does"),
        (np.full((6, 3), np.nan), "score in row 1 is no number"),
        (np.full((6, 3), 4.0), "score in row 1 is not between 0 and 1"),
        (np.zeros((6, 3), int), "scores of classes must be floats"),
        (np.full((6, 4), 0.25), "holds scores of 3 classes, but .* scores of 4 classes: use one"),
        (np.zeros(6, int), "holds scores of 3 classes, but .* classes: use one form"),
        (np.zeros((6, 1, 1)), "holds float64 of shape .6, 1, 1.: give one value an example"),
        (np.zeros((6, 0)), "give one value an example"),
        (np.array([object()] * 6), "it holds Python objects, which are not read"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_belong_are_named(made, array, sentence):
    """What is wrong with which file, in one sentence."""
    folder, _ = made
    np.save(folder / "preds/fog-1/v10.npy", array)
    refused(sentence, folder)


def test_files_and_labels_that_lack_are_named(made):
    """A variant without a file, a probe without labels, labels of no use: one sentence each."""
    folder, _ = made
    refused("No holdout: .* Probes: fog-1, other, test", folder, holdout=None)
    refused("No probe named 'tst'. Did you mean 'test'", folder, holdout="tst")
    refused("There are no labels at", folder, labels="none")
    np.savez(folder / "two.npz", a=truth(6), b=truth(6))
    refused("'.*two.npz' holds 2 arrays .a, b.", folder, labels="two.npz")
    for name, text, sentence in (
        ("table.csv", "probe,label,size\na,1,2\n", "No column of a table of labels named 'size'"),
        ("table.csv", "probe,label\ntest,\n", "'label' is empty in row 1"),
        ("table.csv", "probe,label\n", "is empty"),
        ("table.csv", "0\n1\n\n", "has an empty place in line 3"),
        (
            "table.csv",
            "0.5\n1\n",
            "label.* such as 0.5, which is no class: for .*--task regression",
        ),
        ("table.txt", "0\n", "No kind of label file named '.txt'"),
    ):
        (folder / name).write_text(text)
        refused(sentence, folder, labels=name)
    rows = [{"probe": p, "label": 7, "example": "e"} for p, n in SIZES.items() for _ in range(n)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "table.parquet")
    refused("The label '7' has no score: .* from 0 to 2", folder, labels="table.parquet")
    for row in rows:
        row["label"] = 1
    pq.write_table(pa.Table.from_pylist(rows), folder / "table.parquet")
    refused("the probe 'test' have the example 'e' twice", folder, labels="table.parquet")
    whole = (folder / "preds/other/v2.npy").read_bytes()
    (folder / "preds/other/v2.npy").write_bytes(whole[:-5])
    refused("other/v2.npy' cannot be read as an array; it may be cut short", folder)
    (folder / "preds/other/v2.npy").unlink()
    refused("The probe 'other' lacks the variant 'v2': every variant", folder)
    (folder / "labels/other.npy").unlink()
    refused("but its probe has no labels. Probes with labels: fog-1, test", folder)


def test_what_does_not_go_together_is_refused(made):
    """Labels belong to patterns and folders, which stand alone."""
    folder, _ = made
    pattern = str(folder / "preds/{probe}/{variant}.npy")
    for given, options, sentence in (
        ([pattern], {}, "predictions without labels: give --labels"),
        ([pattern, pattern], {"labels": folder / "labels"}, "must stand alone, but 2 were given"),
        ([pattern], {"labels": folder / "labels", "epoch": "best"}, "--epoch is for folders"),
        (["a.csv"], {"labels": "x"}, "A table in the exchange format takes no --labels"),
        (["a.csv"], {"epoch": "x"}, "takes no --epoch"),
        (pa.table({}), {"labels": "x"}, "A data frame takes no --labels"),
    ):
        with pytest.raises(UsageError, match=sentence):
            read_any(given, "test", **options)
