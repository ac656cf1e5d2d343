"""ImageNet-A and -R: some of ImageNet's classes, read in two ways, with a control."""

import shutil

import numpy as np
import pytest
from tests.stress.published.trees import blank, encoded, folders, home, linked, probes, put

from underspec import stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.data.images.imagenet import subset, wnids

SETS = ["imagenet_a", "imagenet_r"]


def names(name):
    return [wnids()[code] for code in subset(name)]


@pytest.fixture(scope="module", params=SETS)
def built(request, tmp_path_factory):
    """Name and folder of a set with two images of its first class and one of each other."""
    name = request.param
    images = dict.fromkeys(names(name), 1) | {names(name)[0]: 2}
    root = folders(
        tmp_path_factory.mktemp("set") / name.replace("_", "-"), images, encoded(8, (200, 0, 0))
    )
    put(root / "README.txt", b"about")
    return name, root


def test(built, **parameters):
    name, root = built
    return stress.get(name, path=str(root), **parameters)


test.__test__ = False


def small():
    """A holdout of each class once, at 8 pixels."""
    return home(side=8)


def test_both_figures_and_the_controls(built):
    """Four probes, named after the set, the control and the way to take the best class."""
    name, _ = built
    found = probes(test(built, resize=None, crop=8), small())
    assert [p.name for p in found] == [
        f"{name}-restricted",
        f"{name}-full1000",
        f"imagenet_on_{name}-restricted",
        f"imagenet_on_{name}-full1000",
    ]
    assert [p.answers.restricted for p in found] == [True, False, True, False]
    assert [p.family for p in found] == [name] * 2 + [f"imagenet_on_{name}"] * 2
    assert all(p.may_choose for p in found)
    title = "ImageNet-A" if name == "imagenet_a" else "ImageNet-R"
    assert found[0].title == f"{title}, best of the 200 shared classes"
    assert found[3].title == f"holdout on the classes of {title}, best of all 1,000 classes"


def test_labels_are_codes_of_the_sets_own_classes(built):
    """200 of them, in ImageNet's order, each read from one class of the model."""
    name, _ = built
    found = probes(test(built, resize=None, crop=8), small())
    own = found[0].data
    assert own.classes == tuple(names(name))
    assert own.labels.tolist() == [0, 0, *range(1, 200)]
    assert own.ids[0] == f"{name}/{names(name)[0]}/0.jpg"
    for probe in found:
        codes = probe.answers.codes
        assert codes.dtype == np.int32
        assert codes.shape == (1000,)
        assert codes[list(subset(name))].tolist() == list(range(200))
        assert np.count_nonzero(codes >= 0) == 200


def test_the_map_is_by_the_holdouts_class_codes(built):
    """A model's classes may be in another order than ImageNet's."""
    name, _ = built
    turned = home(side=8, classes=wnids()[::-1])
    codes = probes(test(built, resize=None, crop=8), turned)[0].answers.codes
    for code, wnid in enumerate(names(name)):
        assert codes[turned.classes.index(wnid)] == code
    assert np.count_nonzero(codes >= 0) == 200


def test_the_control_is_the_holdouts_examples_of_these_classes(built):
    """Same ids, clusters and images; labels in the set's codes."""
    data = small()
    control = probes(test(built, resize=None, crop=8), data)[2].data
    assert len(control) == 200
    place = {identity: row for row, identity in enumerate(data.ids.tolist())}
    rows = [place[identity] for identity in control.ids.tolist()]
    assert rows == sorted(rows)
    true = [data.classes[label] for label in data.labels[rows]]
    assert [control.classes[label] for label in control.labels] == true
    assert control.clusters.tolist() == data.clusters[rows].tolist()
    assert np.asarray(control.inputs).shape == (200, 8, 8, 3)


def test_one_way_and_no_control(built):
    """Each can be had alone."""
    name, _ = built
    found = probes(test(built, argmax="full1000", control=False, resize=None, crop=8), small())
    assert [p.name for p in found] == [f"{name}-full1000"]
    found = probes(test(built, argmax=["restricted"], resize=None, crop=8), small())
    assert [p.name for p in found] == [f"{name}-restricted", f"imagenet_on_{name}-restricted"]


def test_pictures_are_prepared_as_told(built):
    """Scaled, then cut; read when needed."""
    own = probes(test(built, resize=12, crop=8), small())[0].data
    assert isinstance(own.inputs, Lazy)
    pixels = np.asarray(own.inputs[:3])
    assert pixels.shape == (3, 8, 8, 3)
    assert np.abs(pixels.astype(int) - [200, 0, 0]).max() < 6
    assert len(probes(test(built, resize=8, crop=8, examples=50), small())[0].data) == 50


def test_a_set_that_is_not_whole_is_told(built):
    """By number."""
    (note,) = test(built).notes(small())
    assert note.startswith(("ImageNet-A: 201 images where", "ImageNet-R: 201 images where"))
    assert note.endswith(("set has 7,500.", "set has 30,000."))


def test_class_folders_are_compared(built, tmp_path):
    """One missing, or one too many."""
    name, root = built
    root = linked(root, tmp_path / root.name)
    built = name, root
    put(root / "n00000001" / "a.jpg", b"")
    with pytest.raises(UsageError, match="1 too many: 'n00000001'"):
        probes(test(built, resize=None, crop=8), small())
    shutil.rmtree(root / "n00000001")
    shutil.rmtree(root / names(name)[3])
    with pytest.raises(UsageError, match=f"lacks '{names(name)[3]}' of 200 class folders"):
        probes(test(built, resize=None, crop=8), small())


def test_the_holdout_must_have_imagenets_classes(built):
    """All 1,000, by their ids or numbers."""
    few = home(side=8, classes=wnids()[:200], labels=np.arange(1000) % 200)
    with pytest.raises(UsageError, match="needs models of the 1,000 classes of ImageNet"):
        probes(test(built, resize=None, crop=8), few)
    other = (*wnids()[:-1], "n99999999")
    with pytest.raises(UsageError, match=f"without '{wnids()[-1]}'"):
        probes(test(built, resize=None, crop=8), home(side=8, classes=other))
    numbers = home(side=8, classes=[str(code) for code in range(1000)])
    assert probes(test(built, resize=None, crop=8), numbers)
    with pytest.raises(UsageError, match="come out as 8 x 8 pixels"):
        probes(test(built, resize=None, crop=8), home(side=16))


def test_a_control_needs_examples(built):
    """Of the shared classes; else it is said."""
    name, _ = built
    outside = next(code for code in range(1000) if code not in subset(name))
    data = home(3, side=8, labels=[outside] * 3)
    with pytest.raises(UsageError, match="say control: false"):
        probes(test(built, resize=None, crop=8), data)
    assert len(probes(test(built, resize=None, crop=8, control=False), data)) == 2


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"argmax": "best"}, "Known: restricted, full1000"),
        ({"argmax": []}, "each way once"),
        ({"argmax": ["restricted", "restricted"]}, "each way once"),
        ({"resize": 100}, "crop of 224"),
        ({"examples": 0}, "at least 1"),
    ],
)
def test_parameters_are_checked(built, parameters, says):
    """Each in one sentence."""
    with pytest.raises(UsageError, match=says):
        test(built, **parameters)


def test_a_holdout_of_one_channel_gets_one(built):
    """Grey models are asked with grey images."""
    own = probes(test(built, resize=None, crop=8), home(side=8, inputs=blank(1000, 8, 1)))[0].data
    assert np.asarray(own.inputs[:2]).shape == (2, 8, 8, 1)
