"""The IDX layout is read, and what is missing or cut short is named."""

import gzip

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError


def idx(array, code=8):
    head = bytes([0, 0, code, array.ndim])
    return head + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path):
    images = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)
    labels = np.asarray([1, 0, 1, 2], dtype=np.uint8)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    return tmp_path


def test_both_gzipped_and_plain_files_are_read(folder):
    """Images, labels and ids come in the official order."""
    made = data.get("idx", folder=str(folder), classes=["a", "b", "c"])()
    assert made.inputs.shape == (4, 3, 2, 1)
    assert made.inputs[1].ravel().tolist() == [6, 7, 8, 9, 10, 11]
    assert made.labels.tolist() == [1, 0, 1, 2]
    assert made.ids.tolist()[0] == "train-00000"
    assert made.classes == ("a", "b", "c")


def test_missing_files_are_named(folder):
    """The sentence lists the files that part 'holdout' wants."""
    with pytest.raises(UsageError, match="lacks t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte"):
        data.get("idx", folder=str(folder), part="holdout")()
    with pytest.raises(UsageError, match="no folder"):
        data.get("idx", folder=str(folder / "none"))()


@pytest.mark.parametrize(
    ("name", "spoil", "says"),
    [
        ("train-images-idx3-ubyte.gz", lambda raw: raw[:20], "damaged or cut short"),
        ("train-images-idx3-ubyte.gz", lambda raw: b"no gzip at all", "damaged or cut short"),
        ("train-labels-idx1-ubyte", lambda raw: raw[:-1], r"announces 4 bytes .* holds 3"),
        ("train-labels-idx1-ubyte", lambda raw: raw + b"x", "announces 4 bytes"),
        ("train-labels-idx1-ubyte", lambda raw: raw[:6], "no IDX file"),
        ("train-labels-idx1-ubyte", lambda raw: b"PK" + raw[2:], "no IDX file"),
        (
            "train-labels-idx1-ubyte",
            lambda raw: idx(np.zeros(3, np.uint8)),
            "do not belong together",
        ),
    ],
)
def test_damage_is_found(folder, name, spoil, says):
    """A file that is cut short, too long, of another type or number is refused."""
    path = folder / name
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UsageError, match=says):
        data.get("idx", folder=str(folder))()
