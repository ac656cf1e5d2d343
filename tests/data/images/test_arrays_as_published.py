"""MedMNIST archives and CIFAR's binary files become examples."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError

PARTS = {"train": 6, "val": 3, "test": 4}


def medmnist(root, name="bloodmnist", shape=(28, 28, 3), dtype=np.uint8, labels=None, **change):
    arrays = {}
    for i, (part, n) in enumerate(PARTS.items()):
        images = np.random.default_rng(i).integers(0, 255, (n, *shape))
        arrays[f"{part}_images"] = images.astype(dtype)
        column = np.arange(n, dtype=np.uint8)[:, None] % (3 if part == "train" else 2)
        arrays[f"{part}_labels"] = column if labels is None else labels(n)
    arrays |= change
    np.savez_compressed(root / f"{name}.npz", **{k: v for k, v in arrays.items() if v is not None})
    return arrays


def test_a_part_of_medmnist_is_read(tmp_path):
    """Classes are those of all parts, also where a part lacks one."""
    arrays = medmnist(tmp_path)
    made = data.get("medmnist", flag="bloodmnist", part="val", root=str(tmp_path))()
    assert np.array_equal(made.inputs, arrays["val_images"])
    assert made.labels.tolist() == [0, 1, 0]
    assert made.classes == ("0", "1", "2")
    assert made.ids.tolist() == [f"bloodmnist-val-00000{i}" for i in range(3)]
    train = data.get("medmnist", flag="bloodmnist", root=str(tmp_path))()
    assert train.classes == made.classes
    named = data.get(
        "medmnist", flag="bloodmnist", part="test", root=str(tmp_path), classes=["x", "y", "z"]
    )()
    assert named.classes == ("x", "y", "z")
    assert named.labels.tolist() == [0, 1, 0, 1]


def test_grey_images_get_their_channel_and_sizes_their_file(tmp_path):
    """[n, 64, 64] becomes [n, 64, 64, 1], from the file of that size."""
    medmnist(tmp_path, "octmnist_64", (64, 64))
    made = data.get("medmnist", flag="octmnist", size=64, root=str(tmp_path))()
    assert made.inputs.shape == (6, 64, 64, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"labels": lambda n: np.zeros((n, 14), np.uint8)}, "gives 14 labels an image"),
        ({"labels": lambda n: np.zeros((n, 1), np.float32)}, "should be whole numbers"),
        ({"labels": lambda n: np.zeros(n, np.uint8)}, r"\[images, 1\], but are uint8 .* \[6\]"),
        ({"shape": (28, 28, 28)}, "holds volumes, and only images are read"),
        ({"shape": (32, 32)}, r"of shape \[images, 28, 28\] .* of shape \[6, 32, 32\]"),
        ({"shape": (28, 28, 2)}, r"but are uint8 of shape \[6, 28, 28, 2\]"),
        ({"dtype": np.float32}, "should be uint8 .* but are float32"),
        ({"train_images": None}, "lacks the array train_images; it has train_labels"),
        ({"test_labels": None}, "lacks the array test_labels"),
        ({"train_images": np.zeros((5, 28, 28), np.uint8)}, "holds 5 images but 6 labels"),
    ],
)
def test_archives_of_another_kind_are_refused(tmp_path, change, says):
    """Several labels, volumes, other types and shapes, arrays that lack or differ in length."""
    medmnist(tmp_path, **change)
    with pytest.raises(UsageError, match=says):
        data.get("medmnist", flag="bloodmnist", root=str(tmp_path))()


def test_missing_and_damaged_archives_are_refused(tmp_path):
    """It says which files are there; Python objects are not loaded."""
    medmnist(tmp_path)
    with pytest.raises(UsageError, match=r"lacks bloodmnist_224\.npz; it holds bloodmnist\.npz"):
        data.get("medmnist", flag="bloodmnist", size=224, root=str(tmp_path))()
    raw = (tmp_path / "bloodmnist.npz").read_bytes()
    (tmp_path / "bloodmnist.npz").write_bytes(raw[:500])
    with pytest.raises(UsageError, match=r"no .npz archive, or is damaged"):
        data.get("medmnist", flag="bloodmnist", root=str(tmp_path))()
    medmnist(tmp_path, train_images=np.asarray([None] * 6, dtype=object))
    with pytest.raises(UsageError, match=r"damaged: Object arrays cannot be loaded"):
        data.get("medmnist", flag="bloodmnist", root=str(tmp_path))()
    with pytest.raises(UsageError, match="There is no folder"):
        data.get("medmnist", flag="bloodmnist", root=str(tmp_path / "none"))()
    for wrong in ({"flag": "../x"}, {"flag": "x", "size": 32}, {"flag": "x", "part": "holdout"}):
        with pytest.raises(UsageError):
            data.get("medmnist", **wrong)


def pixels(n, seed):
    return np.random.default_rng(seed).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)


def records(heads, images):
    """Label bytes, then all reds, all greens, all blues, row by row."""
    planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return np.concatenate(
        [np.asarray(heads, np.uint8).reshape(len(images), -1), planes], 1
    ).tobytes()


CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.fixture
def cifar10(tmp_path):
    root = tmp_path / "cifar-10-batches-bin"
    root.mkdir()
    for i in range(1, 6):
        (root / f"data_batch_{i}.bin").write_bytes(records([i, i - 1], pixels(2, i)))
    (root / "test_batch.bin").write_bytes(records([9, 0, 3], pixels(3, 9)))
    (root / "batches.meta.txt").write_text("\n".join(CIFAR10) + "\n\n")
    (root / "readme.html").write_text("")
    return root


def test_cifar_10_is_read_in_its_own_order(cifar10):
    """Batch after batch; red, green and blue planes become channels."""
    made = data.get("cifar", folder=str(cifar10))()
    assert made.labels.tolist() == [1, 0, 2, 1, 3, 2, 4, 3, 5, 4]
    expected = np.concatenate([pixels(2, i) for i in range(1, 6)])
    assert np.array_equal(made.inputs, expected)
    assert made.ids[[0, 9]].tolist() == ["train-00000", "train-00009"]
    test = data.get("cifar", folder=str(cifar10), part="test")()
    assert np.array_equal(test.inputs, pixels(3, 9))
    assert test.ids.tolist() == ["test-00000", "test-00001", "test-00002"]
    assert test.classes == made.classes == tuple(CIFAR10)
    assert test.labels.tolist() == [9, 0, 3]


def test_cifar_100_is_read_with_its_superclasses(tmp_path):
    """The first byte is the coarse class, the second the fine one."""
    (tmp_path / "test.bin").write_bytes(records([[1, 5], [0, 7]], pixels(2, 0)))
    (tmp_path / "fine_label_names.txt").write_text("\n".join(f"f{i}" for i in range(100)))
    (tmp_path / "coarse_label_names.txt").write_text("\n".join(f"c{i}" for i in range(20)))
    made = data.get("cifar", folder=str(tmp_path), part="test")()
    assert np.array_equal(made.inputs, pixels(2, 0))
    assert made.labels.tolist() == [5, 7]
    assert made.groups["superclass"].tolist() == ["c1", "c0"]
    assert len(made.classes) == 100
    with pytest.raises(UsageError, match=r"lacks train\.bin, which CIFAR-100 part 'train'"):
        data.get("cifar", folder=str(tmp_path))()


def test_cifar_files_that_are_missing_or_damaged_are_refused(cifar10, tmp_path):
    """Cut short, lacking, of other names, pickled."""
    batch = cifar10 / "data_batch_2.bin"
    raw = batch.read_bytes()
    batch.write_bytes(raw[:-1])
    with pytest.raises(UsageError, match=r"6145 bytes, which is no whole number .* 3073 bytes"):
        data.get("cifar", folder=str(cifar10))()
    batch.unlink()
    with pytest.raises(UsageError, match=r"lacks data_batch_2\.bin, which CIFAR-10"):
        data.get("cifar", folder=str(cifar10))()
    (cifar10 / "batches.meta.txt").write_text("\n".join(CIFAR10[:9]))
    with pytest.raises(UsageError, match="holds the label 9, but names only 9 classes"):
        data.get("cifar", folder=str(cifar10), part="test")()
    pickled = tmp_path / "cifar-10-batches-py"
    pickled.mkdir()
    with pytest.raises(UsageError, match="holds neither CIFAR-10"):
        data.get("cifar", folder=str(pickled))()
    (pickled / "data_batch_1").write_bytes(b"\x80")
    with pytest.raises(UsageError, match="Python version of CIFAR, which is pickled"):
        data.get("cifar", folder=str(pickled))()
    with pytest.raises(UsageError, match="No part named 'val'"):
        data.get("cifar", folder=str(pickled), part="val")
