"""Optimisers by name, and how the learning rate moves over a training."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["OPTIMISERS", "SCHEDULES", "factor", "optimiser"]

OPTIMISERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "cosine", "one_cycle")
_WARM = 0.3  # share of the steps that one_cycle climbs


def optimiser(
    name: str,
    weights: "Iterable[torch.Tensor]",
    learning_rate: float,
    weight_decay: float,
    momentum: float,
) -> "torch.optim.Optimizer":
    """Return a fused optimiser; element-wise, so that stacked weights train as single ones do.

    Args:
        name: one of `OPTIMISERS`.
        weights: the leaves to train.
        learning_rate: its peak.
        weight_decay: decoupled for ``adamw``, added to the gradient for the others.
        momentum: of ``sgd``.
    """
    import torch

    settings: dict[str, Any] = {"lr": learning_rate, "weight_decay": weight_decay, "fused": True}
    if name == "sgd":
        return torch.optim.SGD(weights, momentum=momentum, **settings)
    if name == "adam":
        return torch.optim.Adam(weights, **settings)
    return torch.optim.AdamW(weights, **settings)


def factor(schedule: str, step: int, steps: int) -> float:
    """Return what the learning rate is multiplied with at one step.

    ``cosine`` falls from 1 to 0; ``one_cycle`` climbs in a line for three tenths of the steps and
    falls by a cosine (Smith and Topin 2018).

    Args:
        schedule: one of `SCHEDULES`.
        step: from 0.
        steps: of the whole training.
    """
    if schedule == "constant":
        return 1.0
    at = (step + 0.5) / steps
    if schedule == "one_cycle":
        if at < _WARM:
            return at / _WARM
        at = (at - _WARM) / (1 - _WARM)
    return 0.5 * (1 + math.cos(math.pi * at))
