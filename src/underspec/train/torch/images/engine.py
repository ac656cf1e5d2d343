"""Fitting a block: one variant after another, each from where it stands."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from underspec.core.cores import cores, threads
from underspec.core.errors import UnderspecError
from underspec.core.records import Data, Variant
from underspec.data.checksum import checksum
from underspec.train.sources import classes_of, sampled_rows, source_stream
from underspec.train.torch.build import placed, quiet_machine
from underspec.train.torch.images.batches import Batches
from underspec.train.torch.images.checkpoint import Checkpoint, DamagedError, Standing, key_of
from underspec.train.torch.images.fitted import ImagesFitted, Learned, scaling_of
from underspec.train.torch.images.loop import Training
from underspec.train.torch.images.pictures import Pictures, pictures_of
from underspec.train.torch.images.start import begun
from underspec.train.torch.images.trainer import ImagesTrainer
from underspec.train.torch.images.views import Views

__all__ = ["fit"]


@dataclass(frozen=True, eq=False)
class _Bench:
    """What the variants of a block share."""

    data: Data
    pictures: Pictures
    classes: int
    checksum: str
    place: str
    decoders: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one example."""
        height, width, channels = self.pictures.shape
        return channels, height, width


@dataclass(eq=False)
class _Outcome:
    learned: list[Learned] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def fit(trainer: ImagesTrainer, variants: Sequence[Variant], data: Data) -> ImagesFitted:
    """Train a block; what an earlier process has done of it is not done again.

    Args:
        trainer: the settings.
        variants: of the block.
        data: the training data; inputs are images in an array or lazy.

    Raises:
        UsageError: the data, a source or one of its values does not suit the trainer.
        StudyError: a checkpoint cannot be written.
    """
    place = trainer.place()
    auto = cores() if place == "cuda" else threads()
    bench = _Bench(
        data=data,
        pictures=pictures_of(data.inputs),
        classes=classes_of(data),
        checksum=checksum(data),
        place=place,
        decoders=trainer.decoders or auto,
    )
    settled = [trainer.settings(variant) for variant in variants]
    outcome, checkpoints = _Outcome(), []
    for settings, variant in zip(settled, variants, strict=True):
        key = key_of(settings, variant, bench.checksum, place)
        checkpoints.append(Checkpoint.of(settings.checkpoints, key))
        began = time.perf_counter()
        try:
            with quiet_machine(torch.device(place), source_stream(variant, "dropout").seed()):
                _train(settings, variant, bench, checkpoints[-1], outcome)
        except UnderspecError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a model raises is its variant's
            line = (str(error).strip().splitlines() or [""])[0].rstrip(".")
            outcome.failed[variant.id] = f"The training raised {type(error).__name__}: {line}."
            outcome.seconds[variant.id] = time.perf_counter() - began
    # Not before: until here the whole block may have to be gone on with.
    for checkpoint in checkpoints:
        checkpoint.remove()
    height, width, channels = bench.pictures.shape
    return ImagesFitted(
        variants=tuple(model.variant for model in outcome.learned),
        failed=outcome.failed,
        seconds=outcome.seconds,
        notes=outcome.notes,
        classes=bench.classes,
        shape=(height, width, channels),
        device=place,
        precision=trainer.numbers(place),
        scaling=trainer.scaling,
        learned=tuple(outcome.learned),
    )


def _train(
    settings: ImagesTrainer,
    variant: Variant,
    bench: _Bench,
    checkpoint: Checkpoint,
    outcome: _Outcome,
) -> None:
    device = torch.device(bench.place)
    module = placed(begun(settings, bench.shape, bench.classes, variant), device)
    before = _before(checkpoint, variant, outcome)
    if before is None or not before.finished:
        training = Training(
            settings=settings,
            batches=_batches(settings, variant, bench),
            scaling=scaling_of(settings.scaling, bench.pictures.shape[2], device),
            device=device,
            precision=settings.numbers(bench.place),
            keep=checkpoint.write,
        )
        end = training.run(module, before)
        checkpoint.write(replace(end, optimiser={}))
    else:
        end = before
        if not end.failed:
            module.load_state_dict(end.model)
    outcome.seconds[variant.id] = end.seconds
    if end.failed:
        outcome.failed[variant.id] = end.failed
    elif not all(value.isfinite().all() for value in module.state_dict().values()):
        outcome.failed[variant.id] = "The trained model has weights that are not finite."
    else:
        parameters = dict(settings.model_parameters)
        outcome.learned.append(Learned(variant.id, module.eval(), parameters))


def _before(checkpoint: Checkpoint, variant: Variant, outcome: _Outcome) -> Standing | None:
    try:
        return checkpoint.read()
    except DamagedError as error:
        outcome.notes[variant.id] = (
            f"Its checkpoint was damaged, so that it was trained from the start: {error}."
        )
        checkpoint.remove()
        return None


def _batches(settings: ImagesTrainer, variant: Variant, bench: _Bench) -> Batches:
    return Batches(
        views=Views(
            bench.pictures, np.asarray(bench.data.ids), settings.augment, settings.least_area
        ),
        labels=bench.data.labels.astype(np.int64),
        rows=sampled_rows(bench.data, variant, settings.sample),
        variant=variant,
        size=settings.batch,
        decoders=bench.decoders,
        prefetch=settings.prefetch,
    )
