"""Settings of the PyTorch trainer: refused early, told in full."""

import inspect
import sys

import pytest

from underspec import train
from underspec.core.errors import MissingExtraError, UsageError
from underspec.core.records import Variant
from underspec.train.torch import trainer as module
from underspec.train.torch.zoo import ZOO

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"model": "small_cmn"}, "Did you mean 'small_cnn'"),
        ({"model_parameters": {"wdith": 3}}, "Did you mean 'width'"),
        ({"optimiser": "adamm"}, "Did you mean 'adam'"),
        ({"schedule": "linear"}, "No schedule named 'linear'"),
        ({"precision": "f16"}, "Known: f32, bf16"),
        ({"head": "zeros"}, "Did you mean 'zero'"),
        ({"pretrain": 3}, "Write pretrain"),
        ({"pretrain": {"reader": "sklearn_digits"}}, "pretrain needs epochs"),
        ({"pretrain": {"reader": "sklearn_digits", "epoch": 1}}, "Did you mean 'epochs'"),
        ({"pretrain": {"reader": "sklearn_digits", "epochs": 0}}, "whole number from 1"),
        (
            {"pretrain": {"reader": {"sklearn_digit": {}}, "epochs": 1}},
            "Did you mean 'sklearn_digits'",
        ),
        (
            {"pretrain": {"reader": {"a": {}, "b": {}}, "epochs": 1}},
            "The data of pretrain are one reader",
        ),
        (
            {"weights": "a.pt", "pretrain": {"reader": "sklearn_digits", "epochs": 1}},
            "weights to start from, or pretrain, not both",
        ),
        ({"layout": "records"}, "No layout named 'records'"),
        ({"layout": "sequences"}, "'small_cnn' takes no sequences"),
        ({"model": "recurrent", "stacking": "always"}, "cannot be trained as a stack"),
        ({"model": "recurrent", "model_parameters": {"cell": "lsmt"}}, "Did you mean 'lstm'"),
        ({"device": "gpu"}, "Known: auto, cpu, cuda"),
        ({"stacking": True}, "Known: auto, never, always"),
        ({"augment": ("flop",)}, "Did you mean 'flip'"),
        ({"epochs": 0}, "epochs must be a number above 0"),
        ({"batch": 12.5}, "batch must be a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
        ({"momentum": 1}, "momentum must be from 0"),
        ({"weight_decay": -1}, "weight_decay must not be negative"),
        ({"representation": "bilinear"}, "No representation named 'bilinear'"),
        ({"sample": 3}, "share of the training rows"),
    ],
)
def test_wrong_settings_are_refused_at_once(parameters, said):
    """Before anything trains, in a sentence that names what is known."""
    with pytest.raises(UsageError, match=said):
        train.get("torch", **parameters)


def test_without_pytorch_the_command_to_install_it_is_said(monkeypatch):
    """A missing extra ends in the command to paste."""
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'underspec\[torch\]'"):
        train.get("torch")


def test_cuda_without_a_gpu_is_refused(monkeypatch):
    """A device that is not there is an error, not a quiet fall back."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="sees no GPU"):
        _ = train.get("torch", device="cuda").strategy


@pytest.mark.parametrize(
    ("parameters", "gpu", "strategy"),
    [
        ({}, False, "cpu-f32-each"),
        ({"precision": "bf16"}, False, "cpu-bf16-each"),
        ({"stacking": "always"}, False, "cpu-f32-stacked"),
        ({}, True, "cuda-f32-stacked"),
        ({"device": "cpu"}, True, "cpu-f32-each"),
        ({"stacking": "never"}, True, "cuda-f32-each"),
        ({"model_parameters": {"dropout": 0.5}}, True, "cuda-f32-each"),
        ({"model": "mine.py:net"}, True, "cuda-f32-each"),
        ({"model": "recurrent"}, True, "cuda-f32-each"),
    ],
)
def test_the_strategy_names_what_decides_the_numbers(parameters, gpu, strategy, monkeypatch):
    """Device, precision and stacking; what draws inside a model is never stacked by itself."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)

    assert train.get("torch", **parameters).strategy == strategy


def test_sources_are_those_that_move_something():
    """No augmentation, no dropout: no such source."""
    plain = train.get("torch")
    full = train.get("torch", augment="flip", model_parameters={"dropout": 0.1})

    assert {"init", "order", "sample", "epochs", "representation", "width"} <= set(plain.sources)
    assert "augment" not in plain.sources
    assert {"augment", "dropout"} <= set(full.sources)


@pytest.mark.parametrize(
    ("seeds", "values", "said"),
    [
        ({"augment": 1}, {}, "write augment"),
        ({"dropout": 1}, {}, "write model_parameters"),
        ({"pretrain": 1}, {}, "No source of the trainer 'torch' named 'pretrain'|write pretrain"),
        ({}, {"head": "zeros"}, "Did you mean 'zero'"),
        ({"epochs": 1}, {}, "takes values, not seeds"),
        ({"colour": 1}, {}, "No source of the trainer 'torch' named 'colour'"),
        ({}, {"order": 3}, "takes seeds, not values"),
        ({}, {"epochs": 0}, "epochs must be"),
        ({}, {"representation": "cubic-3"}, "No representation named"),
    ],
)
def test_sources_that_do_not_suit_are_refused(seeds, values, said):
    """A source that would change nothing, or a value that is none."""
    with pytest.raises(UsageError, match=said):
        train.get("torch").settings(Variant("v", seeds, values))


def test_values_are_put_in():
    """Values of sources become settings or parameters of the model."""
    values = {"epochs": 2, "width": 8, "representation": "unit", "sample": 0.5}
    settings = train.get("torch").settings(Variant("v", {}, values))

    assert (settings.epochs, settings.representation) == (2, "unit")
    assert settings.model_parameters == {"width": 8}


@pytest.mark.parametrize("name", sorted(ZOO))
def test_the_zoo_table_tells_the_factories_parameters(name):
    """The table, which loads no PyTorch, agrees with the code."""
    from underspec.train.torch.build import factory_of

    parameters = tuple(inspect.signature(factory_of(name)).parameters)

    assert parameters == ("shape", "classes", *ZOO[name].parameters)


def test_repr_tells_every_field_and_no_address():
    """The repr is the provenance, also of a factory."""
    text = repr(train.get("torch", model=sys.intern, epochs=3))

    assert "model=sys:intern" in text
    assert "epochs=3" in text
    assert "0x" not in text
