"""``root/class/image`` and ``root/domain/class/image`` become examples."""

import numpy as np
import pytest
from PIL import Image

from underspec import data
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy


def test_class_folders_become_classes(tree):
    """Sorted, with ids that say where an image lies, and read when needed."""
    root = tree("dog/1.png", "cat/2.jpg", "cat/1.png")
    made = data.get("image_folder", root=str(root), resize=None, crop=30)()
    assert made.classes == ("cat", "dog")
    assert made.ids.tolist() == made.clusters.tolist() == ["cat/1.png", "cat/2.jpg", "dog/1.png"]
    assert made.labels.tolist() == [0, 0, 1]
    assert isinstance(made.inputs, Lazy)
    whole = np.asarray(Image.open(root / "dog" / "1.png"))
    assert np.array_equal(np.asarray(made.take(np.asarray([2])).inputs)[0], whole[:, 5:35])


def test_numbered_folders_are_sorted_as_numbers(tree):
    """Folder 10 comes after 2; text and numbers together are text."""
    root = tree(*(f"{i}/a.png" for i in range(12)))
    made = data.get("image_folder", root=str(root), resize=24, crop=24, channels=1)()
    assert made.classes == tuple(str(i) for i in range(12))
    assert made.labels.tolist() == list(range(12))
    assert made.inputs.shape == (12, 24, 24, 1)


def test_classes_can_be_put_in_another_order(tree):
    """Also where their names are numbers, which are not taken as codes."""
    root = tree("0/a.png", "1/a.png", "1/b.png")
    made = data.get("image_folder", root=str(root), resize=24, crop=24, classes=[1, 0])()
    assert made.classes == ("1", "0")
    assert made.labels.tolist() == [0, 0, 1]
    assert made.ids.tolist() == ["1/a.png", "1/b.png", "0/a.png"]


def test_what_makes_no_image_folder_is_refused(tree, tmp_path):
    """Missing, extra, empty or single classes; numbers that do not fit."""
    root = tree("cat/1.png", "dog/1.png")

    def get(**more):
        return data.get("image_folder", **({"root": str(root), "resize": 24, "crop": 24} | more))

    with pytest.raises(UsageError, match="lacks 'cow' of 3 class folders"):
        get(classes=["cat", "cow", "dog"])()
    with pytest.raises(UsageError, match="has 1 too many: 'dog'"):
        get(classes=["cat"])()
    with pytest.raises(UsageError, match="There is no folder"):
        get(root=str(tmp_path / "none"))()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="two or more, but holds none"):
        get(root=str(tmp_path / "empty"))()
    with pytest.raises(UsageError, match="two or more, but holds 'a'"):
        get(root=str(tree("a/1.png", folder="one")))()
    (root / "cow").mkdir()
    with pytest.raises(UsageError, match="cow' holds no images"):
        get()()
    with pytest.raises(UsageError, match="scaled to 10"):
        get(resize=10)
    with pytest.raises(UsageError, match="needs 'resize', 'crop'"):
        data.get("image_folder", root=str(root))


PLACES = [
    f"{domain}/{name}/{i}.png" for domain in ("art", "photo") for name in "ab" for i in (1, 2)
]


def test_domains_become_a_group(tree):
    """Examples come domain after domain, and the group column says which."""
    root = tree(*PLACES)
    made = data.get("domain_folders", root=str(root), resize=24, crop=24)()
    assert made.groups["domain"].tolist() == ["art"] * 4 + ["photo"] * 4
    assert made.ids.tolist() == PLACES
    assert made.labels.tolist() == [0, 0, 1, 1] * 2
    assert made.classes == ("a", "b")
    assert np.asarray(made.inputs).shape == (8, 24, 24, 3)


def test_some_of_the_domains_can_be_read(tree):
    """In the order asked for; those left out may have other classes."""
    root = tree(*PLACES, "sketch/a/1.png", "sketch/z/1.png")
    made = data.get(
        "domain_folders", root=str(root), resize=24, crop=24, domains=["photo", "art"]
    )()
    assert made.groups["domain"].tolist() == ["photo"] * 4 + ["art"] * 4
    assert made.ids[0] == "photo/a/1.png"
    with pytest.raises(UsageError, match=r"No domain in .* named 'phot'. Did you mean 'photo'"):
        data.get("domain_folders", root=str(root), resize=24, crop=24, domains="phot")()


def test_a_domain_without_a_class_of_the_others_is_refused(tree):
    """So that a difference between domains is none between their classes."""
    root = tree(*PLACES, "sketch/a/1.png", "sketch/z/1.png")
    with pytest.raises(UsageError, match=r"art' is not laid out .*lacks 'z' of 3 class folders"):
        data.get("domain_folders", root=str(root), resize=24, crop=24)()
    with pytest.raises(UsageError, match=r"sketch' is not .*lacks 'b' .* 1 too many: 'z'"):
        data.get("domain_folders", root=str(root), resize=24, crop=24, classes=["a", "b"])()


def test_a_root_without_domains_is_refused(tmp_path):
    """An empty folder is no data set."""
    with pytest.raises(UsageError, match="holds no domain folders"):
        data.get("domain_folders", root=str(tmp_path), resize=24, crop=24)()
