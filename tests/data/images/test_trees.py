"""Class folders and images are found in a stated order; what should not be there is named."""

import pytest

from underspec.core.errors import UsageError
from underspec.data.images.names import in_order, listed
from underspec.data.images.tree import class_folders, folder, images_in, labelled


def test_images_come_class_after_class_by_name(tree):
    """Any ending in any case, hidden files and droppings left aside, files beside classes too."""
    root = tree("b/2.png", "b/10.jpg", "a/x.JPEG", "a/X.Png", "a/y.webp", "a/z.TIFF", "a/w.bmp")
    (root / "a" / ".DS_Store").write_bytes(b"")
    (root / "a" / "Thumbs.db").write_bytes(b"")
    (root / ".git").mkdir()
    (root / "README.txt").write_text("hello")
    assert class_folders(root) == ("a", "b")
    found = labelled(root, ("b", "a"), "a test")
    assert found.names == (
        *("b/10.jpg", "b/2.png"),
        *("a/X.Png", "a/w.bmp", "a/x.JPEG", "a/y.webp", "a/z.TIFF"),
    )
    assert found.codes.tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert found.paths == tuple(f"{root}/{name}" for name in found.names)


def test_missing_and_extra_class_folders_are_named(tree):
    """One sentence says both, with counts."""
    root = tree(*(f"c{i}/a.png" for i in range(8)))
    expected = [f"c{i}" for i in range(7)] + ["d"]
    says = r"not laid out as a test: it lacks 'd' of 8 class folders and has 1 too many: 'c7'"
    with pytest.raises(UsageError, match=says):
        labelled(root, expected, "a test")
    says = r"lacks 6 \('e0', 'e1', 'e2', 'e3', 'e4' and 1 more\) of 7 class folders"
    with pytest.raises(UsageError, match=says):
        labelled(root, ["c0", *(f"e{i}" for i in range(6))], "a test", others=True)
    assert len(labelled(root, ["c3"], "a test", others=True).paths) == 1


def test_a_class_folder_with_nothing_or_something_else_is_refused(tree):
    """Nothing is skipped: neither text nor folders nor a class without images."""
    root = tree("a/1.png", "b/1.png")
    (root / "b" / "notes.txt").write_text("hello")
    (root / "b" / "deeper").mkdir()
    with pytest.raises(UsageError, match=r"should hold images only .*'deeper', 'notes.txt'"):
        images_in(root / "b")
    (root / "c").mkdir()
    with pytest.raises(UsageError, match="c' holds no images"):
        labelled(root, ("a", "c"), "a test", others=True)


def test_links_out_of_the_root_are_refused(tree):
    """Links within it are followed."""
    root, other = tree("a/1.png", "b/1.png"), tree("c/1.png", folder="other")
    (root / "a" / "2.png").symlink_to(root / "b" / "1.png")
    assert len(labelled(root, ("a", "b"), "a test").paths) == 3
    (root / "a" / "3.png").symlink_to(other / "c" / "1.png")
    with pytest.raises(UsageError, match=r"a/3\.png' leads out of .*root'"):
        labelled(root, ("a", "b"), "a test")
    (root / "a" / "3.png").unlink()
    (root / "c").symlink_to(other / "c")
    with pytest.raises(UsageError, match="root/c' leads out of"):
        class_folders(root)


def test_the_root_itself_may_be_a_link(tree, tmp_path):
    """As data sets often lie on another disk."""
    tree("a/1.png", "b/1.png")
    (tmp_path / "link").symlink_to(tmp_path / "root")
    assert len(labelled(tmp_path / "link", ("a", "b"), "a test").paths) == 2


def test_a_folder_that_is_missing_or_an_archive_is_said_so(tmp_path):
    """With the way to unpack it."""
    with pytest.raises(UsageError, match=r"There is no folder '.*x' to read ImageNet-V2 from"):
        folder(tmp_path / "x", "ImageNet-V2")
    (tmp_path / "v2.tar.gz").write_bytes(b"")
    with pytest.raises(UsageError, match=r"is an archive\. Unpack it first.*archive\.unpack"):
        folder(tmp_path / "v2.tar.gz", "ImageNet-V2")


def test_paths_are_absolute(tree, monkeypatch):
    """As images are read long after; and a leading ~ is the home folder."""
    root = tree("a/1.png", "b/1.png")
    monkeypatch.chdir(root.parent)
    monkeypatch.setenv("HOME", str(root.parent))
    assert folder("root", "a test") == folder("~/root", "a test") == root
    assert images_in(folder("root/a", "a test")) == (f"{root}/a/1.png",)


def test_numbers_are_sorted_as_numbers():
    """Only where all names are; 10 as text would come before 2."""
    assert in_order(["10", "2", "1"]) == ("1", "2", "10")
    assert in_order(["10", "2", "a"]) == ("10", "2", "a")


def test_lists_of_names_name_each_once():
    """A single text is a list of one."""
    assert listed("a", "classes") == ("a",)
    assert listed([1, "b"], "classes") == ("1", "b")
    assert listed(None, "classes") is None
    for wrong in ([], ["a", "a"]):
        with pytest.raises(UsageError, match="'classes' must name at least one, each once"):
            listed(wrong, "classes")
