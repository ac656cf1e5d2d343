"""Where trainings start: weights from a file, an earlier training, and how the last layer is drawn."""

from unittest import mock

import cloudpickle
import numpy as np
import pytest

from underspec import train
from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.core.streams import stream
from underspec.study.canonical import plain
from underspec.testing.trainers import check_trainer, sparse_records, striped_images
from underspec.train._protocol import Noticed

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from underspec.train.torch import engine, pretrained  # noqa: E402
from underspec.train.torch.build import built  # noqa: E402
from underspec.train.torch.start import draw_head, read_weights, started, take_over  # noqa: E402

QUICK = {"batch": 16, "epochs": 2, "device": "cpu", "model_parameters": {"width": 4}}


def torch_trainer(**parameters):
    return train.get("torch", **{**QUICK, **parameters})


def before(classes=3, epochs=2):
    """Settings of an earlier training on other stripes, of as many classes."""
    data = striped_images(60, seed=9)
    return {"reader": data.take(data.labels < classes), "epochs": epochs}


def state_of(parameters, data, **seeds):
    """Weights that a training starts from: the training itself, not the one before, is left out."""
    with mock.patch.object(engine, "train_each", return_value=None):
        fitted = torch_trainer(**parameters).fit([Variant("v", seeds)], data)
    return fitted.learned[0].module.state_dict()


@pytest.fixture
def weights(tmp_path, images):
    """A safetensors file of a small network that was trained on images of three classes."""
    folder = tmp_path / "earlier"
    folder.mkdir()
    torch_trainer().fit([Variant("v", {"init": 77})], images).save(folder)
    return str(folder / "0.safetensors")


def test_a_file_gives_all_but_the_last_layer(weights, images):
    """The body is the file's, the last layer is drawn by `init`."""
    held = read_weights(weights)
    one, two = (state_of({"weights": weights}, images, init=s) for s in (1, 2))

    assert torch.equal(one["0.weight"], held["0.weight"])
    last = list(one)[-2]
    assert not torch.equal(one[last], two[last])
    assert not torch.equal(one[last], held[last])


@pytest.mark.parametrize("wrap", [None, "state_dict", "model"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_files_of_pytorch_are_read_as_tensors_alone(wrap, prefix, weights, tmp_path):
    """As training scripts write them: within a dictionary, or from a wrapped model."""
    held = read_weights(weights)
    named = {prefix + name: value for name, value in held.items()}
    path = tmp_path / "w.pt"
    torch.save({wrap: named, "epoch": 3} if wrap else named, path)

    read = read_weights(str(path))
    assert set(read) == set(held)
    assert all(torch.equal(read[name], held[name]) for name in held)


class Innocent:
    """Not a tensor: a file that holds one would run code when unpickled."""


@pytest.mark.parametrize(
    ("content", "said"),
    [({"a": Innocent()}, "cannot be read"), ({"a": 3}, "holds no tensors"), (None, "no file")],
)
def test_files_that_hold_something_else_are_refused(content, said, tmp_path):
    """Objects are never unpickled."""
    path = tmp_path / "w.pt"
    if content is not None:
        torch.save(content, path)
    with pytest.raises(UsageError, match=said):
        read_weights(str(path))


def test_weights_of_another_model_are_refused(weights, images):
    """Where nothing fits, nothing is trained."""
    trainer = train.get("torch", model="mlp", weights=weights, device="cpu")
    with pytest.raises(UsageError, match=r"Nothing in the weights in .* fits the model"):
        trainer.fit([Variant("v", {"init": 1})], images)


def test_what_does_not_fit_is_said(weights, tmp_path, images):
    """Colour in the file, grey in the data: the first layer starts anew, and a note names it."""
    held = read_weights(weights)
    held["0.weight"] = held["0.weight"].repeat(1, 3, 1, 1)
    path = tmp_path / "colour.pt"
    torch.save(held, path)
    fitted = torch_trainer(weights=str(path)).fit([Variant("v", {"init": 1})], images)
    fitted.save(tmp_path)

    assert "start anew: 0.weight." in fitted.notes["v"]
    assert torch_trainer().load(tmp_path).notes == fitted.notes


def test_other_weights_are_another_recipe(weights, tmp_path):
    """The strategy, which is part of the identity, holds a hash of the file's bytes."""
    held = read_weights(weights)
    path = tmp_path / "w.pt"
    said = []
    for scale in (1, 2):
        torch.save({name: scale * value for name, value in held.items()}, path)
        said.append(torch_trainer(weights=str(path)).strategy)

    assert said[0].startswith("cpu-f32-each-from-")
    assert said[0] != said[1]
    assert torch_trainer(weights=weights).strategy == torch_trainer(weights=weights).strategy


def test_other_data_to_pretrain_on_is_another_recipe():
    """The hash is of what the reader brings, not of how it is called."""
    data = striped_images(60, seed=9)
    one, two = (
        torch_trainer(pretrain={"reader": d, "epochs": 1}) for d in (data, data.take(np.arange(59)))
    )

    assert one.strategy != two.strategy
    assert "0x" not in repr(one)
    assert "60 examples" in repr(one)
    assert plain(one) != plain(torch_trainer())


def test_an_earlier_training_conforms():
    """Bit for bit alone as in a block, also where its own seeds are varied; `head` draws the head."""
    # `init` draws nothing any more where `head` draws the only layer that is not taken over.
    check_trainer(torch_trainer(pretrain=before(), epochs=4, head="normal"), idle=["init"])


def test_an_earlier_training_of_records_conforms():
    """Recurrent cells are trained before as others are."""
    trainer = train.get(
        "torch",
        model="recurrent",
        model_parameters={"cell": "gru", "width": 6},
        pretrain={"reader": sparse_records(45, steps=8, seed=5), "epochs": 2},
        epochs=6,
        batch=16,
        learning_rate=0.03,
        device="cpu",
    )
    check_trainer(trainer, sparse_records(60, steps=8), idle=["init"])


def test_the_body_comes_from_the_earlier_training(images):
    """Equal for all seeds of `init`, another for another seed of `pretrain`; and it was trained."""
    settings = {"pretrain": before()}
    one = state_of(settings, images, init=1)
    two = state_of(settings, images, init=2)
    other = state_of(settings, images, init=1, pretrain=5)
    last = list(one)[-2]

    assert torch.equal(one["0.weight"], two["0.weight"])
    assert not torch.equal(one[last], two[last])
    assert not torch.equal(one["0.weight"], other["0.weight"])
    assert torch.equal(one[last], other[last])


def test_the_earlier_training_may_have_other_classes(images):
    """Its own last layer is thrown away."""
    fitted = torch_trainer(pretrain=before(classes=2)).fit([Variant("v", {"init": 1})], images)

    assert not fitted.failed
    assert not fitted.notes
    assert fitted.predict(images.inputs).shape == (1, 90, 3)


def test_the_earlier_training_is_the_same_as_one_by_itself(images):
    """Its weights are those that this trainer gives with the seeds of its streams."""
    settings = {"pretrain": before(epochs=3)}
    body = state_of(settings, images, init=1, pretrain=5)
    own = stream(5, "train", "pretrain")
    seeds = {name: own.child(name).seed() for name in ("init", "order")}
    alone = torch_trainer(epochs=3).fit([Variant("v", seeds)], settings["pretrain"]["reader"])
    expected = alone.learned[0].module.state_dict()

    for name in ("0.weight", "3.weight"):
        assert torch.equal(body[name], expected[name])


def test_the_earlier_training_is_done_once_for_a_block(images, monkeypatch):
    """Once for all variants that share it, again for another seed or another model."""
    runs = []
    whole = pretrained._trained
    monkeypatch.setattr(pretrained, "_trained", lambda *a: runs.append(1) or whole(*a))
    pretrained._known.clear()
    trainer = torch_trainer(pretrain=before())
    variants = [Variant(f"v{s}", {"init": s, "pretrain": s // 2}) for s in range(4)]
    trainer.fit(variants, images)
    cloudpickle.loads(cloudpickle.dumps(trainer)).fit(variants[1:2], images)
    assert len(runs) == 2

    trainer.fit([Variant("w", {"init": 1, "pretrain": 0}, {"width": 8})], images)
    assert len(runs) == 3


def test_an_earlier_training_that_diverges_fails_its_variants(images):
    """The reason says that it was the one before."""
    huge = striped_images(60)
    huge = huge.with_inputs(huge.inputs.astype(np.float32) * 1e36)
    trainer = torch_trainer(
        pretrain={"reader": huge, "epochs": 1}, representation="unit", optimiser="sgd"
    )
    fitted = trainer.fit(
        [Variant("v", {"init": 1})], images.with_inputs(images.inputs.astype("f4"))
    )

    assert fitted.failed["v"].startswith("The training before: the loss was not finite in epoch 1")


def test_data_of_another_shape_is_no_earlier_training(images):
    """The error tells both shapes."""
    trainer = torch_trainer(pretrain={"reader": "sklearn_digits", "epochs": 1})
    wide = images.with_inputs(np.repeat(images.inputs, 2, axis=2))
    with pytest.raises(UsageError, match=r"shape \[8, 8, 1\], the study's have \[8, 16, 1\]"):
        trainer.fit([Variant("v", {"init": 1})], wide)


@pytest.mark.parametrize("head", ["default", "uniform", "normal"])
def test_a_seed_of_the_head_moves_the_last_layer_alone(head, images):
    """From scratch as from elsewhere; all that `init` draws stays."""
    one, two = (state_of({"head": head}, images, init=1, head=s) for s in (1, 2))
    moved = [name for name in one if not torch.equal(one[name], two[name])]

    assert moved == (list(one)[-2:] if head == "default" else [list(one)[-2]])


def test_heads_are_drawn_as_they_are_called():
    """Zero is zero, uniform keeps to its bound, normal has its deviation; biases are 0."""
    layer = torch.nn.Linear(400, 50)
    drawn = {}
    for head in ("zero", "uniform", "normal"):
        draw_head(layer, head, stream(1, "x"))
        drawn[head] = layer.weight.detach().clone()
        assert not layer.bias.any()

    assert not drawn["zero"].any()
    assert 0.045 < drawn["uniform"].abs().max() <= 0.05
    assert abs(drawn["normal"].std() - 0.01) < 2e-4


def test_the_head_is_a_source_of_values(weights, images):
    """As in fine-tuning from one body: ten of each, say."""
    variants = [Variant(h, {"init": 1}, {"head": h}) for h in ("zero", "uniform", "normal")]
    trainer = torch_trainer(weights=weights)
    scores = trainer.fit(variants, images).predict(images.inputs)
    alone = torch_trainer(weights=weights, head="normal").fit([Variant("v", {"init": 1})], images)

    assert len({row.tobytes() for row in scores}) == 3
    assert np.array_equal(alone.predict(images.inputs)[0], scores[2])


def test_sources_that_a_zero_head_silences_are_refused(weights, images):
    """Neither `head` nor, where all the rest is taken over, `init` would change anything."""
    with pytest.raises(UsageError, match="'head' would change nothing"):
        torch_trainer(head="zero").settings(Variant("v", {"head": 1}))
    with pytest.raises(UsageError, match="'init' would change nothing"):
        torch_trainer(head="zero", weights=weights).fit([Variant("v", {"init": 1})], images)


def test_a_model_without_a_last_layer_has_no_head():
    """A convolution that gives the logits is none; nor is a linear layer of another size."""
    bare = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 8), torch.nn.Flatten())
    with pytest.raises(UsageError, match=r"no nn.Linear"):
        started(bare, Variant("v", {"head": 1}), 3)
    with pytest.raises(UsageError, match="not one for each of the 4 classes"):
        take_over(torch.nn.Linear(2, 3), {}, 4, "nothing")


def test_resnet50_is_the_one_of_the_weight_files(tmp_path):
    """Count and names of its weights, and a file of them goes in again."""
    from safetensors.torch import save_file

    module = built("resnet50", {}, (3, 64, 64), 1000, Variant("v", {"init": 3}))
    other = built("resnet50", {}, (3, 64, 64), 7, Variant("v", {"init": 4}))
    held = module.state_dict()
    save_file(held, tmp_path / "r.safetensors")
    left = take_over(other, read_weights(str(tmp_path / "r.safetensors")), 7, "the file")

    assert sum(p.numel() for p in module.parameters()) == 25_557_032
    assert held["layer2.0.downsample.0.weight"].shape == (512, 256, 1, 1)
    assert module.layer2[0].conv2.stride == (2, 2)
    assert {"conv1.weight", "bn1.running_var", "layer4.2.bn3.bias", "fc.weight"} <= set(held)
    assert len(held) == 320
    assert left == ()
    assert torch.equal(other.state_dict()["layer4.2.conv3.weight"], held["layer4.2.conv3.weight"])
    with torch.inference_mode():
        assert other.eval()(torch.zeros(2, 3, 64, 64)).shape == (2, 7)


def test_the_licence_of_data_trained_on_before_is_told():
    """A report carries it beside those of the training set and the holdout."""
    trainer = torch_trainer(pretrain={"reader": "sklearn_digits", "epochs": 1})

    assert isinstance(trainer, Noticed)
    assert "Optical Recognition of Handwritten Digits" in (trainer.notice or "")
    assert torch_trainer().notice is None
