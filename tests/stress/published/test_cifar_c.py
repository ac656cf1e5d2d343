"""CIFAR-10-C and CIFAR-100-C: one file a corruption, five severities in a row."""

import hashlib

import numpy as np
import pytest
from tests.stress.published.trees import KEY, blank, home, probes

from underspec import stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.data import checksum
from underspec.stress.images.pictures import chosen
from underspec.stress.published.cifar_c import Cifar10C, Cifar100C
from underspec.stress.published.corruptions import TEST, VALIDATION

LABELS = np.random.default_rng(3).integers(0, 10, 10_000)
MARKED = (0, 7, 9_999)


def written(path, names, shape=(50_000, 32, 32, 3), dtype=np.uint8):
    """Write the official files; all black but a few marked images, so that the disk holds little."""
    path.mkdir(parents=True, exist_ok=True)
    np.save(path / "labels.npy", np.tile(LABELS, 5).astype(np.uint8))
    for name in names:
        array = np.lib.format.open_memmap(path / f"{name}.npy", "w+", dtype, shape)
        for severity in range(1, 6):
            for at in MARKED:
                if (severity - 1) * 10_000 + at < len(array):
                    array[(severity - 1) * 10_000 + at] = 10 * severity + MARKED.index(at)
        del array
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("cifar") / "CIFAR-10-C", ["fog", "snow"])


def cifar(path, **parameters):
    return stress.get("cifar_10_c_files", path=str(path), **{"only": ["fog"]} | parameters)


def the_test_set(labels=LABELS, classes=Cifar10C.classes, **more):
    given = {"ids": [f"{i:04d}" for i in range(len(labels))]} | more
    return home(len(labels), classes, 32, labels=labels, **given)


def test_severities_are_five_in_a_row(folder):
    """Image p at severity s is row (s - 1) * 10,000 + p."""
    found = probes(cifar(folder), the_test_set())
    assert [p.name for p in found] == ["fog-1", "fog-2", "fog-3", "fog-4", "fog-5"]
    assert {p.suite for p in found} == {"cifar_10_c"}
    for severity, probe in enumerate(found, 1):
        assert isinstance(probe.data.inputs, Lazy)
        assert probe.data.inputs.shape == (10_000, 32, 32, 3)
        pixels = np.asarray(probe.data.take(np.asarray(MARKED)).inputs)
        assert pixels.dtype == np.uint8
        assert pixels.reshape(3, -1).T.tolist()[0] == [10 * severity + at for at in range(3)]
        assert (pixels == pixels[:, :1, :1, :1]).all()


def test_the_test_set_in_its_order_keeps_ids_and_clusters(folder):
    """The same 10,000 labels in the same order can only be the test images."""
    data = the_test_set()
    (probe,) = probes(cifar(folder, severities=2), data)
    assert probe.data.ids.tolist() == data.ids.tolist()
    assert probe.data.clusters.tolist() == data.clusters.tolist()
    assert probe.data.labels.tolist() == data.labels.tolist()
    assert cifar(folder).notes(data) == ()


@pytest.mark.parametrize("ids", ["{:05d}", "test-{}"])
def test_numbers_in_ids_will_do(folder, ids):
    """A shuffled holdout whose ids count the images is put right."""
    data = the_test_set(ids=[ids.format(i) for i in range(10_000)])
    turned = data.take(np.random.default_rng(0).permutation(10_000))
    (probe,) = probes(cifar(folder, severities=2), turned)
    assert probe.data.ids.tolist() == turned.ids.tolist()
    assert probe.data.labels.tolist() == turned.labels.tolist()
    marked = np.asarray([turned.ids.tolist().index(ids.format(at)) for at in MARKED])
    pixels = np.asarray(probe.data.take(marked).inputs)
    assert pixels[:, 0, 0, 0].tolist() == [20, 21, 22]


def test_a_part_of_the_test_set_gets_its_own_images(folder):
    """The numbers in its ids tell which; the others may have been trained on."""
    rows = np.asarray([9_999, 0, *range(100, 300)])
    data = the_test_set(ids=[f"test-{i:05d}" for i in range(10_000)]).take(rows)
    test = cifar(folder, severities=3)
    (probe,) = probes(test, data)
    assert probe.data.ids.tolist() == data.ids.tolist()
    assert np.asarray(probe.data.inputs[:2])[:, 0, 0, 0].tolist() == [32, 30]
    (note,) = test.notes(data)
    assert note == "CIFAR-10-C: 9,798 of 10,000 images are no examples of the holdout and left out."


@pytest.mark.parametrize(
    "change",
    [
        lambda ids: [f"{i}a" for i in ids],
        lambda ids: [f"{i}" if i % 2 else f"b{i}" for i in ids],
        lambda ids: [f"{10_000 + i}" for i in ids],
        lambda ids: [f"{0 if i == 1 else ''}{i or 1}" for i in ids],
        lambda ids: [f"{499 - i}" for i in ids],
    ],
)
def test_numbers_that_do_not_tell_are_not_believed(folder, change):
    """None at the end, two kinds, too large, one twice, or labels that do not agree."""
    data = the_test_set(LABELS[:500], ids=change(range(500)))
    (probe,) = probes(cifar(folder, severities=1), data)
    assert probe.data.ids[0] == "cifar_10_c/00000"


def test_few_labels_that_agree_prove_nothing(folder):
    """Ten of ten may be chance."""
    (probe,) = probes(cifar(folder, severities=1), the_test_set(LABELS[:10]))
    assert len(probe.data) == 10_000


def test_other_holdouts_get_examples_of_their_own(folder):
    """No row can be told, so nothing pairs, and it is said."""
    data = the_test_set(LABELS[:500], ids=[f"mine-{i}-x" for i in range(500)])
    test = cifar(folder, severities=1)
    (probe,) = probes(test, data)
    assert len(probe.data) == 10_000
    assert probe.data.ids[12] == "cifar_10_c/00012"
    assert set(probe.data.ids).isdisjoint(data.ids)
    assert probe.data.labels.tolist() == LABELS.tolist()
    (note,) = test.notes(data)
    assert note == (
        "CIFAR-10-C: neither the ids nor the order of the holdout say which test images it has, so that "
        "these count as another sample of examples."
    )


def test_classes_are_matched_by_name(folder):
    """In any order; as numbers in theirs; by the labels themselves where names are one's own."""
    turned = Cifar10C.classes[::-1]
    (probe,) = probes(cifar(folder, severities=1), the_test_set(9 - LABELS, turned))
    assert probe.data.labels.tolist() == (9 - LABELS).tolist()
    (probe,) = probes(cifar(folder, severities=1), the_test_set(9 - LABELS[:99], turned))
    assert probe.data.labels.tolist() == (9 - LABELS).tolist()
    numbers = [str(code) for code in range(10)]
    (probe,) = probes(cifar(folder, severities=1), the_test_set(LABELS[:99], numbers))
    assert probe.data.labels.tolist() == LABELS.tolist()
    own = [f"thing {code}" for code in range(10)]
    (probe,) = probes(cifar(folder, severities=1), the_test_set(LABELS, own))
    assert probe.data.classes == tuple(own)
    with pytest.raises(UsageError, match=r"name them airplane, automobile ... truck, or 0 ... 9"):
        probes(cifar(folder, severities=1), the_test_set(LABELS[:99], own))


def test_examples_are_those_of_every_image_stress_test(folder):
    """A smaller number takes the same images everywhere."""
    data = the_test_set()
    (probe,) = probes(cifar(folder, severities=1, examples=40), data)
    assert probe.data.ids.tolist() == chosen(data, 40, KEY).ids.tolist()


def test_files_that_change_are_noticed(tmp_path):
    """They keep their size, so that their bytes are hashed."""
    written(tmp_path, ["fog"])
    before = cifar(tmp_path).fingerprint()
    assert cifar(tmp_path).fingerprint() == before
    array = np.lib.format.open_memmap(tmp_path / "fog.npy", "r+")
    array[77, 3, 3, 1] += 1
    array.flush()
    assert cifar(tmp_path).fingerprint() != before


def test_a_fingerprint_is_of_the_rows_alone(folder, tmp_path):
    """The same bytes elsewhere give the same, another byte another; nothing else counts."""
    data = the_test_set()
    written(tmp_path, ["fog"])
    here, there = (probes(cifar(at, severities=1), data)[0].data for at in (folder, tmp_path))
    assert checksum(here) == checksum(there)
    array = np.lib.format.open_memmap(tmp_path / "fog.npy", "r+")
    array[10_000] += 1
    assert checksum(here) == checksum(there)
    array[9_999, 3, 3, 1] += 1
    array.flush()
    assert checksum(here) != checksum(there)
    rows = np.asarray([0, 9_999])
    pieces = hashlib.sha256(repr(("rows", 1, (32, 32, 3))).encode())
    pieces.update(np.asarray(there.take(rows).inputs).tobytes())
    assert there.take(rows).inputs.digest() == pieces.hexdigest()


def test_cifar_100_has_its_own_classes(tmp_path):
    """100 fine classes; CIFAR-10's file with a class too many is found out."""
    written(tmp_path, ["fog"])
    np.save(tmp_path / "labels.npy", np.tile(np.arange(10_000) % 100, 5))
    test = stress.get("cifar_100_c_files", path=str(tmp_path), only="fog", severities=1)
    data = the_test_set(np.arange(10_000) % 100, Cifar100C.classes)
    (probe,) = probes(test, data)
    assert probe.suite == "cifar_100_c"
    assert probe.data.labels.tolist() == data.labels.tolist()
    with pytest.raises(UsageError, match="has 10 classes: is it of the other set"):
        probes(cifar(tmp_path), the_test_set())


def test_the_published_classes_are_listed_in_their_order():
    """Both lists are the published ones, which are in the order of the alphabet."""
    assert len(Cifar10C.classes) == 10
    assert len(set(Cifar100C.classes)) == 100
    assert list(Cifar100C.classes) == sorted(Cifar100C.classes)


def test_missing_files_are_named(folder):
    """How many, and some of them."""
    with pytest.raises(UsageError, match=r"lacks 13 of 15 files .*'gaussian_noise.npy'.* 9 more"):
        probes(cifar(folder, only=None), the_test_set())
    with pytest.raises(UsageError, match=r"lacks 17 of 19 files"):
        probes(cifar(folder, only=None, validation=True), the_test_set())
    assert len(TEST + VALIDATION) == 19


def test_labels_are_checked(tmp_path):
    """Missing, of another length, or not the same at each severity."""
    written(tmp_path, ["fog"])
    labels = tmp_path / "labels.npy"
    np.save(labels, np.arange(50_000) % 10_000 % 7 + np.arange(50_000) // 40_000)
    with pytest.raises(UsageError, match="the same 10,000 labels at each of the 5 severities"):
        probes(cifar(tmp_path), the_test_set())
    np.save(labels, LABELS)
    with pytest.raises(UsageError, match=r"holds int64 \[10000\]"):
        probes(cifar(tmp_path), the_test_set())
    labels.unlink()
    says = r"There is no file '.*labels.npy', which CIFAR-10-C has"
    with pytest.raises(UsageError, match=says):
        probes(cifar(tmp_path), the_test_set())
    with pytest.raises(UsageError, match=says):
        cifar(tmp_path).fingerprint()


@pytest.mark.parametrize(
    ("shape", "dtype", "says"),
    [
        ((10_000, 32, 32, 3), np.uint8, r"holds uint8 \[10000, 32, 32, 3\]"),
        ((50_000, 32, 32), np.uint8, r"holds uint8 \[50000, 32, 32\]"),
        ((50_000, 32, 32, 3), np.int16, r"holds int16 \[50000, 32, 32, 3\].*has uint8"),
    ],
)
def test_files_of_another_shape_are_refused(tmp_path, shape, dtype, says):
    """Rows of something else would be read as images."""
    written(tmp_path, ["fog"], shape, dtype)
    with pytest.raises(UsageError, match=says):
        probes(cifar(tmp_path), the_test_set())


def test_damaged_files_are_refused(tmp_path):
    """No .npy file, one cut short, or Python objects."""
    written(tmp_path, ["fog"])
    whole = (tmp_path / "labels.npy").read_bytes()
    for content in (b"", b"no file of numbers", whole[:-9]):
        (tmp_path / "fog.npy").write_bytes(content)
        with pytest.raises(
            UsageError, match=r"is no .npy file of numbers, or is cut short"
        ) as told:
            probes(cifar(tmp_path), the_test_set())
        assert "pickle" not in str(told.value)
    np.save(tmp_path / "fog.npy", np.asarray([{}]), allow_pickle=True)
    with pytest.raises(UsageError, match=r"is no .npy file of numbers"):
        probes(cifar(tmp_path), the_test_set())
    with (tmp_path / "fog.npy").open("wb") as file:
        np.savez(file, LABELS)
    with pytest.raises(UsageError, match="holds an archive"):
        probes(cifar(tmp_path), the_test_set())


def test_the_holdout_must_be_such_images(folder):
    """Of 32 pixels, in colour, as uint8."""
    for inputs, says in (
        (blank(10_000, 28), "come out as 32 x 32"),
        (blank(10_000, 32, 1), "in colour"),
        (blank(10_000, 32, kind="float32"), "read as uint8"),
    ):
        with pytest.raises(UsageError, match=says):
            probes(cifar(folder), the_test_set(inputs=inputs))
