"""ImageNet-C and Tiny-ImageNet-C: folders of corruption, severity and class."""

import os
import shutil

import numpy as np
import pytest
from tests.stress.published.trees import (
    KEY,
    blank,
    corrupted,
    encoded,
    home,
    linked,
    probes,
    put,
    val,
)

from underspec import data as readers
from underspec import stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.data.checksum import checksum
from underspec.data.images.files import ImageFiles
from underspec.data.images.imagenet import wnids
from underspec.measure.alexnet import ERRORS
from underspec.stress.images.pictures import chosen
from underspec.stress.published.corruptions import TEST, VALIDATION

TINY = tuple(f"n{10_000_000 + at}" for at in range(200))


def imagenet(path, **parameters):
    parameters = {"only": ["gaussian_noise", "fog"], "severities": [1, 3]} | parameters
    return stress.get("imagenet_c_files", path=str(path), **parameters)


def tiny(path, **parameters):
    parameters = {"only": "fog", "severities": 1} | parameters
    return stress.get("tiny_imagenet_c_files", path=str(path), **parameters)


def tiny_home(n=200, **more):
    return home(n, TINY, 64, ids=[f"val_{i}" for i in range(n)], **more)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Tiny-ImageNet-C with two corruptions at one severity."""
    root = tmp_path_factory.mktemp("tiny") / "Tiny-ImageNet-C"
    return corrupted(root, tiny_home(), ["fog", "snow"])


@pytest.fixture
def harmed(small, tmp_path):
    """A copy of it, to be harmed."""
    return linked(small, tmp_path / "Tiny-ImageNet-C")


def test_probes_are_named_as_published(imagenet_c):
    """A probe a corruption and severity, in the order asked for, of one suite."""
    found = probes(imagenet(imagenet_c), home())
    assert [p.name for p in found] == ["gaussian_noise-1", "gaussian_noise-3", "fog-1", "fog-3"]
    assert [p.family for p in found] == ["gaussian_noise", "gaussian_noise", "fog", "fog"]
    assert [p.severity for p in found] == [1, 3, 1, 3]
    assert {p.kind for p in found} == {"shifted"}
    assert {p.suite for p in found} == {"imagenet_c"}
    assert found[3].title == "fog, severity 3"
    assert all(p.may_choose and p.answers is None for p in found)


def test_images_are_the_holdouts_examples_by_name(imagenet_c):
    """Ids, clusters, groups and labels are the holdout's, in its order."""
    turned = np.random.default_rng(0).permutation(1000)
    data = home(groups={"site": np.asarray(["a", "b"] * 500)}).take(turned)
    for probe in probes(imagenet(imagenet_c), data):
        assert probe.data.ids.tolist() == data.ids.tolist()
        assert probe.data.clusters.tolist() == data.clusters.tolist()
        assert probe.data.labels.tolist() == data.labels.tolist()
        assert probe.data.groups["site"].tolist() == data.groups["site"].tolist()
        assert probe.data.classes == data.classes


def test_it_pairs_with_the_readers_validation_images(imagenet_c, tmp_path):
    """ImageNet as the reader reads it, and its distorted versions."""
    for identity, label in zip(home().ids.tolist(), home().labels.tolist(), strict=True):
        put(tmp_path / "val" / wnids()[label] / f"{identity}.JPEG", b"never read")
    data = readers.get("imagenet", root=str(tmp_path))()
    test = imagenet(imagenet_c)
    for probe in probes(test, data):
        assert probe.data.ids.tolist() == data.ids.tolist()
        assert probe.data.labels.tolist() == data.labels.tolist()
    assert len(test.notes(data)) == 1  # of the number of images


def test_each_example_gets_the_file_of_its_name(tmp_path):
    """The file's folder is its class and its name the id, whatever the order of the holdout."""
    data = home(3, TINY[:3], 64, labels=[2, 0, 1], ids=["val_9", "val_5", "val_7"])
    for level, (identity, folder) in enumerate((("val_9", 2), ("val_5", 0), ("val_7", 1)), 1):
        path = tmp_path / "fog" / "1" / TINY[folder] / f"{identity}.JPEG"
        put(path, encoded(64, (level * 60,) * 3))
    (probe,) = probes(tiny(tmp_path), data)
    pixels = np.asarray(probe.data.inputs)
    assert pixels.shape == (3, 64, 64, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.mean(axis=(1, 2, 3)) - [60, 120, 180]).max() < 3


def test_the_middle_is_cut_out_and_nothing_scaled(tmp_path):
    """A frame of one pixel around 224 goes, and not a trace of it is left."""
    data = home(2, wnids()[:2])
    for label in (0, 1):
        content = encoded(224, (0, 0, 255), "PNG", frame=1)
        put(tmp_path / "fog" / "1" / wnids()[label] / f"{val(2 - label)}.png", content)
    (probe,) = probes(imagenet(tmp_path, only="fog", severities=1), data)
    pixels = np.asarray(probe.data.inputs)
    assert pixels.shape == (2, 224, 224, 3)
    assert (pixels == [0, 0, 255]).all()


def test_enumerating_decodes_nothing(imagenet_c, monkeypatch):
    """Inputs are lazy; only folders are listed."""

    def read(self, rows):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFiles, "read", read)
    found = probes(imagenet(imagenet_c), home())
    assert all(isinstance(p.data.inputs, Lazy) for p in found)


def test_fifteen_are_the_test_and_four_are_for_tuning(tmp_path):
    """By default the 15; with `validation` the 4 as well, which say so; AlexNet has the 15."""
    data = home(2, TINY[:2], 64, ids=["val_0", "val_1"])
    corrupted(tmp_path, data, TEST + VALIDATION)
    names = [p.family for p in probes(tiny(tmp_path, only=None), data)]
    assert tuple(names) == TEST
    assert set(names) == set(ERRORS)
    all_of_them = probes(tiny(tmp_path, only=None, validation=True), data)
    assert [p.family for p in all_of_them] == [*TEST, *VALIDATION]
    assert [p.title for p in all_of_them[15:]] == [
        "speckle noise (validation), severity 1",
        "gaussian blur (validation), severity 1",
        "spatter (validation), severity 1",
        "saturate (validation), severity 1",
    ]
    assert [p.name for p in probes(tiny(tmp_path, only=["spatter", "fog"]), data)] == [
        "spatter-1",
        "fog-1",
    ]


def test_folders_may_keep_the_archives_names(tmp_path):
    """``noise/gaussian_noise`` is as good as ``gaussian_noise``."""
    data = home(2, wnids()[:2])
    corrupted(tmp_path / "weather", data, ["fog"], (1, 3))
    corrupted(tmp_path / "noise", data, ["gaussian_noise"], (1, 3))
    assert len(probes(imagenet(tmp_path), data)) == 4


def test_the_parent_of_the_archives_folder_will_do(small):
    """What an archive unpacks to is found in the folder it was unpacked in."""
    assert len(probes(tiny(small.parent), tiny_home())) == 1


def test_classes_in_any_order_and_as_numbers(imagenet_c):
    """Folders are matched by WordNet id; 0 ... 999 are ImageNet's codes."""
    data = home()
    turned = home(classes=wnids()[::-1], labels=999 - data.labels)
    (probe,) = probes(imagenet(imagenet_c, only="fog", severities=1), turned)
    assert probe.data.labels.tolist() == turned.labels.tolist()
    numbered = home(classes=[str(code) for code in range(1000)])
    (probe,) = probes(imagenet(imagenet_c, only="fog", severities=1), numbered)
    assert probe.data.labels.tolist() == data.labels.tolist()


def test_numbers_in_the_order_of_text_are_refused(imagenet_c):
    """10 before 2 would call nearly every image wrongly."""
    data = home(classes=sorted(str(code) for code in range(1000)))
    with pytest.raises(UsageError, match="where 10 comes before 2"):
        probes(imagenet(imagenet_c), data)


def test_images_without_a_namesake_are_examples_of_their_own(imagenet_c):
    """Nothing pairs: all images are used, ids are the file names, and it is said."""
    data = home(ids=[f"mine-{i}" for i in range(1000)])
    test = imagenet(imagenet_c)
    found = probes(test, data)
    assert len(found[0].data) == 1000
    expected = dict(zip(home().ids.tolist(), home().labels.tolist(), strict=True))
    got = dict(zip(found[0].data.ids.tolist(), found[0].data.labels.tolist(), strict=True))
    assert got == expected
    assert found[0].data.clusters.tolist() == found[3].data.ids.tolist()
    first, second = test.notes(data)
    assert first == "ImageNet-C: 1,000 images of each where the published set has 50,000."
    assert second == (
        "ImageNet-C: the file names are no ids of the holdout, so that its images count as another "
        "sample of examples."
    )


def test_only_the_holdouts_own_images_are_used(small):
    """The others may have been trained on; their number is told."""
    data = tiny_home()
    test = tiny(small)
    part = data.take(np.arange(50))
    (probe,) = probes(test, part)
    assert probe.data.ids.tolist() == part.ids.tolist()
    assert test.notes(part)[1] == (
        "Tiny-ImageNet-C: 150 images left out, being no examples of the holdout."
    )
    more = tiny_home(250, labels=[*data.labels, *[0] * 50])
    (probe,) = probes(test, more)
    assert len(probe.data) == 200
    assert test.notes(more)[1] == (
        "Tiny-ImageNet-C: 50 examples of the holdout have no image there."
    )


def test_ids_may_carry_folder_and_suffix(small):
    """``n01440764/val_7.JPEG`` is the image ``val_7``."""
    plain = tiny_home()
    ids = [f"{plain.classes[c]}/{i}.JPEG" for i, c in zip(plain.ids, plain.labels, strict=True)]
    (probe,) = probes(tiny(small), home(200, TINY, 64, ids=ids))
    assert probe.data.ids.tolist() == ids


def test_a_holdout_of_some_classes_is_asked_about_these(small):
    """The other folders are left out and counted; the corruption error is of another name."""
    data = tiny_home().take(np.arange(190, 200))  # labels 9 ... 0
    data = home(10, TINY[:10], 64, labels=data.labels, ids=data.ids)
    test = tiny(small)
    (probe,) = probes(test, data)
    assert probe.data.labels.tolist() == data.labels.tolist()
    assert probe.suite == "tiny_imagenet_c_of_10_classes"
    assert test.notes(data) == (
        "Tiny-ImageNet-C: 190 class folders left out, being no classes of the holdout.",
    )


def test_a_smaller_number_is_the_same_for_all_stress_tests(small):
    """`examples` takes the images that a generated corruption takes."""
    data = tiny_home()
    (probe,) = probes(tiny(small, examples=20), data)
    assert probe.data.ids.tolist() == chosen(data, 20, KEY).ids.tolist()
    assert len(probe.data) == 20


def test_files_that_change_are_noticed(harmed):
    """One added, taken away or replaced, also by one of its size; other corruptions do not matter."""
    test = tiny(harmed)
    before = test.fingerprint()
    assert tiny(harmed).fingerprint() == before
    path = harmed / "fog" / "1" / TINY[0] / "val_199.JPEG"
    content, stat = path.read_bytes(), path.stat()
    path.unlink()
    gone = test.fingerprint()
    put(path, content + b" ")
    larger = test.fingerprint()
    path.write_bytes(bytes(len(content)))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    other = test.fingerprint()
    put(path, content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert test.fingerprint() == before
    assert len({before, gone, larger, other}) == 4
    shutil.rmtree(harmed / "snow")
    assert test.fingerprint() == before


def test_one_channel_is_read_for_a_holdout_of_one(small):
    """Models of grey images get grey images."""
    (probe,) = probes(tiny(small), tiny_home(inputs=blank(200, 64, 1)))
    assert np.asarray(probe.data.inputs[:2]).shape == (2, 64, 64, 1)


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("fog", "lacks 1 of 2 corruption folders asked for ('fog')"),
        ("fog/1", "lacks 1 of 2 severity folders asked for ('fog/1')"),
        (
            f"fog/1/{TINY[3]}",
            f"lacks '{TINY[3]}' of 200 class folders. Unpack its archive there again.",
        ),
    ],
)
def test_missing_folders_are_named(harmed, harm, says):
    """Each kind in one sentence, before anything is decoded."""
    shutil.rmtree(harmed / harm)
    with pytest.raises(UsageError) as caught:
        probes(tiny(harmed, only=["snow", "fog"]), tiny_home())
    assert says in str(caught.value)
    assert "Tiny-ImageNet-C" in str(caught.value)


def test_a_folder_too_many_is_named(harmed):
    """A class that nobody knows is not skipped."""
    put(harmed / "fog" / "1" / "n99999999" / "val_0.JPEG", b"")
    with pytest.raises(UsageError, match="1 too many: 'n99999999'"):
        probes(tiny(harmed), tiny_home())


def test_an_empty_class_folder_is_named(harmed):
    """An archive that was cut short leaves some."""
    (harmed / "fog" / "1" / TINY[0] / "val_199.JPEG").unlink()
    with pytest.raises(UsageError, match="holds no images"):
        probes(tiny(harmed), tiny_home())


def test_corruptions_hold_the_same_images(harmed):
    """One image more or less, and probes could not be compared."""
    place = harmed / "fog" / "1" / TINY[0]
    put(place / "val_999.JPEG", (place / "val_199.JPEG").read_bytes())
    with pytest.raises(UsageError) as caught:
        probes(tiny(harmed, only=["snow", "fog"]), tiny_home())
    assert "it has 1 more, such as" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        probes(tiny(harmed, only=["fog", "snow"]), tiny_home())
    assert "it lacks 1, such as" in str(caught.value)
    assert "val_999.JPEG" in str(caught.value)


def test_an_image_of_another_class_than_in_the_holdout_is_refused(small):
    """Then one of the two is labelled wrongly."""
    data = tiny_home(labels=np.arange(200))
    with pytest.raises(UsageError, match="200 images of Tiny-ImageNet-C have another class"):
        probes(tiny(small), data)


def test_two_images_of_one_name_are_refused(harmed):
    """Ids hang on names."""
    put(harmed / "fog" / "1" / TINY[1] / "val_199.JPEG", encoded(64, (0, 0, 0)))
    with pytest.raises(UsageError, match="two images named 'val_199'"):
        probes(tiny(harmed), tiny_home())


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (blank(200, 32), "come out as 64 x 64 pixels, but the holdout's are 32 x 32"),
        (blank(200, 64, kind="float32"), "read as uint8, but the holdout's are float32"),
        (np.zeros((200, 12)), "wants images"),
    ],
)
def test_the_holdout_must_be_of_such_images(small, inputs, says):
    """A model needs one size and type."""
    with pytest.raises(UsageError, match=says):
        probes(tiny(small), tiny_home(inputs=inputs))


def test_the_holdout_must_have_such_classes(small):
    """Names that are no WordNet ids cannot be matched with folders."""
    data = home(200, [f"class {i}" for i in range(200)], 64)
    with pytest.raises(UsageError, match="they are 'class 0', 'class 1', 'class 2' and 197 more"):
        probes(tiny(small), data)
    with pytest.raises(UsageError, match="they are not named"):
        probes(tiny(small), home(200, (), 64, labels=np.zeros(200)))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"only": ["fogg"]}, "Did you mean 'fog'"),
        ({"only": []}, "each once"),
        ({"only": ["fog", "fog"]}, "each once"),
        ({"only": ["fog"], "validation": True}, "leave 'validation' out"),
        ({"severities": [0]}, "from 1 to 5"),
        ({"examples": 0}, "at least 1"),
    ],
)
def test_parameters_are_checked(tmp_path, parameters, says):
    """Each in one sentence."""
    with pytest.raises(UsageError, match=says):
        tiny(tmp_path, **parameters)


def test_a_folder_that_is_not_there(tmp_path):
    """Neither is an archive a folder."""
    with pytest.raises(UsageError, match="There is no folder"):
        probes(tiny(tmp_path / "none"), tiny_home())
    put(tmp_path / "Tiny-ImageNet-C.tar", b"")
    with pytest.raises(UsageError, match="is an archive"):
        probes(tiny(tmp_path / "Tiny-ImageNet-C.tar"), tiny_home())


def test_an_image_that_cannot_be_read_is_found_without_decoding(harmed):
    """When the probe is hashed, which is before anything is trained."""
    path = harmed / "fog" / "1" / TINY[0] / "val_199.JPEG"
    put(path, path.read_bytes()[:-50])
    test = tiny(harmed, only=["fog"], severities=1)
    with pytest.raises(UsageError, match=r"1 of 200 images cannot be used\. .*val_199\.JPEG"):
        checksum(probes(test, tiny_home())[0].data)


@pytest.mark.parametrize("name", ["imagenet_c_files", "objectnet", "domains", "imagenet_v2"])
def test_a_path_that_is_none_is_refused(name):
    """A number out of a study file."""
    test = stress.get(name, path=5)
    with pytest.raises(UsageError, match="is a path, written as text; got 5"):
        probes(test, home())
