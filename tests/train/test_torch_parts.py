"""The parts of the PyTorch engine: folding, batches, scaling, augmentations, schedules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec.core.records import Variant

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from underspec.train.torch.augment import AUGMENTATIONS  # noqa: E402
from underspec.train.torch.build import built, quiet_machine  # noqa: E402
from underspec.train.torch.feed import Feed, Share  # noqa: E402
from underspec.train.torch.optim import SCHEDULES, factor  # noqa: E402
from underspec.train.torch.predict import folded  # noqa: E402
from underspec.train.torch.representation import Moments, Representation  # noqa: E402
from underspec.train.torch.zoo import ZOO  # noqa: E402


def stirred(module):
    """Give batch norms statistics and weights that are not those they start with."""
    generator = torch.Generator().manual_seed(1)
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            for values in (layer.running_mean, layer.weight.data, layer.bias.data):
                values.copy_(torch.rand(values.shape, generator=generator))
            layer.running_var.copy_(0.5 + torch.rand(layer.running_var.shape, generator=generator))
    return module.eval()


@pytest.mark.parametrize("name", sorted(ZOO))
def test_a_folded_model_says_the_same(name):
    """Without batch norms, within rounding; records keep what is missing."""
    parameters = {"dropout": 0.5}
    shape = (7, 3) if ZOO[name].takes == "sequences" else (1, 28, 28)
    module = stirred(built(name, parameters, shape, 10, Variant("v", {})))
    x = torch.randn(5, *shape, generator=torch.Generator().manual_seed(2))
    if ZOO[name].takes == "sequences":
        x[x > 0.5] = torch.nan
    with torch.inference_mode():
        whole, short = module(x), folded(module)(x)

    kinds = {type(layer) for layer in folded(module).modules()}
    assert not kinds & {torch.nn.BatchNorm2d, torch.nn.Dropout} or ZOO[name].takes == "sequences"
    assert torch.allclose(whole, short, atol=1e-4 * float(whole.abs().max()))


def test_folding_leaves_a_convolution_used_twice_alone():
    """Its weights belong to two places, only one of which has the batch norm."""

    class Twice(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(2, 2, 3, padding=1)
            self.norm = torch.nn.BatchNorm2d(2)

        def forward(self, x):
            return self.norm(self.conv(self.conv(x)))

    module = stirred(Twice())
    x = torch.ones(1, 2, 4, 4)
    with torch.inference_mode():
        assert torch.allclose(module(x), folded(module)(x), atol=1e-6)


def test_initial_weights_hang_on_the_seed_alone():
    """The same seed gives the same weights whatever the global generators hold."""
    states = []
    for disturb in (1, 2):
        torch.manual_seed(disturb)
        module = built("mlp", {}, (4,), 2, Variant("v", {"init": 5}))
        states.append(module.state_dict()["1.weight"])
    other = built("mlp", {}, (4,), 2, Variant("v", {"init": 6})).state_dict()["1.weight"]

    assert torch.equal(*states)
    assert not torch.equal(states[0], other)


def test_a_quiet_machine_puts_everything_back():
    """Threads and generators are as before, also after an error."""
    torch.manual_seed(3)
    before = torch.get_rng_state(), torch.get_num_threads()

    def disturbed():
        with quiet_machine(torch.device("cpu"), 9):
            torch.rand(3)
            raise KeyError

    with pytest.raises(KeyError):
        disturbed()

    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == torch.get_num_threads()


def shares(*seeds, rows, scaling):
    return [Share(Variant(f"v{s}", {"order": s, "augment": s}), rows, scaling) for s in seeds]


def feed_of(*seeds, augment=(), batch=4):
    examples = torch.arange(10 * 4 * 4, dtype=torch.float32).reshape(10, 4, 4, 1)
    scaling = Moments(examples).scaling("unit", np.arange(10), bytes_in=False)
    parts = shares(*seeds, rows=np.arange(10), scaling=scaling)
    return Feed(examples, torch.arange(10), parts, augment, batch)


def test_an_epoch_shows_every_row_once():
    """Each variant sees every row once an epoch, in an order of its own, new each epoch."""
    feed = feed_of(1, 2)
    seen = [torch.cat([y for _, y in feed.epoch(e)], dim=1).tolist() for e in (0, 1)]

    orders = [tuple(order) for epoch in seen for order in epoch]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len(set(orders)) == 4
    assert feed.steps == 3


@pytest.mark.parametrize("augment", [(), ("flip", "crop", "erase")])
def test_batches_of_several_variants_are_those_of_each(augment):
    """A feed of many gives to each what a feed of its own would."""
    both = list(feed_of(1, 2, augment=augment).epoch(3))
    single = list(feed_of(2, augment=augment).epoch(3))

    for (x, y), (x1, y1) in zip(both, single, strict=True):
        assert torch.equal(x[1], x1[0])
        assert torch.equal(y[1], y1[0])


def test_batches_hold_pixels_channels_last():
    """Convolutions get the memory layout they are fastest with."""
    images = torch.zeros(8, 6, 6, 3, dtype=torch.uint8)
    scaling = Moments(images).scaling("unit", np.arange(8), bytes_in=True)
    feed = Feed(
        images,
        torch.zeros(8, dtype=torch.int64),
        shares(1, rows=np.arange(8), scaling=scaling),
        (),
        4,
    )
    x, _ = next(iter(feed.epoch(0)))

    assert x.shape == (1, 4, 3, 6, 6)
    assert x[0].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_augmentations_keep_shape_and_type_and_change_some(name):
    """Bytes stay bytes; what an image becomes hangs on its own draw only."""
    images = torch.randint(1, 256, (40, 16, 12, 3), generator=torch.Generator().manual_seed(4))
    images = images.to(torch.uint8)
    rule = AUGMENTATIONS[name]
    draws = torch.from_numpy(rule.draw(np.random.default_rng(5), 40, 16, 12))
    before = images.clone()
    out = rule.apply(images, draws)

    assert torch.equal(before, images)
    assert (out.shape, out.dtype) == (images.shape, images.dtype)
    assert 5 < (out != images).flatten(1).any(dim=1).sum() <= 40
    assert torch.equal(rule.apply(images[7:9], draws[7:9]), out[7:9])


def test_a_flip_mirrors_left_and_right():
    """Columns are reversed, rows are not."""
    image = torch.arange(6).reshape(1, 2, 3, 1)
    out = AUGMENTATIONS["flip"].apply(image, torch.tensor([[1]]))

    assert out.flatten().tolist() == [2, 1, 0, 5, 4, 3]


def test_a_crop_repeats_the_edge():
    """A shift of one row down and none across."""
    image = torch.arange(6).reshape(1, 3, 2, 1)
    out = AUGMENTATIONS["crop"].apply(image, torch.tensor([[1, 0]]))

    assert out.flatten().tolist() == [2, 3, 4, 5, 4, 5]


@settings(max_examples=30, deadline=None)
@given(
    offset=st.floats(-1e5, 1e5),
    spread=st.floats(1e-2, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
def test_standard_scaling_gives_mean_zero_and_deviation_one(offset, spread, seed):
    """Over the rows it was taken from, also where the mean is large."""
    rng = np.random.default_rng(seed)
    values = torch.from_numpy((offset + spread * rng.normal(size=(50, 3, 3, 2))).astype(np.float32))
    rows = rng.integers(50, size=30)
    scaling = Moments(values).scaling("standard", rows, bytes_in=False)
    truth = values.numpy()[rows].astype(np.float64)

    assert np.allclose(scaling.mean, truth.mean(axis=(0, 1, 2)), rtol=1e-6, atol=1e-6 * spread)
    assert np.allclose(1 / scaling.inverse, truth.std(axis=(0, 1, 2)), rtol=1e-4)


def test_a_constant_feature_is_not_divided_by_zero():
    """What does not vary keeps its own unit."""
    rows = torch.tensor([[1.0, 5.0], [2.0, 5.0]])
    scaling = Moments(rows).scaling("standard", np.arange(2), bytes_in=False)

    assert scaling.inverse.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unit", Representation("unit")),
        ("bilinear-32", Representation("standard", "bilinear", 32)),
        ("unit+area-8", Representation("unit", "area", 8)),
    ],
)
def test_representations_are_read(text, expected):
    """One scaling and one resizing, joined by a plus."""
    assert Representation.parse(text) == expected


@pytest.mark.parametrize("kernel", ["area", "bicubic", "bilinear", "nearest"])
def test_resizing_keeps_a_flat_image_flat(kernel):
    """Whatever the kernel, grey stays grey."""
    out = Representation.parse(f"{kernel}-5").resized(
        torch.full((2, 9, 7, 3), 40, dtype=torch.uint8)
    )

    assert out.shape == (2, 5, 5, 3)
    assert torch.allclose(out, torch.tensor(40.0), atol=1e-3)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 500])
def test_schedules_stay_between_nothing_and_the_peak(schedule, steps):
    """Factors lie in (0, 1], and the long ones end low after having been high."""
    rates = [factor(schedule, step, steps) for step in range(steps)]

    assert all(0 < rate <= 1 for rate in rates)
    if steps == 500 and schedule != "constant":
        assert max(rates) > 0.99
        assert rates[-1] < 0.001
    if schedule == "one_cycle" and steps == 500:
        assert rates[0] < 0.01
        assert 145 < int(np.argmax(rates)) < 155
