"""ImageNet-V2, ImageNet-Sketch, and domains in folders: other images of the holdout's classes."""

import shutil

import numpy as np
import pytest
from tests.stress.published.trees import encoded, folders, home, linked, probes, put

from underspec import stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.data.images.imagenet import wnids

GREY = encoded(8, (90, 90, 90))
V2 = "imagenetv2-matched-frequency-format-val"


@pytest.fixture(scope="module")
def v2(tmp_path_factory):
    """Folders 0 ... 999; one image each, two of class 10."""
    root = tmp_path_factory.mktemp("v2") / V2
    return folders(root, {str(code): 1 + (code == 10) for code in range(1000)}, GREY)


@pytest.fixture(scope="module")
def sketch(tmp_path_factory):
    root = tmp_path_factory.mktemp("sketch") / "sketch"
    return folders(root, dict.fromkeys(wnids(), 1), GREY)


def member(name, path, /, **parameters):
    return stress.get(name, path=str(path), **{"resize": None, "crop": 8} | parameters)


def small(**more):
    return home(side=8, **more)


def test_numeric_folders_are_numbers(v2):
    """Folder 10 is class 10, not class 2, as a sort of text would have it."""
    (probe,) = probes(member("imagenet_v2", v2), small())
    assert len(probe.data) == 1001
    for identity, label in zip(probe.data.ids.tolist(), probe.data.labels.tolist(), strict=True):
        assert int(identity.split("/")[1]) == label
    assert np.flatnonzero(np.bincount(probe.data.labels) == 2).tolist() == [10]
    turned = small(classes=wnids()[::-1])
    (probe,) = probes(member("imagenet_v2", v2), turned)
    assert np.flatnonzero(np.bincount(probe.data.labels) == 2).tolist() == [989]
    assert probe.data.classes == turned.classes


def test_the_three_sets_are_named_by_their_folders(v2, tmp_path):
    """So that all three fit in one study."""
    (probe,) = probes(member("imagenet_v2", v2), small())
    assert (probe.name, probe.family) == ("imagenet_v2-matched_frequency", "imagenet_v2")
    (probe,) = probes(member("imagenet_v2", v2.parent), small())
    assert probe.name == "imagenet_v2-matched_frequency"
    for folder, name in (
        ("imagenetv2-threshold0.7-format-val", "imagenet_v2-threshold_0.7"),
        ("imagenetv2-top-images-format-val", "imagenet_v2-top_images"),
        ("mine", "imagenet_v2"),
    ):
        (tmp_path / folder).symlink_to(v2, target_is_directory=True)
        (probe,) = probes(member("imagenet_v2", tmp_path / folder), small())
        assert probe.name == name


def test_sketch_is_by_wordnet_id(sketch):
    """One probe of the holdout's classes, with ids of its own."""
    data = small()
    (probe,) = probes(member("imagenet_sketch", sketch), data)
    assert probe.name == probe.family == "imagenet_sketch"
    assert probe.data.classes == data.classes
    assert probe.answers is None
    for identity, label in zip(probe.data.ids.tolist(), probe.data.labels.tolist(), strict=True):
        assert identity.split("/")[1] == data.classes[label]
    assert isinstance(probe.data.inputs, Lazy)
    assert np.abs(np.asarray(probe.data.inputs[:2]).astype(int) - 90).max() < 4


@pytest.mark.parametrize(
    ("name", "whole"), [("imagenet_v2", "10,000"), ("imagenet_sketch", "50,889")]
)
def test_a_set_that_is_not_whole_is_told(name, whole, v2, sketch):
    """By number; or which class folders a smaller holdout leaves out."""
    test = member(name, v2 if name == "imagenet_v2" else sketch)
    (note,) = test.notes(small())
    assert note.endswith(f"images where the published set has {whole}.")
    few = home(10, wnids()[:10], 8)
    assert len(probes(test, few)[0].data) == 10
    assert "990 class folders left out, being no classes of the holdout." in test.notes(few)[0]


def test_classes_that_the_holdout_never_shows_are_told(v2):
    """As when it was read with some of the classes only."""
    data = home(20, side=8, labels=np.arange(20) % 10)
    assert member("imagenet_v2", v2).notes(data)[1] == (
        "ImageNet-V2: its images are of 1,000 classes, of which the holdout has examples of 10 only."
    )


def test_links_in_circles_end(pacs):
    """They are seen, and not followed; nor is one that leads nowhere."""
    test = member("domains", pacs, only="photo")
    before = test.fingerprint()
    (pacs / "photo" / "dog" / "up").symlink_to(pacs / "photo", target_is_directory=True)
    (pacs / "photo" / "dog" / "gone.jpg").symlink_to(pacs / "nothing.jpg")
    assert test.fingerprint() != before


def test_files_that_change_are_noticed(pacs):
    """In the domains that are asked for."""
    test = member("domains", pacs, only="photo")
    before = test.fingerprint()
    put(pacs / "Cartoon" / "dog" / "another.jpg", GREY)
    assert test.fingerprint() == before
    put(pacs / "photo" / "dog" / "another.jpg", GREY)
    assert test.fingerprint() != before


def test_folders_are_compared(v2, sketch, tmp_path):
    """Missing, too many, or of the other set."""
    linked(v2, tmp_path / V2)
    shutil.rmtree(tmp_path / V2 / "7")
    with pytest.raises(UsageError, match="lacks '7' of 1000 class folders"):
        probes(member("imagenet_v2", tmp_path), small())
    put(tmp_path / V2 / "7" / "a.jpg", GREY)
    put(tmp_path / V2 / "1000" / "a.jpg", GREY)
    with pytest.raises(UsageError, match="1 too many: '1000'"):
        probes(member("imagenet_v2", tmp_path), small())
    with pytest.raises(
        UsageError, match=r"lacks 1000 .* of 1000 class folders and has 1000 too many"
    ):
        probes(member("imagenet_v2", sketch), small())
    with pytest.raises(UsageError, match="is a class of the holdout, but none of the 1,000"):
        probes(member("imagenet_v2", v2), home(2, ["n99999999", "n99999998"], 8))


CLASSES = ("dog", "guitar", "house")


@pytest.fixture
def pacs(tmp_path):
    """Three domains of three classes; domain names that are no probe names."""
    for count, domain in enumerate(("art_painting", "Cartoon", "photo"), 1):
        folders(tmp_path / domain, dict.fromkeys(CLASSES, count), GREY)
    return tmp_path


def things(classes=CLASSES, **more):
    return home(6, classes, 8, ids=[f"train-{i}" for i in range(6)], **more)


def test_each_domain_is_a_probe(pacs):
    """Sorted, named in plain letters, titled as they are; classes by the holdout's names."""
    found = probes(member("domains", pacs), things())
    assert [p.title for p in found] == [
        "domains = Cartoon",
        "domains = art_painting",
        "domains = photo",
    ]
    assert found[1].name == "domains-art_painting"
    assert found[0].name.startswith("domains-cartoon")
    assert {p.family for p in found} == {"domains"}
    assert [len(p.data) for p in found] == [6, 3, 9]
    turned = things(CLASSES[::-1])
    (probe,) = probes(member("domains", pacs, only="photo"), turned)
    for identity, label in zip(probe.data.ids.tolist(), probe.data.labels.tolist(), strict=True):
        assert identity.split("/")[2] == turned.classes[label]
    assert probe.data.ids[0] == "domains/photo/house/0.jpg"


def test_domains_in_the_order_asked_for_under_another_name(pacs):
    """A second data set needs a name of its own."""
    test = member("domains", pacs, only=["photo", "art_painting"], name="pacs", examples=2)
    found = probes(test, things())
    assert [p.name for p in found] == ["pacs-photo", "pacs-art_painting"]
    assert [len(p.data) for p in found] == [2, 2]


def test_domains_are_compared(pacs):
    """A class missing or too many in one of them, a domain that is not there, nothing there."""
    shutil.rmtree(pacs / "photo" / "dog")
    with pytest.raises(UsageError, match=r"the domain 'photo': it lacks 'dog' of 3"):
        probes(member("domains", pacs, only="photo"), things())
    put(pacs / "Cartoon" / "horse" / "a.jpg", GREY)
    with pytest.raises(UsageError, match="1 too many: 'horse'"):
        probes(member("domains", pacs, only="Cartoon"), things())
    with pytest.raises(UsageError, match=r"No domain of .* named 'foto'. Did you mean 'photo'"):
        probes(member("domains", pacs, only="foto"), things())
    (pacs / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no folders"):
        probes(member("domains", pacs / "empty"), things())
    with pytest.raises(UsageError, match="by name, but these have none"):
        probes(member("domains", pacs), things((), labels=[0] * 6))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"name": "My Set"}, "small letters"),
        ({"only": []}, "each once"),
        ({"only": ["a", "a"]}, "each once"),
        ({"examples": -1}, "at least 1"),
        ({"crop": 0}, "'crop' must be"),
    ],
)
def test_parameters_are_checked(tmp_path, parameters, says):
    """Each in one sentence."""
    with pytest.raises(UsageError, match=says):
        member("domains", tmp_path, **parameters)
