"""ObjectNet: 113 of its folders are 125 classes of ImageNet; a red frame; not to be chosen by."""

import json
import shutil

import numpy as np
import pytest
from tests.stress.published.trees import encoded, home, linked, probes, put

from underspec import stress
from underspec.core.errors import UsageError
from underspec.data.images.imagenet import wnids
from underspec.stress.published.objectnet import shared_classes

OTHERS = [f"other_{at:03d}" for at in range(200)]


@pytest.fixture(scope="module")
def objectnet(tmp_path_factory):
    """The official layout: 313 folders of PNGs with a red frame of 2 pixels, no mappings."""
    root = tmp_path_factory.mktemp("objectnet") / "objectnet-1.0"
    content = encoded(12, (0, 0, 255), "PNG", frame=2)
    for at, name in enumerate([*shared_classes(), *OTHERS]):
        put(root / "images" / name / f"{at:015x}.png", content)
    return root


@pytest.fixture
def harmed(objectnet, tmp_path):
    """A copy of it, to be harmed."""
    return linked(objectnet, tmp_path / "objectnet-1.0")


def mappings(root, labels=None, shared=None):
    labels = labels or {name: name.title() for name in (*shared_classes(), *OTHERS)}
    shared = shared or {labels[name]: "something" for name in shared_classes()}
    for name, held in (("folder_to_objectnet_label", labels), ("objectnet_to_imagenet_1k", shared)):
        put(root / "mappings" / f"{name}.json", json.dumps(held).encode())


def member(path, **parameters):
    return stress.get("objectnet", path=str(path), **{"resize": None, "crop": 12} | parameters)


def test_113_folders_are_125_classes():
    """The published overlap: each class of ImageNet belongs to one folder; 9 folders have several."""
    table = shared_classes()
    codes = [code for shared in table.values() for code in shared]
    assert len(table) == 113
    assert len(codes) == len(set(codes)) == 125
    assert sum(len(shared) > 1 for shared in table.values()) == 9
    assert all(0 <= code < 1000 for code in codes)
    assert list(table) == sorted(table)
    # Names that anyone can check: analog and digital clock, banana, tennis racket.
    assert table["alarm_clock"] == (409, 530)
    assert wnids()[table["banana"][0]] == "n07753592"
    assert wnids()[table["tennis_racket"][0]] == "n04039381"


def test_both_figures_and_the_controls(objectnet):
    """ObjectNet is never chosen by, its control may be."""
    found = probes(member(objectnet), home(side=12))
    assert [(p.name, p.may_choose) for p in found] == [
        ("objectnet-restricted", False),
        ("objectnet-full1000", False),
        ("imagenet_on_objectnet-restricted", True),
        ("imagenet_on_objectnet-full1000", True),
    ]
    assert [len(p.data) for p in found] == [113, 113, 125, 125]
    assert found[0].title == "ObjectNet, best of the 125 shared classes"


def test_any_of_a_folders_classes_is_right(objectnet):
    """Both clocks are alarm clocks; all other classes are none of the 113."""
    for probe in probes(member(objectnet), home(side=12)):
        codes, classes = probe.answers.codes, probe.data.classes
        assert codes[[409, 530]].tolist() == [classes.index("alarm_clock")] * 2
        assert codes[[423, 559, 765]].tolist() == [classes.index("chair")] * 3
        assert codes[0] == -1
        assert np.count_nonzero(codes >= 0) == 125
        assert set(codes[codes >= 0]) == set(range(113))


def test_labels_are_the_folders(objectnet):
    """Images of other folders are left out."""
    own = probes(member(objectnet), home(side=12))[0].data
    assert own.classes == tuple(shared_classes())
    for identity, label in zip(own.ids.tolist(), own.labels.tolist(), strict=True):
        assert identity.split("/")[1] == own.classes[label]
    assert len(set(own.labels.tolist())) == 113


def test_the_frame_goes_before_anything_else(objectnet):
    """With a border of 2 not a trace of red is left, even after scaling; with 1 there is."""
    data = home(side=12)
    clean = np.asarray(probes(member(objectnet), data)[0].data.inputs[:4])
    assert (clean == [0, 0, 255]).all()
    scaled = np.asarray(probes(member(objectnet, resize=18), data)[0].data.inputs[:4])
    assert (scaled == [0, 0, 255]).all()
    left = np.asarray(
        probes(member(objectnet, border=1, crop=14), home(side=14))[0].data.inputs[:4]
    )
    assert (left[:, 0, 0] == [255, 0, 0]).all()


def test_what_is_left_out_is_counted(harmed):
    """Folders and images."""
    put(harmed / "images" / OTHERS[0] / "second.png", b"")
    assert member(harmed).notes(home(side=12)) == (
        "ObjectNet: 200 of 313 folders have no class in ImageNet and are left out (201 images).",
    )
    for name in OTHERS[:-1]:
        shutil.rmtree(harmed / "images" / name)
    assert member(harmed).notes(home(side=12)) == (
        "ObjectNet: 1 of 114 folders have no class in ImageNet and are left out (1 image).",
        "ObjectNet: 114 folders where the published set has 313.",
    )


@pytest.mark.parametrize("inner", ["", "objectnet-1.0", "objectnet-1.0/images"])
def test_any_of_the_archives_folders_will_do(objectnet, inner):
    """Its parent, itself, or the folder of images."""
    assert len(probes(member(objectnet.parent / inner), home(side=12))) == 4


def test_a_missing_folder_is_named(harmed):
    """Each of the 113 must be there."""
    shutil.rmtree(harmed / "images" / "teapot")
    with pytest.raises(UsageError, match="lacks 'teapot' of 113 class folders"):
        probes(member(harmed), home(side=12))


def test_its_own_lists_are_compared(harmed):
    """Where the mappings are there, no folder may be missing or unknown, and the overlap is ours."""
    mappings(harmed)
    assert len(probes(member(harmed), home(side=12))) == 4
    shutil.rmtree(harmed / "images" / OTHERS[7])
    with pytest.raises(UsageError, match=r"its own list.*lacks 'other_007' of 313"):
        probes(member(harmed), home(side=12))
    put(harmed / "images" / OTHERS[7] / "a.png", encoded(12, (0, 0, 255), "PNG", frame=2))
    put(harmed / "images" / "stranger" / "a.png", b"")
    with pytest.raises(UsageError, match="1 too many: 'stranger'"):
        probes(member(harmed), home(side=12))
    shutil.rmtree(harmed / "images" / "stranger")
    mappings(harmed, shared={name.title(): "x" for name in list(shared_classes())[1:]})
    with pytest.raises(UsageError, match="1 differ, such as 'alarm_clock'"):
        probes(member(harmed), home(side=12))


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff"])
def test_damaged_lists_are_refused(harmed, content):
    """In one sentence."""
    put(harmed / "mappings" / "folder_to_objectnet_label.json", content)
    with pytest.raises(UsageError, match=r"folder_to_objectnet_label.json' (cannot|holds)"):
        probes(member(harmed), home(side=12))


def test_a_border_is_a_number_of_pixels(tmp_path):
    """Not negative."""
    with pytest.raises(UsageError, match="'border' must be a whole number of pixels from 0"):
        member(tmp_path, border=-1)
