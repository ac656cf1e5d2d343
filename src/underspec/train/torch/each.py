"""One variant by itself: what is fastest on a CPU, and the same whoever else is in the block."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from underspec.train.torch.feed import Feed
from underspec.train.torch.loop import train
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["train_each"]


def train_each(
    settings: TorchTrainer, module: nn.Module, feed: Feed, device: torch.device
) -> str | None:
    """Train a module in place.

    Args:
        settings: the trainer, with the variant's values put in.
        module: with its initial weights, on the device.
        feed: of this one variant.
        device: where to train.

    Returns:
        Why it diverged, or None.
    """
    module.train()

    def losses_of(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return cross_entropy(module(inputs[0]), labels[0])[None]

    return train(settings, module.parameters(), losses_of, feed, device)[0]
