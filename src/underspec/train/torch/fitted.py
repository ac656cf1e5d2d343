"""Trained models: predicting with them, and their files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from underspec.core.errors import StudyError, UnderspecError, UsageError
from underspec.core.records import Scores, Variant
from underspec.train.torch.build import built, placed, quiet_machine
from underspec.train.torch.predict import folded, scores_of
from underspec.train.torch.representation import Representation, Scaling, array_of
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["Learned", "TorchFitted", "read"]

_INDEX = "block.json"


@dataclass(frozen=True, eq=False)
class Learned:
    """One trained model with what its inputs go through.

    Attributes:
        variant: id.
        module: in evaluation mode, on its device.
        parameters: the model parameters it was made with.
        representation: resizing and scaling.
        scaling: the scaling's figures, from the rows that it was trained on.
    """

    variant: str
    module: nn.Module
    parameters: Mapping[str, Any]
    representation: Representation
    scaling: Scaling

    @cached_property
    def folded(self) -> nn.Module:
        """The module as it predicts."""
        return folded(self.module)

    @cached_property
    def view(self) -> tuple[object, ...]:
        """What decides how this model sees an example; equal where two see the same."""
        scaling = self.scaling
        return self.representation, scaling.mean.tobytes(), scaling.inverse.tobytes()


@dataclass(frozen=True, eq=False)
class TorchFitted:
    """The trained models of one block.

    Attributes:
        variants: ids of those that trained.
        failed: id to reason of those that did not.
        seconds: wall seconds to train; of a stack, its own divided evenly.
        notes: ids of variants whose start left weights out, with a sentence on it.
        classes: number of class codes.
        shape: of one example, as the training data gave it, channels last.
        device: ``cpu`` or ``cuda``.
        precision: ``f32`` or ``bf16``.
        sequential: whether the models take records.
        learned: in the order of `variants`.
    """

    variants: tuple[str, ...]
    failed: Mapping[str, str]
    seconds: Mapping[str, float]
    notes: Mapping[str, str]
    classes: int
    shape: tuple[int, ...]
    device: str
    precision: str
    sequential: bool
    learned: tuple[Learned, ...]

    def predict(self, inputs: Any) -> Scores:
        """Return probabilities, float32 [variants, examples, classes].

        Raises:
            UsageError: the inputs have another shape than the training data.
        """
        array = array_of(inputs, self.sequential)
        if array.shape[1:] != self.shape:
            raise UsageError(
                f"The models were trained on examples of shape {list(self.shape)}. Got "
                f"{list(array.shape[1:])}; bring the probe to the same size."
            )
        device = torch.device(self.device)
        with quiet_machine(device, 0):
            return scores_of(self.learned, array, self.classes, device, self.precision)

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
            "models": [
                {
                    "parameters": dict(model.parameters),
                    "representation": vars(model.representation),
                    "mean": model.scaling.mean.tolist(),
                    # NaN is no JSON; null is read back as it.
                    "inverse": [None if x != x else x for x in model.scaling.inverse.tolist()],
                }
                for model in self.learned
            ],
        }
        for v, model in enumerate(self.learned):
            save_model(model.module, str(folder / f"{v}.safetensors"))
        (folder / _INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def read(trainer: TorchTrainer, folder: Path) -> TorchFitted:
    """Return what `TorchFitted.save` wrote.

    Args:
        trainer: the one that trained them; its model is built anew and its weights replaced.
        folder: the block's models.

    Raises:
        StudyError: a file is missing or damaged, or holds another model.
    """
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        place = trainer.place()
        learned = tuple(
            _model(trainer, name, index, v, folder, torch.device(place))
            for v, name in enumerate(index["variants"])
        )
        return TorchFitted(
            variants=tuple(index["variants"]),
            failed=index["failed"],
            seconds=index["seconds"],
            notes=index.get("notes", {}),
            classes=index["classes"],
            shape=tuple(index["shape"]),
            device=place,
            precision=trainer.precision,
            sequential=trainer.sequential,
            learned=learned,
        )
    except UnderspecError:
        raise
    except Exception as error:
        line = (str(error).strip().splitlines() or [""])[0]
        raise StudyError(
            f"The models in {folder} cannot be read ({type(error).__name__}: {line}). Remove the "
            f"block's folder to train it again."
        ) from error


def _model(
    trainer: TorchTrainer,
    name: str,
    index: Mapping[str, Any],
    v: int,
    folder: Path,
    device: torch.device,
) -> Learned:
    from safetensors.torch import load_model

    told = index["models"][v]
    representation = Representation(**told["representation"])
    shape = tuple(index["shape"])
    if len(shape) == 3:
        side = (representation.size,) * 2 if representation.kernel else shape[:2]
        shape = (shape[2], *side)
    module = built(trainer.model, told["parameters"], shape, index["classes"], Variant(name, {}))
    load_model(module, folder / f"{v}.safetensors")
    return Learned(
        name,
        placed(module, device).eval(),
        told["parameters"],
        representation,
        Scaling(
            np.asarray(told["mean"], dtype=np.float32),
            np.asarray(told["inverse"], dtype=np.float32),
        ),
    )
