"""What a training starts from: given weights, and the four ways to make a last layer."""

import numpy as np
import pytest

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.train import get

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

SHAPE = (3, 12, 12)


@pytest.fixture
def saved(tmp_path, trainer):
    """Return a file of weights of a model of five classes, in one of several forms."""

    def write(form="plain"):
        from underspec.train.torch.zoo.small_resnet import small_resnet

        torch.manual_seed(1)
        state = small_resnet(SHAPE, 5, width=4, dropout=0.2).state_dict()
        if form == "safetensors":
            from safetensors.torch import save_file

            save_file(state, tmp_path / "w.safetensors")
            return str(tmp_path / "w.safetensors"), state
        held = {
            "plain": state,
            "wrapped": {"epoch": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}},
        }[form]
        torch.save(held, tmp_path / "w.pt")
        return str(tmp_path / "w.pt"), state

    with torch.random.fork_rng():
        yield write


def begun(settings, number=0, *sources, **values):
    from underspec.train.torch.images.start import begun as start

    variant = Variant("v000", {s: 10 * number + at for at, s in enumerate(sources)}, values)
    return start(settings.settings(variant), SHAPE, 3, variant)


def parts(module):
    """Return (body, last weights, last bias)."""
    from underspec.train.torch.start import last_layer

    name, layer = last_layer(module, 3)
    body = [v.numpy().ravel() for k, v in module.state_dict().items() if not k.startswith(name)]
    return np.concatenate(body), layer.weight.detach().numpy(), layer.bias.detach().numpy()


@pytest.mark.parametrize("form", ["plain", "wrapped", "safetensors"])
def test_all_but_the_last_layer_is_taken_over(trainer, saved, form):
    """Of a file of five classes the body is used, and three new logits are made."""
    path, state = saved(form)
    body, last, _ = parts(begun(trainer(weights=path), 0, "init"))

    given = [v.numpy().ravel() for k, v in state.items() if v.shape[:1] != (5,)]
    assert np.array_equal(body, np.concatenate(given))
    assert last.shape[0] == 3


def test_with_given_weights_the_initial_seed_moves_the_last_layer_alone(trainer, saved):
    """Two variants share their bodies."""
    settings = trainer(weights=saved()[0])
    one, other = parts(begun(settings, 0, "init")), parts(begun(settings, 1, "init"))

    assert np.array_equal(one[0], other[0])
    assert not np.array_equal(one[1], other[1])


def test_the_source_head_moves_the_last_layer_alone(trainer):
    """From scratch too: as a seed it leaves the body as `init` drew it."""
    settings = trainer()
    one = parts(begun(settings, 0, "head"))
    other = parts(begun(settings, 1, "head"))

    assert np.array_equal(one[0], other[0])
    assert not np.array_equal(one[1], other[1])


@pytest.mark.parametrize("head", ["default", "zero", "uniform", "normal"])
def test_a_last_layer_is_as_named(trainer, head):
    """Zero is zero, uniform within its bound, normal of its deviation; as a setting and as a value."""
    _, last, bias = parts(begun(trainer(model_parameters={"width": 16}, head=head), 0, "init"))
    _, value, _ = parts(begun(trainer(model_parameters={"width": 16}), 0, "init", head=head))

    assert np.array_equal(last, value)
    if head == "zero":
        assert not last.any()
        assert not bias.any()
    elif head == "normal":
        assert last.std() == pytest.approx(0.01, rel=0.3)
    else:
        assert 0.8 / 8 < np.abs(last).max() <= 1 / 8


def test_an_unknown_head_is_refused(trainer):
    """As a setting and as a value of the source."""
    with pytest.raises(UsageError, match="head"):
        trainer(head="one")
    with pytest.raises(UsageError, match="head"):
        begun(trainer(), 0, "init", head="one")


def test_weights_of_another_model_are_refused(trainer, saved):
    """A body that they fill in part only is no start: the error says what is lacking."""
    path, _ = saved()
    with pytest.raises(UsageError, match=r"start anew.*saved from"):
        begun(trainer(weights=path, model_parameters={"width": 4, "blocks": 2, "dropout": 0.2}))


def test_files_that_are_no_weights_are_refused(trainer, tmp_path):
    """Missing, text, pickled objects, and no tensors by name."""
    with pytest.raises(UsageError, match="no file"):
        begun(trainer(weights=str(tmp_path / "none.pt")))
    (tmp_path / "text.pt").write_text("weights")
    torch.save({"a": 3}, tmp_path / "numbers.pt")
    for name, said in (("text.pt", "cannot be read"), ("numbers.pt", "no tensors by name")):
        with pytest.raises(UsageError, match=said):
            begun(trainer(weights=str(tmp_path / name)))


def test_other_weights_are_another_strategy(trainer, saved, tmp_path):
    """What the file holds counts, not what it is called."""
    path, state = saved()
    before = trainer(weights=path).strategy
    torch.save({k: v + 1 for k, v in state.items()}, path)

    assert trainer().strategy == "cpu-f32"
    assert before.startswith("cpu-f32-")
    assert trainer(weights=path).strategy != before


def test_a_zero_head_learns(trainer, variant, saved, photographs):
    """Fine-tuning from given weights with a last layer of zeros."""
    settings = trainer(weights=saved()[0], head="zero", epochs=8)
    fitted = settings.fit([variant(0, "order", "augment")], photographs)
    right = fitted.predict(photographs.inputs)[0].argmax(axis=1) == photographs.labels

    assert right.mean() > 0.8


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs"),
        ({"micro_batch": 0}, "micro_batch"),
        ({"warm_up": 3, "epochs": 3}, "warm_up"),
        ({"momentum": 0}, "momentum"),
        ({"label_smoothing": 1}, "label_smoothing"),
        ({"least_area": 0}, "least_area"),
        ({"augment": ["turn"]}, "augmentation"),
        ({"schedule": "line"}, "schedule"),
        ({"model": "resnet5"}, "model"),
        ({"model_parameters": {"wide": 3}}, "parameter"),
        ({"weights": 3}, "weights"),
        ({"checkpoints": ""}, "checkpoints"),
        ({"every": 0}, "every"),
    ],
)
def test_settings_are_checked(trainer, settings, said):
    """Each is told by its name."""
    with pytest.raises(UsageError, match=said):
        trainer(**settings)


def test_idle_and_unknown_sources_are_refused(trainer, variant):
    """An augmentation that is not there, a last layer of zeros, a source that nobody knows, a value for a seed."""
    for one, said in (
        (variant(0, "augment"), "would change nothing"),
        (variant(0, "head"), "would change nothing"),
        (variant(0, "dust"), "source"),
        (variant(0, "init", order=3), "takes seeds"),
    ):
        with pytest.raises(UsageError, match=said):
            trainer(augment=[], head="zero").settings(one)


def test_the_default_recipe_is_the_usual_one():
    """ResNet-50 on ImageNet, as commonly trained."""
    fields = get("torch_images", model="small_resnet")
    assert (fields.epochs, fields.batch, fields.learning_rate) == (90, 256, 0.1)
    assert (fields.momentum, fields.weight_decay, fields.warm_up) == (0.9, 1e-4, 5)
