"""The optimiser, and how its learning rate moves over a training."""

import math
from typing import Literal

import torch
from torch import nn

__all__ = ["factor", "optimiser"]

_STEPS = (1 / 3, 2 / 3, 8 / 9)


def optimiser(
    module: nn.Module, learning_rate: float, momentum: float, weight_decay: float
) -> torch.optim.SGD:
    """Return gradient descent with Nesterov momentum; norms and biases do not decay."""
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    held = [group for group in groups if group["params"]]
    return torch.optim.SGD(held, lr=learning_rate, momentum=momentum, nesterov=True)


def factor(schedule: Literal["cosine", "step"], at: float, warm: float) -> float:
    """Return what the learning rate is multiplied with.

    Args:
        schedule: after the warm-up ``cosine`` falls from 1 to 0, and ``step`` by ten at 1/3, 2/3 and 8/9 of
            the training.
        at: share of the training that is done, 0..1.
        warm: share of it that is warm-up, a line from 0.
    """
    if at < warm:
        return at / warm
    if schedule == "step":
        return float(10.0 ** -sum(at >= step for step in _STEPS))
    return 0.5 * (1 + math.cos(math.pi * (at - warm) / (1 - warm)))
