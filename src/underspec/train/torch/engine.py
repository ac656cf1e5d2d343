"""Fitting a block: what is shared is laid out once, then each variant or stack is trained."""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from underspec.core.errors import UnderspecError
from underspec.core.records import Data, Variant
from underspec.train.sources import sampled_rows, source_stream
from underspec.train.torch.bench import Bench, laid_out
from underspec.train.torch.build import built, placed, quiet_machine
from underspec.train.torch.each import train_each
from underspec.train.torch.feed import Feed, Share
from underspec.train.torch.fitted import Learned, TorchFitted
from underspec.train.torch.predict import scores_of
from underspec.train.torch.pretrained import Diverged, Starts
from underspec.train.torch.representation import Representation
from underspec.train.torch.stacked import train_stacked
from underspec.train.torch.start import started
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["fit"]

_TRIAL = 64  # training rows asked to see whether the probabilities are finite


@dataclass(frozen=True, eq=False)
class _Job:
    """One variant on its way through the training."""

    variant: Variant
    settings: TorchTrainer
    share: Share


@dataclass(eq=False)
class _Outcome:
    learned: dict[str, Learned] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def fit(trainer: TorchTrainer, variants: Sequence[Variant], data: Data) -> TorchFitted:
    """Train a block.

    Args:
        trainer: the settings.
        variants: of the block.
        data: the training data.

    Raises:
        UsageError: the data, a source or one of its values does not suit the trainer.
    """
    place = trainer.place()
    device = torch.device(place)
    bench = laid_out(trainer, data, device)
    starts = Starts(trainer, data, device)
    jobs = [_job(trainer, variant, data, bench) for variant in variants]
    outcome = _Outcome()
    for stack in _stacks(jobs) if trainer.stacks(place) else ([job] for job in jobs):
        began = time.perf_counter()
        with quiet_machine(device, source_stream(stack[0].variant, "dropout").seed()):
            _train(stack, bench, starts, outcome, stacked=trainer.stacks(place))
        for job in stack:
            outcome.seconds[job.variant.id] = (time.perf_counter() - began) / len(stack)
    kept = [v.id for v in variants if v.id in outcome.learned]
    return TorchFitted(
        variants=tuple(kept),
        failed=outcome.failed,
        seconds=outcome.seconds,
        notes={name: note for name, note in outcome.notes.items() if name in kept},
        classes=bench.classes,
        shape=tuple(bench.array.shape[1:]),
        device=place,
        precision=trainer.precision,
        sequential=trainer.sequential,
        learned=tuple(outcome.learned[name] for name in kept),
    )


def _job(trainer: TorchTrainer, variant: Variant, data: Data, bench: Bench) -> _Job:
    settings = trainer.settings(variant)
    representation = Representation.parse(settings.representation)
    rows = sampled_rows(data, variant, settings.sample)
    return _Job(variant, settings, Share(variant, rows, bench.scaling(representation, rows)))


def _stacks(jobs: Sequence[_Job]) -> Iterator[list[_Job]]:
    """Yield the jobs that differ in nothing that shapes a tensor or a step."""

    def shape(job: _Job) -> tuple[str, int]:
        return repr(job.settings), len(job.share.rows)

    for _, alike in itertools.groupby(sorted(jobs, key=shape), key=shape):
        yield list(alike)


def _train(
    stack: Sequence[_Job], bench: Bench, starts: Starts, outcome: _Outcome, *, stacked: bool
) -> None:
    settings = stack[0].settings
    representation = Representation.parse(settings.representation)
    examples, _ = bench.laid(representation)
    feed = Feed(
        examples, bench.labels, [job.share for job in stack], settings.augment, settings.batch
    )
    try:
        modules = [_module(job, bench, starts, outcome) for job in stack]
        reasons = (
            train_stacked(settings, modules, feed, bench.device)
            if stacked
            else [train_each(settings, modules[0], feed, bench.device)]
        )
        for job, module, reason in zip(stack, modules, reasons, strict=True):
            _settle(job, module, reason, representation, bench, outcome)
    except UnderspecError:
        raise
    except Diverged as error:
        for job in stack:
            outcome.failed[job.variant.id] = (
                f"The training before: {str(error)[:1].lower()}{str(error)[1:]}"
            )
    except Exception as error:  # noqa: BLE001  whatever a model raises is its variants'
        line = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        for job in stack:
            outcome.failed[job.variant.id] = f"The training raised {type(error).__name__}: {line}."


def _settle(
    job: _Job,
    module: nn.Module,
    reason: str | None,
    representation: Representation,
    bench: Bench,
    outcome: _Outcome,
) -> None:
    """Put a trained module among the learned or the failed."""
    settings = job.settings
    learned = Learned(
        variant=job.variant.id,
        module=module.eval(),
        parameters=dict(settings.model_parameters),
        representation=representation,
        scaling=job.share.scaling,
    )
    if reason is None:
        trial = bench.array[:_TRIAL]
        scores = scores_of([learned], trial, bench.classes, bench.device, settings.precision)
        if not np.isfinite(scores).all():
            reason = "The trained model gives probabilities that are not finite."
    if reason is None:
        outcome.learned[job.variant.id] = learned
    else:
        outcome.failed[job.variant.id] = reason


def _module(job: _Job, bench: Bench, starts: Starts, outcome: _Outcome) -> nn.Module:
    settings = job.settings
    shape = bench.shape(Representation.parse(settings.representation))
    module = built(settings.model, settings.model_parameters, shape, bench.classes, job.variant)
    tensors = starts.tensors(settings, job.variant)
    note = started(module, job.variant, bench.classes, settings.head, tensors, starts.said)
    if note is not None:
        outcome.notes[job.variant.id] = note
    return placed(module, bench.device)
