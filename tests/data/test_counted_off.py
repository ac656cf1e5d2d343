"""What readers know to have been counted off by design, and what users say."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError


@pytest.mark.parametrize("part", ["train", "holdout"])
def test_fashion_images_are_counted_off_by_class(part):
    """The bundled subset has one number of images of each class, as its selection says."""
    images = data.get("bundled", name="fashion_mnist", part=part)()
    counts = np.bincount(images.labels)

    assert images.counted == "label"
    assert set(counts.tolist()) == {len(images) // 10}


@pytest.mark.parametrize("part", ["train", "holdout"])
def test_digits_are_not(part):
    """How many digits of each kind there are in scikit-learn's copy was nobody's design."""
    images = data.get("bundled", name="digits", part=part)()

    assert images.counted == ""
    assert len(set(np.bincount(images.labels).tolist())) > 1


def test_a_table_says_what_was_counted(tmp_path):
    """`counted` names the class or a group column of a table; another name is refused on reading."""
    path = tmp_path / "a.csv"
    path.write_text("x,site,y\n" + "\n".join(f"{at},s{at % 2},c{at % 3}" for at in range(12)))
    given = {"path": str(path), "label": "y", "groups": ("site",)}

    assert data.get("files", **given)().counted == ""
    assert data.get("files", counted="label", **given)().counted == "label"
    assert data.get("files", counted="site", **given)().counted == "site"
    with pytest.raises(UsageError, match=r"named 'place'.* Known: label, site"):
        data.get("files", counted="place", **given)()


def test_an_archive_is_told_as_well(tmp_path):
    """`counted` holds for an archive of arrays too."""
    path = tmp_path / "a.npz"
    np.savez(path, inputs=np.zeros((4, 2)), labels=np.array([0, 1, 0, 1]))

    assert data.get("files", path=str(path), counted="label")().counted == "label"
    assert data.get("files", path=str(path))().counted == ""


def test_the_fingerprint_is_of_what_is_trained_on():
    """What was counted off changes no checksum, so that it may be said later."""
    one = data.of([[0.0], [1.0]], [0, 1])
    two = data.of([[0.0], [1.0]], [0, 1], counted="label")

    assert data.checksum(one) == data.checksum(two)
