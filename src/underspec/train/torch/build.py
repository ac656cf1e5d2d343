"""From a trainer's `model` to a module with initial weights, and around a training's randomness."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Variant
from underspec.train.named import named
from underspec.train.pinned import pinned_numpy
from underspec.train.sources import source_stream
from underspec.train.torch.zoo import ZOO

__all__ = ["DROPOUTS", "built", "factory_of", "placed", "quiet_machine"]

DROPOUTS = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)


def factory_of(model: str | Callable[..., Any]) -> Callable[..., Any]:
    """Return the function ``(shape, classes, **parameters) -> module``.

    Raises:
        UsageError: nothing is found under the name.
    """
    if not isinstance(model, str):
        return model
    if ":" not in model and model not in ZOO:
        raise UsageError(
            one_of("model", model, ZOO)
            + " Your own is written 'file.py:factory' or 'package.module:factory'."
        )
    factory: Callable[..., Any] = named(ZOO[model].target if model in ZOO else model, "model")
    return factory


def built(
    model: str | Callable[..., Any],
    parameters: Mapping[str, Any],
    shape: tuple[int, ...],
    classes: int,
    variant: Variant,
) -> nn.Module:
    """Return the model with the initial weights of a variant, on the CPU whatever the device.

    Args:
        model: a factory or its name.
        parameters: what it takes beside shape and classes.
        shape: of one example, (channels, height, width) or (features,).
        classes: number of logits.
        variant: whose `init` seeds the weights.

    Raises:
        UsageError: the factory does not take a parameter, or returns no module.
    """
    factory = factory_of(model)
    try:
        inspect.signature(factory).bind(shape, classes, **parameters)
    except TypeError as error:
        raise UsageError(
            f"The model factory cannot be called as factory(shape, classes, **model_parameters): "
            f"{error}. Got the parameters {dict(parameters)!r}."
        ) from None
    stream = source_stream(variant, "init")
    with torch.random.fork_rng(devices=[]), pinned_numpy(stream):
        torch.default_generator.manual_seed(stream.seed())
        module = factory(shape, classes, **parameters)
    if not isinstance(module, nn.Module):
        raise UsageError(f"The model factory must return a torch.nn.Module. Got {module!r}.")
    return module


def placed(module: nn.Module, device: torch.device) -> nn.Module:
    """Return the module on the device, the weights of convolutions channels last."""
    moved: nn.Module = module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved


@contextmanager
def quiet_machine(device: torch.device, seed: int) -> Iterator[None]:
    """Pin what PyTorch shares in a process, and put it back afterwards.

    Inside: the generators that dropout draws from, one thread on a CPU, repeatable convolutions on
    a GPU.

    Args:
        device: where the training or prediction runs.
        seed: of the generators.
    """
    threads = torch.get_num_threads()
    cuda = device.type == "cuda"
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if cuda else []):
        torch.default_generator.manual_seed(seed)
        if cuda:
            torch.cuda.manual_seed(seed)
        else:
            torch.set_num_threads(1)
        try:
            with torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            ):
                yield
        finally:
            torch.set_num_threads(threads)
