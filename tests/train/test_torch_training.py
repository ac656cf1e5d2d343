"""Training with PyTorch: repeatable, each source by itself, alike alone and in a block."""

from pathlib import Path

import numpy as np
import pytest

from underspec import train
from underspec.core.errors import StudyError, UsageError
from underspec.core.records import Data, Variant
from underspec.testing.trainers import check_trainer, striped_images

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

QUICK = {"batch": 16, "epochs": 3, "device": "cpu"}

USER_CODE = """
import torch
from torch import nn

class Branching(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(4, classes)

    def forward(self, x):
        x = self.norm(self.conv(x)).relu().amax(dim=(2, 3))
        if x.sum() > 1e9:
            return x
        return self.out(x)

def net(shape, classes, scale=1.0):
    return Branching(classes)

def wrong(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 7))

def breaks(shape, classes, width=1):
    if width > 1:
        raise ValueError("too wide")
    return nn.Sequential(nn.Flatten(), nn.Linear(64, classes))

def no_module(shape, classes):
    return 3
"""


@pytest.fixture
def user_file(tmp_path):
    """A file of a user's model factories."""
    path = tmp_path / "mine.py"
    path.write_text(USER_CODE)
    return path


def torch_trainer(**parameters):
    return train.get("torch", **{**QUICK, **parameters})


@pytest.mark.parametrize(
    "parameters",
    [
        {"augment": ("flip", "crop", "erase"), "model_parameters": {"width": 8}},
        {"model": "mlp", "model_parameters": {"hidden": [16], "dropout": 0.2}},
        {"model": "small_resnet", "model_parameters": {"width": 4}, "epochs": 5},
        {"optimiser": "sgd", "learning_rate": 0.05, "schedule": "cosine"},
        {"optimiser": "adam", "schedule": "constant", "representation": "unit+bilinear-12"},
        {"precision": "bf16", "model_parameters": {"width": 8, "pool": True}},
    ],
    ids=["small_cnn", "mlp", "small_resnet", "sgd", "resized", "bf16"],
)
def test_each_kind_of_trainer_conforms(parameters):
    """Bit for bit on a CPU: alone as in a block, whatever the order, saved and loaded."""
    # bf16 is not held to what float32 says of an example among other neighbours, but to itself.
    check_trainer(torch_trainer(**parameters))


def test_training_is_what_a_plain_loop_does(images):
    """The engine's layout, fused steps and folding change nothing beyond rounding."""
    from underspec.train.sources import source_stream
    from underspec.train.torch.build import built
    from underspec.train.torch.optim import factor

    trainer = torch_trainer(optimiser="sgd", learning_rate=0.05, model_parameters={"width": 4})
    variant = Variant("v", {"init": 1, "order": 2})
    x = images.inputs.astype(np.float64)
    x = torch.tensor((x - x.mean()) / x.std(), dtype=torch.float32)[..., 0].unsqueeze(1)
    y = torch.tensor(images.labels, dtype=torch.int64)
    model = built("small_cnn", {"width": 4}, (1, 8, 8), 3, variant).train()
    rule = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    step = 0
    for epoch in range(3):
        order = source_stream(variant, "order").child(epoch).generator().permutation(90)
        for start in range(0, 90, 16):
            rule.param_groups[0]["lr"] = 0.05 * factor("one_cycle", step, 18)
            rows = torch.from_numpy(order[start : start + 16])
            rule.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            rule.step()
            step += 1
    with torch.inference_mode():
        expected = model.eval()(x).softmax(dim=1).numpy()
    got = trainer.fit([variant], images).predict(images.inputs)[0]

    assert np.median(np.abs(got - expected)) < 1e-6
    assert np.abs(got - expected).max() < 1e-3


def test_stacked_conforms_within_rounding():
    """A stack holds the same contract, up to the order of its sums."""
    check_trainer(torch_trainer(model="mlp", stacking="always", augment="flip"), tolerance=1e-4)


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": "mlp"},
        {"model_parameters": {"width": 4}},
        {"model_parameters": {"width": 4, "pool": True}, "representation": "unit"},
        {"model": "small_resnet", "model_parameters": {"width": 4}},
    ],
    ids=["mlp", "strided", "pooled", "residual"],
)
def test_a_stack_trains_what_single_models_train(parameters, images, make_variants):
    """Stacked and one by one give the same weights within rounding, batch norm included."""
    same = {"optimiser": "sgd", "learning_rate": 0.02, "augment": ("flip", "crop"), "epochs": 2}
    variants = make_variants(3, "init", "order", "augment", "sample")
    single = torch_trainer(**parameters, **same).fit(variants, images).predict(images.inputs)
    stacked = torch_trainer(**parameters, **same, stacking="always").fit(variants, images)

    off = np.abs(stacked.predict(images.inputs) - single)

    assert not stacked.failed
    # Mostly the last bit; a unit at the kink of its ReLU may fall to either side.
    assert np.median(off) < 1e-6
    assert off.max() < 1e-2
    assert np.median(np.abs(single[0] - single[1])) > 1e-2


def test_a_stack_may_hold_variants_of_several_shapes(images):
    """What differs in shape or length trains in a stack of its own; ids keep their order."""
    variants = [
        Variant(f"v{at}", {"init": at}, {"width": width, "epochs": epochs})
        for at, (width, epochs) in enumerate([(4, 1), (8, 1), (4, 1), (4, 2)])
    ]
    one = torch_trainer(stacking="always", optimiser="sgd").fit(variants, images)
    other = torch_trainer(optimiser="sgd").fit(variants, images)

    assert one.variants == ("v0", "v1", "v2", "v3")
    assert np.abs(one.predict(images.inputs) - other.predict(images.inputs)).max() < 1e-4


def test_a_stack_refuses_dropout(images, make_variants):
    """Its draws would hang on how blocks were cut."""
    trainer = torch_trainer(stacking="always", model_parameters={"dropout": 0.5})
    with pytest.raises(UsageError, match="cannot give each variant its own dropout"):
        trainer.fit(make_variants(2, "init"), images)


@pytest.mark.parametrize("stacking", ["never", "always"])
def test_a_training_that_diverges_has_failed(stacking, images):
    """The reason tells epoch and step; the others of the block are as without it."""
    variants = [
        Variant(f"v{at}", {"init": 1}, {"learning_rate": r}) for at, r in ((0, 0.01), (1, 1e30))
    ]
    trainer = torch_trainer(model="mlp", optimiser="sgd", stacking=stacking)
    fitted = trainer.fit(variants, images)
    alone = trainer.fit(variants[:1], images)

    assert fitted.variants == ("v0",)
    assert "not finite in epoch 1, step" in fitted.failed["v1"]
    assert np.array_equal(fitted.predict(images.inputs), alone.predict(images.inputs))


def test_one_of_a_stack_that_diverges_leaves_the_others_alone(images):
    """Weights in one stack do not touch: a model of infinite weights fails by itself."""
    poisoned = images.inputs.astype(np.float32)
    trainer = torch_trainer(model="mlp", stacking="always", representation="unit", optimiser="sgd")
    variants = [Variant("good", {"sample": 1}), Variant("bad", {"sample": 2})]
    from underspec.train.sources import sampled_rows

    only_bad = np.setdiff1d(
        sampled_rows(images, variants[1], "bootstrap"),
        sampled_rows(images, variants[0], "bootstrap"),
    )
    poisoned[only_bad] = 1e38
    poisoned[:64][np.isin(np.arange(64), only_bad)] = 0  # the rows tried after training stay tame
    only_bad = only_bad[only_bad >= 64]
    assert len(only_bad)
    fitted = trainer.fit(variants, images.with_inputs(poisoned))

    assert fitted.variants == ("good",)
    assert "not finite" in fitted.failed["bad"]


def test_the_length_of_training_is_a_source(images):
    """Values of epochs train longer; a constant learning rate makes the shorter a prefix."""
    variants = [Variant(f"e{n}", {"init": 1}, {"epochs": n}) for n in (1, 2, 4)]
    scores = torch_trainer().fit(variants, images).predict(images.inputs)

    losses = [-np.log(s[np.arange(90), images.labels]).mean() for s in scores]
    assert losses[0] > losses[1] > losses[2]


def test_augmentations_do_not_move_the_order(images, make_variants, monkeypatch):
    """Each source has its own stream: with augmentations that do nothing, nothing changes."""
    from underspec.train.torch import augment, feed

    none = augment.Augmentation(lambda rng, n, h, w: rng.integers(2, size=(n, 1)), lambda x, d: x)
    monkeypatch.setattr(feed, "AUGMENTATIONS", {"flip": none})
    variants = make_variants(2, "init", "order")
    plain = torch_trainer().fit(variants, images).predict(images.inputs)
    idle = torch_trainer(augment="flip").fit(variants, images).predict(images.inputs)

    assert np.array_equal(plain, idle)


def test_the_last_row_alone_is_no_batch(make_variants):
    """A batch of one has no batch statistics, so a remainder of one is left out."""
    fitted = torch_trainer(batch=16).fit(make_variants(1, "init"), striped_images(33))

    assert not fitted.failed


def test_tables_train_as_rows(make_variants):
    """Float rows go to a dense net, standardised; integers count as numbers, not as bytes."""
    rng = np.random.default_rng(3)
    labels = np.arange(120, dtype=np.int32) % 2
    rows = rng.normal(size=(120, 3)) + labels[:, None] * np.array([2.0, 0, 0])
    rows = rows * np.array([1e-3, 1, 1e3]) + np.array([0, 0, 1e7])
    ids = np.array([f"p{at}" for at in range(120)])
    data = Data(rows, labels, ids, ids)
    fitted = torch_trainer(model="mlp", epochs=8).fit(make_variants(2, "init"), data)

    assert (fitted.predict(rows).argmax(axis=2) == labels).mean() > 0.8


def test_images_without_a_channel_axis_are_grey(images, make_variants):
    """[n, height, width] means one channel."""
    variants = make_variants(1, "init")
    flat = images.with_inputs(images.inputs[..., 0])
    one = torch_trainer().fit(variants, images).predict(images.inputs)
    other = torch_trainer().fit(variants, flat).predict(flat.inputs)

    assert np.array_equal(one, other)


def test_your_own_model_from_a_file(user_file, images, make_variants):
    """A factory in a file trains, saves, loads; branching forwards, which cannot be traced, too."""
    check_trainer(
        torch_trainer(model=f"{user_file}:net", model_parameters={"scale": 2.0}, epochs=12),
        idle=["dropout"],
    )


def test_a_factory_itself_may_be_the_model(images, make_variants):
    """Code that trains from Python passes its function."""

    def factory(shape, classes):
        return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, classes))

    fitted = torch_trainer(model=factory).fit(make_variants(2, "init"), images)

    assert fitted.predict(images.inputs).shape == (2, 90, 3)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("wrong", {}, "must return logits"),
        ("no_module", {}, "must return a torch.nn.Module"),
        ("net", {"depth": 3}, "cannot be called as factory"),
        ("nett", {}, "Did you mean 'net'"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    name, parameters, said, user_file, images, make_variants
):
    """Whatever would fail for all variants is the user's mistake, told at once."""
    trainer = torch_trainer(model=f"{user_file}:{name}", model_parameters=parameters)
    with pytest.raises(UsageError, match=said):
        trainer.fit(make_variants(1, "init"), images)


def test_an_exception_in_a_model_fails_its_variant(user_file, images):
    """A value that a model cannot take fails the variants that have it."""
    trainer = torch_trainer(model=f"{user_file}:breaks", model_parameters={"width": 1})
    variants = [Variant(f"v{w}", {"init": 1}, {"width": w}) for w in (1, 2)]
    fitted = trainer.fit(variants, images)

    assert fitted.variants == ("v1",)
    assert fitted.failed["v2"] == "The training raised ValueError: too wide."


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (np.zeros((6, 2, 2, 2, 1)), "Got shape"),
        (np.array(["a"] * 6), "takes arrays of numbers"),
        ([1] * 6, "Got: list"),
    ],
)
def test_inputs_that_are_no_numbers_are_refused(inputs, said, make_variants):
    """The error says which arrays do."""
    ids = np.array(list("abcdef"))
    data = Data(inputs, np.zeros(6, dtype=np.int32), ids, ids)
    with pytest.raises(UsageError, match=said):
        torch_trainer().fit(make_variants(1, "init"), data)


def test_image_settings_are_refused_for_rows(make_variants):
    """Rows of numbers are neither flipped nor resized."""
    ids = np.array(list("abcdef"))
    rows = Data(np.zeros((6, 4)), np.zeros(6, dtype=np.int32), ids, ids)
    for setting in ({"augment": "flip"}, {"representation": "bilinear-8"}):
        with pytest.raises(UsageError, match=r"images|rows"):
            torch_trainer(model="mlp", **setting).fit(make_variants(1, "init"), rows)


def test_a_probe_of_another_size_is_refused(images, make_variants):
    """The error tells both shapes."""
    fitted = torch_trainer().fit(make_variants(1, "init"), images)
    with pytest.raises(UsageError, match=r"\[8, 8, 1\]. Got \[4, 8, 1\]"):
        fitted.predict(images.inputs[:, ::2])


def test_files_are_safetensors_and_json(images, make_variants, tmp_path):
    """Nothing else is written, and a damaged file is said to be so."""
    trainer = torch_trainer()
    trainer.fit(make_variants(2, "init"), images).save(tmp_path)

    names = sorted(path.name for path in Path(tmp_path).iterdir())
    assert names == ["0.safetensors", "1.safetensors", "block.json"]
    (tmp_path / "1.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(StudyError, match="cannot be read"):
        trainer.load(tmp_path)


def test_models_of_another_architecture_are_not_loaded(images, make_variants, tmp_path):
    """Weights that do not fit the trainer's model are an error, not a wrong model."""
    torch_trainer(model="mlp").fit(make_variants(1, "init"), images).save(tmp_path)
    with pytest.raises((StudyError, UsageError)):
        torch_trainer(model="small_cnn").load(tmp_path)
