"""Prediction: batch norm folded into convolutions, fixed batches, no autograd."""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from underspec.core.errors import UsageError
from underspec.core.records import Scores
from underspec.train.torch.build import DROPOUTS
from underspec.train.torch.feed import scaled

if TYPE_CHECKING:
    from underspec.train.torch.fitted import Learned

__all__ = ["chances_of", "folded", "scores_of"]

_NUMBERS = 200_000  # in one batch, so that its activations stay in the cache of one core
_GPU_NUMBERS = 2_000_000
_MOST = 256


def folded(module: nn.Module) -> nn.Module:
    """Return an equal module for prediction, without batch norms after convolutions or dropout.

    A module that cannot be traced, because its forward branches on values, stays as it is.
    """
    module = copy.deepcopy(module).eval()
    try:
        traced = fx.symbolic_trace(module)
    except Exception:  # noqa: BLE001  tracing runs user code on proxies, which may raise anything
        return module
    for node in list(traced.graph.nodes):
        if node.op != "call_module":
            continue
        layer = traced.get_submodule(node.target)
        before = node.args[0] if node.args else None
        if not isinstance(before, fx.Node):
            continue
        if isinstance(layer, DROPOUTS):
            node.replace_all_uses_with(before)
            traced.graph.erase_node(node)
        elif isinstance(layer, nn.BatchNorm2d) and _convolution(traced, before):
            conv = traced.get_submodule(str(before.target))
            assert isinstance(conv, nn.Conv2d)  # noqa: S101
            traced.set_submodule(str(before.target), fuse_conv_bn_eval(conv, layer))
            node.replace_all_uses_with(before)
            traced.graph.erase_node(node)
    traced.delete_all_unused_submodules()
    traced.recompile()
    return traced


def _convolution(traced: fx.GraphModule, node: fx.Node) -> bool:
    """Whether the node is a convolution that is used here only, and run once only."""
    if node.op != "call_module" or len(node.users) > 1:
        return False
    runs = [n for n in traced.graph.nodes if n.op == "call_module" and n.target == node.target]
    return len(runs) == 1 and type(traced.get_submodule(str(node.target))) is nn.Conv2d


def scores_of(
    learned: "Sequence[Learned]",
    array: NDArray[np.generic],
    classes: int,
    device: torch.device,
    precision: str,
) -> Scores:
    """Return probabilities, float32 [models, examples, classes].

    Batches are all of one size, the last filled up: what is said of an example does not depend on
    how many others are asked about.

    Args:
        learned: the models.
        array: uint8 or float32 [n, height, width, channels], [n, features] or [n, steps, columns].
        classes: number of class codes.
        device: where the modules are.
        precision: ``f32`` or ``bf16``.

    Raises:
        UsageError: a model does not return one logit a class.
    """
    n = len(array)
    scores = np.zeros((len(learned), n, classes), dtype=np.float32)
    numbers = _NUMBERS if device.type == "cpu" else _GPU_NUMBERS
    size = max(8, numbers // max(1, array[:1].size))
    size = min(size, _MOST) if device.type == "cpu" else size
    with (
        torch.inference_mode(),
        torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16"),
    ):
        for start in range(0, n, size):
            part = array[start : start + size]
            batch = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
            batch[: len(part)] = part
            raw = torch.from_numpy(batch).to(device)
            shown: tuple[object, torch.Tensor] | None = None
            for m, model in enumerate(learned):
                if shown is None or shown[0] != model.view:
                    shown = (model.view, _input(model, raw))
                chances = chances_of(model.folded(shown[1]), size, classes)[: len(part)]
                scores[m, start : start + size] = chances.cpu().numpy()
    return scores


def chances_of(logits: torch.Tensor, size: int, classes: int) -> torch.Tensor:
    """Return the probabilities of a batch, float32 [size, classes].

    Raises:
        UsageError: the model did not return one logit a class and example.
    """
    if logits.shape != (size, classes):
        raise UsageError(
            f"The model must return logits [examples, {classes}]. Got shape "
            f"{list(logits.shape)} for {size} examples."
        )
    return logits.float().softmax(dim=1)


def _input(model: "Learned", raw: torch.Tensor) -> torch.Tensor:
    examples = model.representation.resized(raw) if raw.ndim == 4 else raw
    mean, inverse = (
        torch.from_numpy(a.copy()).to(raw.device)
        for a in (model.scaling.mean, model.scaling.inverse)
    )
    return scaled(examples, mean, inverse, images=raw.ndim == 4)
