"""Every published set keeps the contract of a stress test; the check finds those that do not."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.stress.published.test_cifar_c import LABELS, the_test_set, written
from tests.stress.published.trees import blank, corrupted, encoded, folders, home

from underspec import stress
from underspec.core.lazy import Lazy
from underspec.core.records import ClassMap, Data, Probe
from underspec.data.arrays import of
from underspec.data.images.imagenet import subset, wnids
from underspec.stress._protocol import Fed, Noted
from underspec.stress.published.cifar_c import Cifar100C
from underspec.stress.published.objectnet import shared_classes
from underspec.testing.stress import check_stress

PUBLISHED = [row.name for row in stress.table() if ".published." in row.target]
GREY = encoded(8, (90, 90, 90))
TINY = tuple(f"n{10_000_000 + at}" for at in range(200))
SMALL = {"resize": None, "crop": 8}
ONE = {"only": ["fog"], "severities": [1, 2]}


def _imagenet_c(tmp_path):
    data = home(4, wnids()[:4])
    corrupted(tmp_path, data, ["fog"], (1, 2))
    return ONE, data


def _tiny(tmp_path):
    data = home(200, TINY, 64)
    corrupted(tmp_path, data, ["fog"], (1, 2))
    # All but one pair with the holdout.
    return ONE | {"examples": 60}, data.take(np.arange(199))


def _cifar_10(tmp_path):
    written(tmp_path, ["fog"])
    return ONE | {"severities": 1, "examples": 500}, the_test_set()


def _cifar_100(tmp_path):
    written(tmp_path, ["fog"])
    return ONE | {"severities": 1}, the_test_set(LABELS[:99], Cifar100C.classes)


def _subset(name):
    def build(tmp_path):
        folders(tmp_path, {wnids()[code]: 1 for code in subset(name)}, GREY)
        return SMALL, home(side=8)

    return build


def _objectnet(tmp_path):
    folders(tmp_path / "images", dict.fromkeys(shared_classes(), 1), encoded(8, (1, 2, 3), frame=2))
    return SMALL, home(side=8)


def _v2(tmp_path):
    folders(tmp_path, dict.fromkeys(map(str, range(1000)), 1), GREY)
    return SMALL | {"examples": 300}, home(side=8)


def _sketch(tmp_path):
    folders(tmp_path, dict.fromkeys(wnids(), 1), GREY)
    return SMALL, home(side=8)


def _domains(tmp_path):
    for domain in ("a", "b"):
        folders(tmp_path / domain, {"cat": 3, "dog": 4}, GREY)
    return SMALL, home(6, ("cat", "dog"), 8)


BUILT = {
    "cifar_100_c_files": _cifar_100,
    "cifar_10_c_files": _cifar_10,
    "domains": _domains,
    "imagenet_a": _subset("imagenet_a"),
    "imagenet_c_files": _imagenet_c,
    "imagenet_r": _subset("imagenet_r"),
    "imagenet_sketch": _sketch,
    "imagenet_v2": _v2,
    "objectnet": _objectnet,
    "tiny_imagenet_c_files": _tiny,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_set_keeps_the_contract(name, tmp_path):
    """Each row of the table passes the shipped check on a tree in its layout."""
    parameters, data = BUILT[name](tmp_path)
    check_stress(stress.get(name, path=str(tmp_path), **parameters), data, external=True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_set_says_what_it_is(name, tmp_path):
    """Where it was published, that it is images; nothing is read to find out."""
    test = stress.get(name, path=str(tmp_path / "none"))
    assert test.modality == "images"
    assert test.kind == "shifted"
    assert len(test.source) > 40
    assert isinstance(test, Fed)
    assert name == "domains" or isinstance(test, Noted)


@dataclass(frozen=True)
class _Elsewhere:
    """A stress test with images of its own that is right where nothing is overridden."""

    kind: str = "shifted"

    def __call__(self, data, key):
        ids = np.asarray([f"own-{at}" for at in range(5)])
        labels = np.arange(5, dtype=np.int32) % 3
        made = Data(self.inputs(data), labels, ids, ids, classes=data.classes)
        yield Probe(
            "elsewhere", self.kind, "elsewhere", self.wrap(made, data), answers=self.map(made)
        )

    def inputs(self, data):
        return np.full((5, *data.inputs.shape[1:]), 7, np.uint8)

    def wrap(self, made, data):
        return made

    def map(self, made):
        return None


class _Size(_Elsewhere):
    def inputs(self, data):
        return np.zeros((5, 9, 9, 1), np.uint8)


class _Floats(_Elsewhere):
    def inputs(self, data):
        return Lazy.of(_reading(data, "float32"))


class _Classes(_Elsewhere):
    def wrap(self, made, data):
        return replace(made, classes=("a", "b", "c"))


class _Labels(_Elsewhere):
    def wrap(self, made, data):
        return replace(made, labels=made.labels + np.int32(1))


class _Mixed(_Elsewhere):
    def wrap(self, made, data):
        return replace(made, ids=np.asarray([data.ids[0], *made.ids[1:]]))


class _Whimsical(_Elsewhere):
    def wrap(self, made, data):
        return made.take(np.arange(5 if len(data) > 100 else 4))


class _Mapped(_Elsewhere):
    codes: tuple = (1, 0, 2)

    def wrap(self, made, data):
        return replace(made, classes=("a", "b", "c"))

    def map(self, made):
        return ClassMap(np.asarray(self.codes, np.int32), restricted=True)


class _TooFew(_Mapped):
    codes = (1, 0)


class _NotThere(_Mapped):
    codes = (1, 0, 3)


class _NeverRight(_Mapped):
    codes = (1, 0, -1)


class _Recoded(_Elsewhere):
    """The data's own examples in classes of the probe's own."""

    swap: tuple = (1, 0)

    def __call__(self, data, key):
        codes = np.asarray([1, 0, -1], np.int32)
        rows = np.flatnonzero(codes[data.labels] >= 0)
        if not len(rows):
            return
        held = data.take(rows)
        labels = np.asarray([*self.swap, -1], np.int32)[held.labels]
        held = replace(held, labels=labels, classes=("zero", "one"))
        yield Probe("own", "shifted", "own", held, answers=ClassMap(codes, restricted=False))


class _Miscoded(_Recoded):
    swap = (0, 1)


def _reading(data, kind):
    return blank(5, data.inputs.shape[1], 1, kind).source


@pytest.mark.parametrize("sound", [_Elsewhere(), _Mapped(), _Recoded()])
def test_sound_ones_pass(sound):
    """The broken ones below differ from these in one thing each."""
    check_stress(sound, external=True)


def test_examples_of_their_own_must_be_allowed():
    """A stress test that should distort the holdout may not bring others unless it is said."""
    with pytest.raises(AssertionError, match="ids that the data lacks"):
        check_stress(_Elsewhere())
    check_stress(_Recoded())


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_Size(), r"is uint8 \[9, 9, 1\], but one of the data uint8 \[28, 28, 1\]"),
        (_Floats(), "is float32"),
        (_Classes(), "no `answers`"),
        (_Labels(), "none of its 3 classes"),
        (_Mixed(), "ids that the data lacks"),
        (_Whimsical(), "others for other examples"),
        (_TooFew(), "each of the data's 3 classes"),
        (_NotThere(), "not mapped to its own 3 classes"),
        (_NeverRight(), "would be right"),
        (_Miscoded(), "not those of its ids"),
    ],
)
def test_each_breach_is_found(broken, says):
    """The check names what is wrong."""
    with pytest.raises(AssertionError, match=says):
        check_stress(broken, external=True)


def test_frames_are_checked_without_shapes():
    """Inputs that are no arrays have no shape to compare."""
    pandas = pytest.importorskip("pandas")
    data = of(pandas.DataFrame({"x": np.arange(120.0)}), [0, 1, 2] * 40)

    class Rows(_Elsewhere):
        def inputs(self, held):
            return pandas.DataFrame({"x": np.zeros(5)})

    check_stress(Rows(), data, external=True)
