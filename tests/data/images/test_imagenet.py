"""ImageNet is read in its two layouts, and its lists of classes are the published ones."""

import numpy as np
import pytest
from PIL import Image

from underspec import data
from underspec.core.errors import UsageError
from underspec.data.images.imagenet import subset, wnids


def test_the_lists_have_the_published_sizes_and_order():
    """1,000 classes sorted by wnid; 200 of -A and of -R; some well-known codes."""
    assert len(set(wnids())) == 1000
    assert list(wnids()) == sorted(wnids())
    assert (wnids()[0], wnids()[-1], wnids()[409]) == ("n01440764", "n15075141", "n02708093")
    for name, first in (("imagenet_a", (6, 11, 13)), ("imagenet_r", (1, 2, 4))):
        codes = subset(name)
        assert len(set(codes)) == 200
        assert list(codes) == sorted(codes)
        assert codes[:3] == first
        assert codes[-1] < 1000
    with pytest.raises(UsageError, match="Did you mean 'imagenet_a'"):
        subset("imagenet-a")


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """val/<wnid>/ILSVRC2012_val_*.JPEG: one small picture a class, two of the last."""
    root = tmp_path_factory.mktemp("imagenet")
    Image.new("RGB", (12, 10), (200, 100, 50)).save(root / "one.jpg")
    raw = (root / "one.jpg").read_bytes()
    (root / "one.jpg").unlink()
    for i, wnid in enumerate([*wnids(), wnids()[-1]]):
        folder = root / "val" / wnid
        folder.mkdir(parents=True, exist_ok=True)
        # Files are not numbered class after class in the original either.
        (folder / f"ILSVRC2012_val_{(i * 379) % 1001 + 1:08d}.JPEG").write_bytes(raw)
    return root


def test_class_folders_are_read(official):
    """Class codes are places among the sorted wnids; ids are the files' names."""
    made = data.get("imagenet", root=str(official), resize=8, crop=8)()
    assert made.classes == wnids()
    assert made.labels.tolist() == [*range(1000), 999]
    assert made.ids[:2].tolist() == ["ILSVRC2012_val_00000001", "ILSVRC2012_val_00000380"]
    assert made.inputs.shape == (1001, 8, 8, 3)
    same = data.get("imagenet", root=str(official / "val"), resize=8, crop=8)()
    assert same.ids.tolist() == made.ids.tolist()
    picture = np.asarray(made.inputs[:1])[0]
    assert np.abs(picture.astype(int) - [200, 100, 50]).max() < 6


def test_the_preparation_is_the_published_one_unless_said(official):
    """Shorter side 256, middle 224."""
    made = data.get("imagenet", root=str(official))()
    assert made.inputs.shape == (1001, 224, 224, 3)
    assert made.inputs.source.preparation.resize == 256


def test_some_classes_keep_their_codes(official):
    """The codes are still those of the 1,000, so that a classifier of all can be asked."""
    made = data.get("imagenet", root=str(official), only=["n15075141", "n02708093"], crop=8)()
    assert made.labels.tolist() == [409, 999, 999]
    assert len(made.classes) == 1000
    with pytest.raises(UsageError, match="No ImageNet class named 'n02708094'"):
        data.get("imagenet", root=str(official), only=["n02708094"])


def test_training_folders_are_read(tree):
    """Their files are named by class."""
    root = tree("train/n01440764/n01440764_10026.png", "train/n01443537/n01443537_2.png")
    made = data.get(
        "imagenet", root=str(root), part="train", only=["n01440764", "n01443537"], crop=8
    )()
    assert made.ids.tolist() == ["n01440764_10026", "n01443537_2"]
    with pytest.raises(UsageError, match=r"lacks 998 .* of 1000 class folders"):
        data.get("imagenet", root=str(root), part="train")()


def test_missing_and_extra_folders_are_named(official, tmp_path):
    """A class folder that went missing, and one that is none of ImageNet's."""
    (tmp_path / "val").mkdir()
    for wnid in wnids()[1:]:
        (tmp_path / "val" / wnid).symlink_to(official / "val" / wnid)
    with pytest.raises(UsageError, match="leads out of"):
        data.get("imagenet", root=str(tmp_path))()
    for wnid in wnids()[1:]:
        (tmp_path / "val" / wnid).unlink()
        (tmp_path / "val" / wnid).mkdir()
    (tmp_path / "val" / "goldfish").mkdir()
    says = (
        r"val' is not laid out as ImageNet's part 'val': it lacks 'n01440764' of 1000 class folders "
        r"and has 1 too many: 'goldfish'"
    )
    with pytest.raises(UsageError, match=says):
        data.get("imagenet", root=str(tmp_path))()


@pytest.fixture
def flat(tree):
    """Four images without class folders, of three classes."""
    return tree(*(f"val/ILSVRC2012_val_0000000{i}.JPEG" for i in (1, 2, 3, 4)))


WNIDS = ["n02708093", "n01440764", "n15075141", "n02708093"]
NAMES = [f"ILSVRC2012_val_0000000{i}" for i in (1, 2, 3, 4)]


def table(flat, text):
    (flat / "labels.txt").write_text(text)
    only = sorted(set(WNIDS))
    return data.get("imagenet", root=str(flat), labels=str(flat / "labels.txt"), only=only, crop=8)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{n}.JPEG {w}" for n, w in zip(NAMES, WNIDS, strict=True)),
        "image,wnid\n" + "".join(f"{n}.JPEG,{w}\n" for n, w in zip(NAMES, WNIDS, strict=True)),
        "".join(f"{n}\t{w}\n" for n, w in reversed(list(zip(NAMES, WNIDS, strict=True)))),
        "ImageId,PredictionString\n"
        + "".join(f"{n},{w} 1 2 30 40 \n" for n, w in zip(NAMES, WNIDS, strict=True)),
        "\n".join(WNIDS) + "\n",
    ],
    ids=["spaces", "csv", "tabs", "boxes", "in turn"],
)
def test_flat_folders_are_read_with_a_table(flat, text):
    """Names with or without ending, a first line of headings, boxes after the wnid, or wnids alone."""
    made = table(flat, text)()
    assert made.ids.tolist() == NAMES
    assert made.labels.tolist() == [409, 0, 999, 409]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n".join(WNIDS[:3]), "holds 3 wnids for 4 images"),
        ("490\n361\n171\n822\n", r"holds '490'\. Numbers alone do not say which class"),
        (f"{NAMES[0]} n02708093\n", "gives no class for '.*2', '.*3', '.*4' of 4 images"),
        (
            "".join(f"{n} {w}\n" for n, w in zip(NAMES, WNIDS, strict=True)) + "x.JPEG n01440764",
            "names images that are not there: 'x'",
        ),
        (f"{NAMES[0]} n02708093\n{NAMES[1]} 65\n", "gives 'ILSVRC2012_val_00000002' '65'"),
        (f"{NAMES[0]} n02708093\n{NAMES[0]} n01440764\n", "two classes, n02708093 and n01440764"),
        ("", "gives no class for .* 4 images"),
    ],
)
def test_tables_that_do_not_fit_are_refused(flat, text, says):
    """Each with what is wrong; the devkit's numbers, which follow another order, as well."""
    with pytest.raises(UsageError, match=says):
        table(flat, text)()


def test_flat_folders_need_a_table_that_names_all_classes(flat):
    """Without one, and where a class has no image."""
    with pytest.raises(UsageError, match="their classes must be said: give 'labels'"):
        data.get("imagenet", root=str(flat))()
    (flat / "labels.txt").write_text("\n".join(WNIDS))
    with pytest.raises(UsageError, match=r"holds no image of 997 .* of the 1000 classes"):
        data.get("imagenet", root=str(flat), labels=str(flat / "labels.txt"))()
    with pytest.raises(UsageError, match="There is no file"):
        data.get("imagenet", root=str(flat), labels=str(flat / "none.txt"))()
    with pytest.raises(UsageError, match="No part named 'test'"):
        data.get("imagenet", root=str(flat), part="test")
    with pytest.raises(UsageError, match="leave 'labels' out"):
        data.get("imagenet", root=str(flat), part="train", labels="x.txt")
