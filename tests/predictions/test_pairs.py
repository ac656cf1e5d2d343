"""The columns pair and side of the exchange format: contrastive probes, with labels or without."""

import numpy as np
import pytest

import underspec as us
from underspec.core.errors import UsageError
from underspec.data.predictions import read, write

HEAD = "probe,variant,example,label,pair,side,prediction"


def table(path, rows, head=HEAD):
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def two(rows):
    """Give rows that name no variant to two of them."""
    return [row.replace("*", variant) for row in rows for variant in ("a", "b")]


def plain(n=4):
    return [f"lab,*,e{i},{i % 2},,,{i % 2}" for i in range(n)]


def edits(n=4, label=True):
    told = [str(i % 2) if label else "" for i in range(n)]
    return [
        row
        for i in range(n)
        for row in (f"edit,*,e{i},{told[i]},p{i},0,0", f"edit,*,e{i}~x,{told[i]},p{i},1,1")
    ]


def test_pairs_are_read_and_written_again(tmp_path):
    """An edit lies in its reference's cluster, and writing gives back what was read."""
    got = read(table(tmp_path / "all.csv", two(plain() + edits())), "lab")
    lab, edit = got.probes

    assert lab.pairs is None
    assert edit.pairs.side.tolist() == [0, 1] * 4
    assert edit.pairs.pair.tolist() == ["p0", "p0", "p1", "p1", "p2", "p2", "p3", "p3"]
    assert edit.clusters.tolist() == ["e0", "e0", "e1", "e1", "e2", "e2", "e3", "e3"]
    for suffix in ("csv", "parquet"):
        write(tmp_path / f"again.{suffix}", got)
        again = read(tmp_path / f"again.{suffix}", "lab").probes[1]
        assert again.pairs.pair.tolist() == edit.pairs.pair.tolist()
        assert again.pairs.side.tolist() == edit.pairs.side.tolist()
        assert again.predictions.labels.tolist() == edit.predictions.labels.tolist()


@pytest.mark.parametrize("form", ["prediction", "score", "compact"])
def test_pairs_need_no_labels(tmp_path, form):
    """A contrastive probe without labels has -1 for each, however predictions are given."""
    rows, head = two(plain() + edits(label=False)), HEAD
    if form != "prediction":
        head = head.replace("prediction", "score")
    got = read(table(tmp_path / "all.csv", rows, head), "lab", whole=1 if form == "compact" else 20)
    lab, edit = got.probes

    assert got.classes == ("0", "1")
    assert lab.predictions.labels.tolist() == [0, 1, 0, 1]
    assert edit.predictions.labels.tolist() == [-1] * 8
    assert edit.predictions.answers[0].tolist() == [0, 1] * 4
    write(tmp_path / "again.csv", got)
    assert read(tmp_path / "again.csv", "lab").probes[1].predictions.labels.tolist() == [-1] * 8


def test_a_file_of_pairs_alone_needs_no_column_for_labels(tmp_path):
    """Files are read together; the one with labels tells the classes."""
    bare = [row.split(",") for row in two(edits())]
    rows = [",".join([*row[:3], *row[4:]]) for row in bare]
    pairs = table(tmp_path / "pairs.csv", rows, "probe,variant,example,pair,side,prediction")
    got = read([table(tmp_path / "lab.csv", two(plain())), pairs], "lab")

    assert got.probes[1].predictions.labels.tolist() == [-1] * 8
    assert got.probes[1].pairs is not None


def test_numbers_to_predict_come_in_pairs_too(tmp_path):
    """For regression a missing label is no number."""
    head = HEAD.replace("prediction", "score")
    got = read(
        table(tmp_path / "all.csv", two(plain() + edits(label=False)), head),
        "lab",
        task="regression",
    )

    assert np.isnan(got.probes[1].predictions.labels).all()
    write(tmp_path / "again.parquet", got)
    again = read(tmp_path / "again.parquet", "lab", task="regression")
    assert np.isnan(again.probes[1].predictions.labels).all()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (["edit,*,e0,0,p0,0,0"], "Probe 'edit': Each pair has one reference"),
        (["edit,*,e0,0,p0,0,0", "edit,*,f,0,p0,2,0"], "no pair with a side of 0 or 1, such as 'f'"),
        (["edit,*,e0,0,p0,0,0", "edit,*,f,0,,,0"], "no pair with a side of 0 or 1, such as 'f'"),
        (["other,*,e0,,,,0"], "1 of the 1 examples of probe 'other' have no label, such as 'e0'"),
        (["lab,*,e9,0,p,0,0", "lab,*,e8,0,p,1,0"], "The holdout 'lab' has pairs"),
    ],
)  # fmt: skip
def test_what_makes_no_pairs_is_refused(tmp_path, rows, why):
    """In one sentence, with the probe and the first example."""
    with pytest.raises(UsageError, match=why):
        read(table(tmp_path / "all.csv", two(plain() + rows)), "lab")


def test_two_sides_in_two_clusters_are_refused(tmp_path):
    """They are one thing."""
    rows = [f"{row},{row.split(',')[2]}" for row in two(plain() + edits())]
    with pytest.raises(UsageError, match="pair 'p0' of probe 'edit' lie in two clusters"):
        read(table(tmp_path / "all.csv", rows, HEAD + ",cluster"), "lab")


def test_predictions_with_pairs_are_analysed(tmp_path):
    """A contrastive probe without labels is judged by agreement, beside accuracy on the others."""
    rng = np.random.default_rng(3)
    rows = []
    for v in range(12):
        for i in range(200):
            right = rng.random() < 0.9
            rows.append(f"lab,v{v:02d},e{i:03d},{i % 2},,,{i % 2 if right else 1 - i % 2}")
            flip = int(rng.random() < (0.02 if v % 2 else 0.3))
            rows.append(f"edit,v{v:02d},e{i:03d},,p{i},0,0")
            rows.append(f"edit,v{v:02d},e{i:03d}~x,,p{i},1,{flip}")
    found = us.analyse(
        table(tmp_path / "all.csv", rows), holdout="lab", epsilon=0.06, out=tmp_path / "out"
    )
    edit = found.probes[1]

    assert (edit.kind, edit.n < 130) == ("contrastive", True)
    assert 0.1 < edit.drop.value < 0.22
    assert edit.spread_verdict == "yes"
    assert edit.flips.up.value == pytest.approx(edit.drop.value)
    assert edit.flips.down.value == 0
    assert edit.flips.jaccard.low <= edit.flips.by_chance <= edit.flips.jaccard.high
