"""Trained image models: predicting with them, and their files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from underspec.core.errors import StudyError, UnderspecError, UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Scores, Variant
from underspec.train.torch.build import built, placed, quiet_machine
from underspec.train.torch.feed import scaled
from underspec.train.torch.images.trainer import ImagesTrainer
from underspec.train.torch.predict import chances_of, folded

__all__ = ["ImagesFitted", "Learned", "read", "scaling_of"]

_INDEX = "block.json"
_NUMBERS = {"cpu": 400_000, "cuda": 40_000_000}  # of inputs in one batch
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as commonly used


def scaling_of(
    scaling: str, channels: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is subtracted of each channel, 0..255, and what is multiplied with."""
    mean, deviation = np.zeros(channels), np.ones(channels)
    if scaling == "imagenet":
        mean, deviation = np.array(_MEAN), np.array(_DEVIATION)
    if channels == 1:
        mean, deviation = mean.mean(keepdims=True), deviation.mean(keepdims=True)
    both = (255 * mean, 1 / (255 * deviation))
    first, second = (torch.from_numpy(a.astype(np.float32)).to(device) for a in both)
    return first, second


@dataclass(frozen=True, eq=False)
class Learned:
    """One trained model.

    Attributes:
        variant: id.
        module: in evaluation mode, on its device.
        parameters: the model parameters it was made with.
    """

    variant: str
    module: nn.Module
    parameters: Mapping[str, Any]

    @cached_property
    def folded(self) -> nn.Module:
        """The module as it predicts."""
        return folded(self.module)


@dataclass(frozen=True, eq=False)
class ImagesFitted:
    """The trained models of one block.

    Attributes:
        variants: ids of those that trained.
        failed: id to reason of those that did not.
        seconds: wall seconds to train, over all processes that did.
        notes: id to what else there is to say.
        classes: number of class codes.
        shape: (height, width, channels) of one example.
        device: ``cpu`` or ``cuda``.
        precision: ``f32`` or ``bf16``.
        scaling: ``imagenet`` or ``unit``.
        learned: in the order of `variants`.
    """

    variants: tuple[str, ...]
    failed: Mapping[str, str]
    seconds: Mapping[str, float]
    notes: Mapping[str, str]
    classes: int
    shape: tuple[int, int, int]
    device: str
    precision: str
    scaling: Literal["imagenet", "unit"]
    learned: tuple[Learned, ...]

    def predict(self, inputs: Any) -> Scores:
        """Return probabilities, float32 [variants, examples, classes]; lazy inputs stay so.

        Batches are all of one size, the last filled up: what is said of an example does not depend on
        how many others are asked about.

        Raises:
            UsageError: the inputs are no images, or of another size than the training data.
        """
        height, width, channels = self.shape
        known = isinstance(inputs, np.ndarray | Lazy)
        shapes = [self.shape, (height, width)] if channels == 1 else [self.shape]
        if not known or inputs.dtype != np.uint8 or tuple(inputs.shape[1:]) not in shapes:
            got = f"{inputs.dtype} {list(inputs.shape[1:])}" if known else type(inputs).__name__
            raise UsageError(
                f"The models were trained on images, uint8 {list(self.shape)}. Got {got}; bring the probe "
                "to the same size and type."
            )
        n, device = len(inputs), torch.device(self.device)
        scores = np.zeros((len(self.learned), n, self.classes), dtype=np.float32)
        size = max(8, min(256, _NUMBERS[self.device] // (height * width * channels)))
        mean, inverse = scaling_of(self.scaling, channels, device)
        with (
            quiet_machine(device, 0),
            torch.inference_mode(),
            torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.precision == "bf16"),
        ):
            for start in range(0, n, size):
                part = np.asarray(inputs[start : start + size])
                batch = np.zeros((size, *self.shape), dtype=np.uint8)
                batch[: len(part)] = part.reshape(len(part), *self.shape)
                shown = scaled(torch.from_numpy(batch).to(device), mean, inverse, images=True)
                for m, model in enumerate(self.learned):
                    chances = chances_of(model.folded(shown), size, self.classes)[: len(part)]
                    scores[m, start : start + size] = chances.cpu().numpy()
        return scores

    def save(self, folder: Path) -> None:
        """Write ``block.json`` and one safetensors file a variant."""
        from safetensors.torch import save_model

        index = {
            "variants": list(self.variants),
            "failed": dict(self.failed),
            "seconds": dict(self.seconds),
            "notes": dict(self.notes),
            "classes": self.classes,
            "shape": list(self.shape),
            "scaling": self.scaling,
            "parameters": [dict(model.parameters) for model in self.learned],
        }
        for v, model in enumerate(self.learned):
            save_model(model.module, str(folder / f"{v}.safetensors"))
        (folder / _INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def read(trainer: ImagesTrainer, folder: Path) -> ImagesFitted:
    """Return what `ImagesFitted.save` wrote.

    Args:
        trainer: the one that trained them; its model is built anew and its weights replaced.
        folder: the block's models.

    Raises:
        StudyError: a file is missing or damaged, or holds another model.
    """
    from safetensors.torch import load_model

    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        place = trainer.place()
        height, width, channels = index["shape"]
        learned = []
        for v, name in enumerate(index["variants"]):
            told, shape = index["parameters"][v], (channels, height, width)
            module = built(trainer.model, told, shape, index["classes"], Variant(name, {}))
            load_model(module, folder / f"{v}.safetensors")
            learned.append(Learned(name, placed(module, torch.device(place)).eval(), told))
        return ImagesFitted(
            variants=tuple(index["variants"]),
            failed=index["failed"],
            seconds=index["seconds"],
            notes=index["notes"],
            classes=index["classes"],
            shape=(height, width, channels),
            device=place,
            precision=trainer.numbers(place),
            scaling=index["scaling"],
            learned=tuple(learned),
        )
    except UnderspecError:
        raise
    except Exception as error:
        line = (str(error).strip().splitlines() or [""])[0]
        raise StudyError(
            f"The models in {folder} cannot be read ({type(error).__name__}: {line}). Remove the "
            f"block's folder to train it again."
        ) from error
