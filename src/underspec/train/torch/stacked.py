"""Variants trained as one, their weights stacked: for a GPU, which one small model leaves idle.

Equal to one after another within rounding only: the sums run in another order.
"""

import copy
import warnings
from collections.abc import Sequence

import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from underspec.core.errors import UsageError
from underspec.train.torch.build import DROPOUTS
from underspec.train.torch.feed import Feed
from underspec.train.torch.loop import train
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["train_stacked"]


def train_stacked(
    settings: TorchTrainer, modules: Sequence[nn.Module], feed: Feed, device: torch.device
) -> list[str | None]:
    """Train modules of one shape in place.

    Args:
        settings: the trainer, with the values that all these variants share put in.
        modules: with their initial weights, on the device.
        feed: of these variants, in this order.
        device: where to train.

    Returns:
        Per module why it diverged, or None.

    Raises:
        UsageError: the model draws random numbers, which one stack cannot keep apart by variant.
    """
    for module in modules:
        module.train()
        if any(isinstance(layer, DROPOUTS) and layer.p for layer in module.modules()):
            raise UsageError(
                "The strategy 'stacked' cannot give each variant its own dropout. "
                "Use stacking: never, or a model without dropout."
            )
    weights, buffers = stack_module_state(list(modules))
    skeleton = copy.deepcopy(modules[0]).to("meta")

    def loss_of(
        own: dict[str, torch.Tensor],
        kept: dict[str, torch.Tensor],
        inputs: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        return cross_entropy(functional_call(skeleton, (own, kept), (inputs,)), labels)

    # "error": a draw inside would be shared by the stack, and so hang on how blocks were cut.
    stack = vmap(loss_of, randomness="error")

    def losses_of(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with warnings.catch_warnings():
            # Layers without a rule for stacks run one after another: slower, not wrong.
            warnings.filterwarnings("ignore", message="There is a performance drop")
            losses: torch.Tensor = stack(weights, buffers, inputs, labels)
        return losses

    reasons = train(settings, weights.values(), losses_of, feed, device)
    with torch.no_grad():
        for v, module in enumerate(modules):
            own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
            for name, values in {**weights, **buffers}.items():
                own[name].copy_(values[v])
    return reasons
