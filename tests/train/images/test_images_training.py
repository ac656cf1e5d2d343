"""Training and predicting with images that are decoded as they are needed."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from underspec.core.errors import StudyError, UsageError
from underspec.core.lazy import Lazy
from underspec.data import get as read
from underspec.data.images.files import ImageFiles
from underspec.testing.trainers import check_trainer, striped_images
from underspec.train import get
from underspec.train._protocol import Streamed

pytest.importorskip("torch")
pytestmark = pytest.mark.torch


def test_it_conforms(tmp_path):
    """What every trainer is held to, on arrays."""
    trainer = get(
        "torch_images",
        model="small_resnet",
        model_parameters={"width": 4},
        epochs=4,
        batch=8,
        warm_up=0,
        learning_rate=0.05,
        least_area=0.5,
        scaling="unit",
        device="cpu",
        checkpoints=str(tmp_path),
    )
    check_trainer(trainer, striped_images(48))
    assert isinstance(trainer, Streamed)


def test_threads_and_batches_ahead_change_nothing(trainer, variant, photographs, weights):
    """One decoder or three, one batch ahead or five: the same bits."""
    one = trainer(decoders=1, prefetch=1).fit([variant()], photographs)
    other = trainer(decoders=3, prefetch=5).fit([variant()], photographs)

    assert np.array_equal(weights(one), weights(other))


def test_the_set_is_never_read_whole(trainer, variant, photographs, monkeypatch):
    """No more pictures are held than the batches ahead have."""
    monkeypatch.setattr(Lazy, "__array__", None)
    most = []
    whole = ImageFiles.read
    monkeypatch.setattr(
        ImageFiles, "read", lambda self, rows: most.append(len(rows)) or whole(self, rows)
    )

    trainer(augment=["flip"]).fit([variant()], photographs)

    assert set(most) == {1}


def test_lazy_probes_are_predicted_a_batch_at_a_time(trainer, variant, photographs):
    """Lazy inputs and the same read as an array give the same scores."""
    fitted = trainer().fit([variant()], photographs)
    whole = np.asarray(photographs.inputs)

    assert np.array_equal(fitted.predict(photographs.inputs), fitted.predict(whole))


def test_it_learns_what_can_be_learned(trainer, variant, photographs):
    """Warm pictures are told from cold ones."""
    fitted = trainer(epochs=8).fit([variant()], photographs)
    right = fitted.predict(photographs.inputs)[0].argmax(axis=1) == photographs.labels

    assert right.mean() > 0.9


def test_small_parts_of_a_batch_sum_to_its_gradient(trainer, variant, photographs, weights):
    """Without batch norm or dropout, micro-batches take the steps of whole batches, up to rounding."""
    from torch import nn

    def plain(shape, classes):
        return nn.Sequential(
            nn.Conv2d(shape[0], 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, classes)
        )

    settings = {"model": plain, "model_parameters": {}, "batch": 9}
    whole = trainer(**settings).fit([variant()], photographs)
    parts = trainer(**settings, micro_batch=2).fit([variant()], photographs)

    assert np.allclose(weights(whole), weights(parts), atol=1e-6)
    assert not np.array_equal(weights(whole), weights(parts))


def test_norms_and_biases_do_not_decay():
    """The parameters of one axis are in a group without decay, all others in one with it."""
    from underspec.train.torch.images.rate import optimiser
    from underspec.train.torch.zoo.small_resnet import small_resnet

    module = small_resnet((3, 8, 8), 2, width=4)
    rule = optimiser(module, 0.1, 0.9, 1e-4)
    decays = {id(p): group["weight_decay"] for group in rule.param_groups for p in group["params"]}

    assert {p.ndim > 1: decays[id(p)] for p in module.parameters()} == {True: 1e-4, False: 0.0}
    assert len(decays) == len(list(module.parameters()))


def test_the_rate_climbs_and_falls():
    """A line up, then a cosine to nothing, or tenths at a third, two thirds and eight ninths."""
    from underspec.train.torch.images.rate import factor

    cosine = [factor("cosine", at, 0.1) for at in (0.05, 0.1, 0.55, 1.0)]
    step = [factor("step", at, 0.1) for at in (0.05, 0.2, 0.4, 0.7, 0.9)]

    assert cosine == pytest.approx([0.5, 1, 0.5, 0], abs=1e-12)
    assert step == pytest.approx([0.5, 1, 0.1, 0.01, 0.001])


def test_one_that_diverges_has_failed(trainer, variant, photographs):
    """A rate beyond all measure fails its variant, with the reason, and leaves no checkpoint."""
    fitted = trainer(learning_rate=1e30, warm_up=0, epochs=2).fit([variant()], photographs)

    assert "not finite" in fitted.failed["v000"]
    assert not fitted.variants


def test_a_damaged_picture_stops_the_training(trainer, variant, tmp_path):
    """The error names the file."""
    for name in ("a", "b"):
        (tmp_path / "root" / name).mkdir(parents=True)
        for at in range(4):
            pixels = np.random.default_rng(at).integers(0, 256, (20, 20, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "root" / name / f"{at}.png")
    data = read("image_folder", root=str(tmp_path / "root"), resize=None, crop=12)()
    bad = tmp_path / "root" / "b" / "2.png"
    content = bytearray(bad.read_bytes())
    content[len(content) // 2] ^= 255
    bad.write_bytes(content)

    with pytest.raises(UsageError, match=r"b/2\.png"):
        trainer(augment=["resized_crop"]).fit([variant(0, "init")], data)


def test_models_are_stored_and_read(trainer, variant, photographs, tmp_path):
    """What is loaded predicts the same; a cut file is told."""
    one = trainer()
    fitted = one.fit([variant(0), variant(1)], photographs)
    (tmp_path / "models").mkdir()
    fitted.save(tmp_path / "models")
    again = one.load(tmp_path / "models")

    assert np.array_equal(again.predict(photographs.inputs), fitted.predict(photographs.inputs))

    file = tmp_path / "models" / "1.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(StudyError, match="cannot be read"):
        one.load(tmp_path / "models")


def test_probes_of_another_size_are_refused(trainer, variant, photographs):
    """The error says both sizes."""
    fitted = trainer(epochs=1, warm_up=0).fit([variant()], photographs)
    with pytest.raises(UsageError, match=r"\[12, 12, 3\].*\[14, 14, 3\]"):
        fitted.predict(np.zeros((2, 14, 14, 3), np.uint8))
    with pytest.raises(UsageError, match="float64"):
        fitted.predict(np.zeros((2, 12, 12, 3)))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [(np.zeros((6, 4)), "float64"), (np.zeros((6, 4, 4, 2), np.uint8), "4, 4, 2"), ([1], "list")],
)
def test_what_is_no_image_is_refused(inputs, said):
    """The error says what was got."""
    from underspec.train.torch.images.pictures import pictures_of

    with pytest.raises(UsageError, match=said):
        pictures_of(inputs)


def test_a_share_of_the_rows_is_sampled(trainer, variant, photographs, weights):
    """The source `sample` moves what is trained on, and epochs may be values."""
    one = trainer(sample=0.5, augment=["flip"])
    half = [one.fit([variant(n, "sample")], photographs) for n in (0, 1)]
    longer = one.fit([replace(variant(0, "sample"), values={"epochs": 4})], photographs)

    assert not np.array_equal(weights(half[0]), weights(half[1]))
    assert not np.array_equal(weights(half[0]), weights(longer))
