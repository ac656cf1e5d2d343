"""Folders of predictions as WILDS names them."""

import pytest

from underspec.core.errors import UsageError
from underspec.data.predictions import read_any

SPLITS = {"id_val": [0, 1, 1, 0], "test": [1, 1, 0], "val": [0, 0, 1]}


def name(split, seed, epoch="best", dataset="camelyon17", end="_pred.csv"):
    return f"{dataset}_split:{split}_seed:{seed}_epoch:{epoch}{end}"


@pytest.fixture
def folder(tmp_path):
    """Return predictions of three splits and two seeds; seed 1 errs in the last example."""
    for made in ("preds", "labels"):
        (tmp_path / made).mkdir()
    for split, labels in SPLITS.items():
        (tmp_path / f"labels/{split}.csv").write_text("".join(f"{y}\n" for y in labels))
        for seed in (0, 1):
            said = [*labels[:-1], labels[-1] ^ seed]
            text = "".join(f"{y}\n" for y in said)
            (tmp_path / "preds" / name(split, seed)).write_text(text)
    return tmp_path


def opened(folder, **more):
    return read_any([str(folder / "preds")], "id_val", labels=folder / "labels", **more)


def refused(sentence, folder, **more):
    with pytest.raises(UsageError, match=sentence) as caught:
        opened(folder, **more)
    assert "\n" not in str(caught.value)


def test_splits_are_probes_and_seeds_are_variants(folder):
    """Each line is the prediction for an example of its split, and no two splits share one."""
    got = opened(folder)

    assert [probe.title for probe in got.probes] == ["id_val", "test", "val"]
    assert [variant.id for variant in got.variants] == ["seed 0", "seed 1"]
    for probe in got.probes:
        labels = SPLITS[probe.title]
        assert probe.predictions.labels.tolist() == labels
        assert probe.predictions.answers.tolist() == [labels, [*labels[:-1], labels[-1] ^ 1]]
    assert len({i for probe in got.probes for i in probe.ids}) == 10
    assert got.notes == ()


def test_the_epoch_can_be_chosen(folder):
    """The best epoch is read where nothing is said, and a note tells of the others."""
    for split, labels in SPLITS.items():
        for seed in (0, 1):
            text = "".join(f"{1 - y}\n" for y in labels)
            (folder / "preds" / name(split, seed, "last")).write_text(text)
    best, last = opened(folder), opened(folder, epoch="last")

    assert best.probes[1].predictions.answers[0].tolist() == [1, 1, 0]
    assert best.notes == ("Predictions of epoch 'best' are read; there are others: last.",)
    assert last.probes[1].predictions.answers[0].tolist() == [0, 0, 1]
    refused("No epoch in '.*preds' named '7'. Known: best, last", folder, epoch="7")


def test_numbered_epochs_must_be_chosen(folder):
    """Of several numbered epochs none is better known; one alone is taken."""
    for path in list((folder / "preds").iterdir()):
        path.rename(path.with_name(path.name.replace("best", "3")))
    assert len(opened(folder).probes) == 3
    (folder / "preds" / name("val", 0, "4")).write_text("0\n0\n0\n")
    refused("has predictions of epochs 3, 4: say which with --epoch", folder)


def test_predictions_for_training_examples_are_left_aside(folder):
    """The split `train` is no probe, and a note says so."""
    for seed in (0, 1):
        (folder / "preds" / name("train", seed)).write_text("0\n")
    got = opened(folder)

    assert [probe.title for probe in got.probes] == ["id_val", "test", "val"]
    assert "'train' is left aside" in got.notes[0]


def test_folders_that_cannot_be_used_are_refused(folder):
    """No such names, several data sets, boxes, regression, lines that lack: one sentence each."""
    (folder / "preds" / name("test", 0)).write_text("1\n1\n")
    refused("holds 2 predictions, but the probe 'test' has 3 labels", folder)
    (folder / "preds" / name("test", 0)).write_text("1\n\n0\n")
    refused("has an empty place in line 2", folder)
    (folder / "preds" / name("test", 0)).write_text("1\n-0.7\n0\n")
    refused("the score in row 2 is not between 0 and 1|one form in all files", folder)
    (folder / "preds" / name("test", 0)).write_text("")
    refused("is empty", folder)
    (folder / "preds" / name("test", 0)).unlink()
    refused("The probe 'test' lacks the variant 'seed 0'", folder)
    (folder / "preds" / name("test", 0, end="_pred.pth")).write_bytes(b"")
    refused("holds Python objects", folder)
    (folder / "preds" / name("test", 0, dataset="iwildcam")).write_text("1\n")
    refused("predictions for 2 data sets .camelyon17, iwildcam.", folder)
    for path in (folder / "preds").iterdir():
        path.unlink()
    refused("no predictions as WILDS names them", folder)
