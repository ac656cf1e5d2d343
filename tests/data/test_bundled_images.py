"""The images inside the package are what their provenance says."""

import hashlib
import shutil

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError
from underspec.data import bundled


@pytest.mark.parametrize(
    ("part", "each", "prefix"), [("train", 1200, "train"), ("holdout", 500, "t10k")]
)
def test_fashion_mnist_is_balanced_and_as_published(part, each, prefix):
    """Each class has its share, ids name the official place, and the fingerprint is recorded."""
    made = data.get("bundled", name="fashion_mnist", part=part)()
    assert made.inputs.shape == (10 * each, 28, 28, 1)
    assert made.inputs.dtype == np.uint8
    assert np.bincount(made.labels).tolist() == [each] * 10
    assert all(name.startswith(f"{prefix}-") for name in made.ids)
    assert made.ids.tolist() == sorted(made.ids.tolist())
    assert made.classes[9] == "Ankle boot"
    recorded = bundled.provenance("fashion_mnist")["parts"][part]
    assert data.checksum(made) == recorded["checksum"]


def test_the_archive_is_small_and_licensed():
    """At most 9 MB, and its notice carries the licence."""
    folder = bundled._FOLDER
    raw = (folder / "fashion_mnist.npz").read_bytes()
    assert len(raw) <= 9_000_000
    assert hashlib.sha256(raw).hexdigest() == bundled.provenance("fashion_mnist")["sha256"]
    assert "Zalando" in data.get("bundled").notice
    assert "MIT" in data.get("bundled").notice


def test_no_image_is_in_both_parts():
    """Train and holdout share no picture."""
    parts = [data.get("bundled", part=part)().inputs for part in ("train", "holdout")]
    train, holdout = ({image.tobytes() for image in images} for images in parts)
    assert not train & holdout


def test_a_damaged_archive_is_refused(tmp_path, monkeypatch):
    """A single wrong byte is found."""
    for name in ("fashion_mnist.npz", "fashion_mnist.json"):
        shutil.copy(bundled._FOLDER / name, tmp_path / name)
    raw = bytearray((tmp_path / "fashion_mnist.npz").read_bytes())
    raw[5000] ^= 1
    (tmp_path / "fashion_mnist.npz").write_bytes(raw)
    monkeypatch.setattr(bundled, "_FOLDER", tmp_path)
    with pytest.raises(UsageError, match="damaged"):
        data.get("bundled")()


def test_digits_are_split_in_halves_without_overlap():
    """The two parts are all 1,797 digits, each class halved."""
    train = data.get("bundled", name="digits", part="train")()
    holdout = data.get("sklearn_digits", part="holdout")()
    assert (len(train), len(holdout)) == (901, 896)
    assert not set(train.ids) & set(holdout.ids)
    assert np.abs(np.bincount(train.labels) - np.bincount(holdout.labels)).max() <= 1
    assert train.inputs.shape == (901, 8, 8, 1)
    assert train.inputs.dtype == np.uint8
    assert train.inputs.max() == 255
    assert "CC BY 4.0" in data.get("bundled", name="digits").notice


@pytest.mark.parametrize("wrong", [{"part": "test"}, {"name": "fashion"}])
def test_unknown_names_are_refused(wrong):
    """The sentence says what is known."""
    with pytest.raises(UsageError, match="Known: "):
        data.get("bundled", **wrong)
    with pytest.raises(UsageError, match="Known: train, holdout"):
        data.get("sklearn_digits", part="all")
