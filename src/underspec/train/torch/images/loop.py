"""The training of one variant, from its beginning or from where it stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from underspec.train.torch.feed import scaled
from underspec.train.torch.images.batches import Batch, Batches
from underspec.train.torch.images.checkpoint import Standing
from underspec.train.torch.images.rate import factor, optimiser
from underspec.train.torch.images.trainer import ImagesTrainer

__all__ = ["Training"]


@dataclass(frozen=True, eq=False)
class Training:
    """One variant's training.

    Attributes:
        settings: the trainer, with the variant's values put in.
        batches: of the variant.
        scaling: mean and inverse deviation of each channel, two tensors [channels] on the device.
        device: where to train.
        precision: ``f32`` or ``bf16``.
        keep: called with where the training stands whenever that is to be kept.
    """

    settings: ImagesTrainer
    batches: Batches
    scaling: tuple[torch.Tensor, torch.Tensor]
    device: torch.device
    precision: str
    keep: Callable[[Standing], None]

    def run(self, module: nn.Module, before: Standing | None) -> Standing:
        """Train a module in place.

        Args:
            module: as `start.begun` makes it, on the device.
            before: where an earlier process stopped; from the first step where None.

        Returns:
            The end: the weights, how long it took, and why it diverged if it did.

        Raises:
            UsageError: an image cannot be decoded.
        """
        began = time.perf_counter()
        settings, steps = self.settings, self.batches.steps
        rule = optimiser(module, settings.learning_rate, settings.momentum, settings.weight_decay)
        first, start, spent = 0, 0, 0.0
        if before is not None:
            module.load_state_dict(before.model)
            rule.load_state_dict(before.optimiser)
            _set_random(before.random, self.device)
            first, start, spent = before.epoch, before.step, before.seconds

        def standing(epoch: int, step: int, **more: Any) -> Standing:
            seconds = spent + time.perf_counter() - began
            random = _random(self.device)
            return Standing(
                epoch, step, module.state_dict(), rule.state_dict(), random, seconds, **more
            )

        module.train()
        if before is None:
            self.keep(standing(0, 0))  # so that a folder that cannot be written shows at once
        for epoch in range(first, settings.epochs):
            seen: list[torch.Tensor] = []
            for at, batch in enumerate(self.batches.epoch(epoch, start), start):
                self._turn(rule, epoch * steps + at, steps)
                seen.append(self._step(module, rule, batch))
                if settings.every and (at + 1) % settings.every == 0 and at + 1 < steps:
                    if reason := _diverged(seen, epoch, at + 1):
                        return standing(epoch, at + 1, finished=True, failed=reason)
                    seen = []
                    self.keep(standing(epoch, at + 1))
            start = 0
            # Once an epoch: asking at each step would make a GPU wait.
            if reason := _diverged(seen, epoch, steps):
                return standing(epoch, steps, finished=True, failed=reason)
            if epoch + 1 < settings.epochs:
                self.keep(standing(epoch + 1, 0))
        return standing(settings.epochs, 0, finished=True)

    def _turn(self, rule: torch.optim.Optimizer, step: int, steps: int) -> None:
        settings = self.settings
        at = (step + 0.5) / (settings.epochs * steps)
        warm = settings.warm_up / settings.epochs
        rate = settings.learning_rate * factor(settings.schedule, at, warm)
        for group in rule.param_groups:
            group["lr"] = rate

    def _step(self, module: nn.Module, rule: torch.optim.Optimizer, batch: Batch) -> torch.Tensor:
        """Take one step and return its loss."""
        rows = len(batch.labels)
        most = self.settings.micro_batch or rows
        rule.zero_grad()
        total = torch.zeros((), device=self.device)
        # Of even sizes, so that no part is a single row, which has no batch statistics.
        for part in np.array_split(np.arange(rows), -(-rows // most)):
            inputs = self._moved(batch.images[part])
            labels = self._moved(batch.labels[part])
            with torch.autocast(
                self.device.type, dtype=torch.bfloat16, enabled=self.precision == "bf16"
            ):
                logits = module(scaled(inputs, *self.scaling, images=True))
                losses = cross_entropy(
                    logits, labels, reduction="sum", label_smoothing=self.settings.label_smoothing
                )
            loss = losses / rows
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        rule.step()
        return total

    def _moved(self, array: Any) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self.device.type == "cuda":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor


def _diverged(losses: list[torch.Tensor], epoch: int, step: int) -> str:
    if not losses or bool(torch.stack(losses).isfinite().all()):
        return ""
    return f"The loss was not finite in epoch {epoch + 1}, by step {step}."


def _random(device: torch.device) -> list[torch.Tensor]:
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state()] if device.type == "cuda" else states


def _set_random(states: list[torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(states[0])
    if device.type == "cuda" and len(states) > 1:
        torch.cuda.set_rng_state(states[1])
