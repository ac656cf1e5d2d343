"""The fingerprint of a data set sees values, not memory."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data
from underspec.core.errors import UsageError

SAMPLE = """
import numpy as np
from underspec import data
def sample():
    images = np.arange(48, dtype=np.uint8).reshape(3, 4, 4, 1)
    return data.of(images, ["b", "a", "b"], groups={"site": ["x", "y", "x"], "age": [1, 2, 3]})
"""


@pytest.fixture
def sample():
    scope = {}
    exec(SAMPLE, scope)
    return scope["sample"]()


def test_other_processes_agree(sample):
    """Another process with another hash seed gives the same fingerprint."""
    out = subprocess.run(
        [sys.executable, "-c", SAMPLE + "print(data.checksum(sample()))"],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout.strip() == data.checksum(sample)


def test_memory_layout_does_not_count(sample):
    """Byte order, strides and the width of text columns are invisible."""
    big = sample.inputs.astype(np.float64)
    first = data.checksum(sample.with_inputs(big))
    assert data.checksum(sample.with_inputs(np.asfortranarray(big))) == first
    assert data.checksum(sample.with_inputs(big.astype(">f8"))) == first
    wide = replace(sample, ids=sample.ids.astype("<U40"))
    assert data.checksum(wide) == data.checksum(sample)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.with_inputs(d.inputs + 1),
        lambda d: d.with_inputs(d.inputs.astype(np.uint16)),
        lambda d: d.with_inputs(d.inputs.reshape(3, 16)),
        lambda d: d.take(np.asarray([1, 0, 2])),
        lambda d: replace(d, labels=1 - d.labels),
        lambda d: replace(d, clusters=np.asarray(["c", "c", "c"])),
        lambda d: replace(d, groups={"site": d.groups["site"]}),
        lambda d: replace(d, groups={"place": d.groups["site"], "age": d.groups["age"]}),
    ],
)
def test_every_part_counts(sample, change):
    """A change of values, types, shape, order, clusters or groups shows."""
    assert data.checksum(change(sample)) != data.checksum(sample)


def test_class_names_do_not_count(sample):
    """Renaming a class for reports is no other data set."""
    renamed = replace(sample, classes=("alpha", "beta"))
    assert data.checksum(renamed) == data.checksum(sample)


def test_frames_count_by_value():
    """A frame's columns, holes and texts count; its index and column dtype of text do not."""
    frame = pd.DataFrame({"age": [1, 2, 3], "site": ["a", None, "None"]})
    base = data.of(frame, [0, 1, 0])
    first = data.checksum(base)
    objects = frame.assign(site=np.asarray(["a", None, "None"], dtype=object)).set_axis([7, 8, 9])
    assert data.checksum(base.with_inputs(objects)) == first
    for changed in (
        frame.assign(age=[1, 2, 4]),
        frame.assign(site=["a", "None", None]),
        frame.rename(columns={"age": "years"}),
        frame[["site", "age"]],
    ):
        assert data.checksum(base.with_inputs(changed)) != first


def test_unknown_inputs_are_refused():
    """Only arrays and frames have a fingerprint."""
    with pytest.raises(UsageError, match="array or a data frame, but are list"):
        data.checksum(data.of([1, 2], [0, 1]).with_inputs([1, 2]))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=2, max_size=4, unique=True))  # fmt: skip
def test_texts_cannot_run_into_each_other(names):
    """Moving a character from one id to the next changes the fingerprint."""
    if any(name in ("nan", "NaN") for name in names):
        return
    labels = [0, 1] + [0] * (len(names) - 2)
    moved = [names[0] + names[1][0], names[1][1:] or "-", *names[2:]]
    if len(set(moved)) < len(moved) or any(name in ("nan", "NaN") for name in moved):
        return
    clusters = ["c"] * len(names)
    first = data.of(np.zeros(len(names)), labels, names, clusters)
    other = data.of(np.zeros(len(names)), labels, moved, clusters)
    assert data.checksum(first) != data.checksum(other)
