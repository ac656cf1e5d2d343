"""The training loop: one for a single model and for a stack of them."""

from collections.abc import Callable, Iterable

import torch

from underspec.train.torch.feed import Feed
from underspec.train.torch.optim import factor, optimiser
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["train"]


def train(
    settings: TorchTrainer,
    weights: Iterable[torch.Tensor],
    losses_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    feed: Feed,
    device: torch.device,
) -> list[str | None]:
    """Train weights in place.

    Args:
        settings: the trainer, with the values that all variants of the feed share put in.
        weights: the leaves to train.
        losses_of: (inputs, labels), as the feed gives them, to one loss a variant.
        feed: of the variants that train together.
        device: where to train.

    Returns:
        Per variant of the feed why it diverged, or None.
    """
    rule = optimiser(
        settings.optimiser,
        weights,
        settings.learning_rate,
        settings.weight_decay,
        settings.momentum,
    )
    steps = settings.epochs * feed.steps
    step = 0
    reasons: list[str | None] = []
    for epoch in range(settings.epochs):
        seen = []
        for inputs, labels in feed.epoch(epoch):
            for group in rule.param_groups:
                group["lr"] = settings.learning_rate * factor(settings.schedule, step, steps)
            with torch.autocast(
                device.type, dtype=torch.bfloat16, enabled=settings.precision == "bf16"
            ):
                losses = losses_of(inputs, labels)
            rule.zero_grad()
            losses.sum().backward()  # type: ignore[no-untyped-call]
            rule.step()
            seen.append(losses.detach())
            step += 1
        # Once an epoch: asking at each step would make a GPU wait.
        reasons = _reasons(reasons, torch.stack(seen), epoch)
        if all(reasons):
            break
    return reasons


def _reasons(before: list[str | None], losses: torch.Tensor, epoch: int) -> list[str | None]:
    wrong = (~losses.isfinite()).cpu()
    before = before or [None] * wrong.shape[1]
    return [
        known
        or (
            f"The loss was not finite in epoch {epoch + 1}, step {int(column.int().argmax()) + 1}."
            if bool(column.any())
            else None
        )
        for known, column in zip(before, wrong.T, strict=True)
    ]
