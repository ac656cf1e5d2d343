"""The trainer for large image sets: its settings, checked without importing PyTorch."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from underspec.core.errors import MissingExtraError, UsageError, one_of
from underspec.core.records import Data, Variant
from underspec.train._protocol import Streamed, Trainer
from underspec.train.sources import check_sample, check_sources
from underspec.train.torch.images.checks import (
    check_augment,
    check_model,
    count,
    number,
    optional_path,
    parameters_of,
)
from underspec.train.torch.start import HEADS, digest_of

if TYPE_CHECKING:
    from underspec.train.torch.images.fitted import ImagesFitted

__all__ = ["ImagesTrainer"]

_SEEDED: Mapping[str, str] = {
    "init": "draws the initial weights",
    "order": "shuffles the training rows anew each epoch",
    "sample": "draws the training rows: a bootstrap or a share of them",
}
_VALUED: Mapping[str, str] = {
    "epochs": "length of training: values",
    "learning_rate": "peak learning rate: values",
    "weight_decay": "weight decay: values",
}
_HEAD = f"draws the initial weights of the last layer alone; or values out of {', '.join(HEADS)}"
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "schedule": ("cosine", "step"),
    "scaling": ("imagenet", "unit"),
    "head": HEADS,
    "precision": ("auto", "f32", "bf16"),
    "device": ("auto", "cpu", "cuda"),
}
# Of a field that says where and how fast, never what: it is no part of what a training is told by.
_IDLE = {"decides": False}


@dataclass(frozen=True, repr=False)
class ImagesTrainer(Trainer, Streamed):
    """An image classifier in PyTorch, trained from files that are decoded as they are needed.

    The defaults are the usual recipe of ResNet-50 on ImageNet: stochastic gradient descent with
    Nesterov momentum, 90 epochs of batches of 256, random resized crops and flips. Nothing needs
    the whole set in memory. A training writes checkpoints, and one that was killed goes on from its
    last; on a CPU it ends in the very bits of one that was not. What it has finished is kept until
    the whole block is.

    Attributes:
        model: ``resnet50`` or another model of the trainer ``torch``; ``file.py:factory`` or
            ``package.module:factory``; or the factory itself, ``(shape, classes, **parameters) ->
            module`` from [b, channels, height, width] to logits [b, classes].
        model_parameters: what the factory takes beside the two.
        epochs: times that each row is seen.
        batch: rows a step.
        micro_batch: rows that a step's gradient is summed over at a time, where a batch does not fit
            the device; batch norms see this many. All at once where None.
        learning_rate: its peak.
        momentum: Nesterov's.
        weight_decay: added to the gradient, but not of norms and biases.
        label_smoothing: share of each label that is spread over all classes.
        schedule: ``cosine`` to 0, or ``step``: a tenth after 1/3, 2/3 and 8/9 of the epochs.
        warm_up: epochs in which the rate climbs in a line.
        augment: out of ``resized_crop`` (a random part of the picture as its file holds it, scaled to
            the size of the examples) and ``flip`` (left and right). The prepared picture where
            there is no crop.
        least_area: of a random crop, as a share of the picture's.
        scaling: ``imagenet`` (that set's usual mean and deviation of each colour) or ``unit`` (0 to 1).
        weights: file of weights to start from, safetensors or PyTorch's; all but the last layer is
            taken over. From scratch where None.
        head: initial weights of the last layer: ``default`` (as the model makes them), ``zero``,
            ``uniform`` (within the inverse root of its inputs) or ``normal`` (deviation 0.01).
        sample: what a seed of the source `sample` draws: ``bootstrap`` or a share of the rows.
        precision: ``f32``, ``bf16`` by autocast, or ``auto``: bf16 on a GPU.
        device: ``auto`` (a GPU where there is one), ``cpu`` or ``cuda``.
        checkpoints: folder; one in the user's cache where None. Changes no result.
        every: steps between checkpoints, beside that of each epoch; none where None.
        decoders: threads that decode; one a core where None. Changes no result.
        prefetch: batches decoded ahead. Changes no result.
    """

    model: str | Callable[..., Any] = "resnet50"
    model_parameters: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 90
    batch: int = 256
    micro_batch: int | None = None
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    label_smoothing: float = 0.0
    schedule: Literal["cosine", "step"] = "cosine"
    warm_up: float = 5
    augment: Sequence[str] = ("resized_crop", "flip")
    least_area: float = 0.08
    scaling: Literal["imagenet", "unit"] = "imagenet"
    weights: str | None = None
    head: Literal["default", "zero", "uniform", "normal"] = "default"
    sample: str | float = "bootstrap"
    precision: Literal["auto", "f32", "bf16"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    checkpoints: str | None = field(default=None, metadata=_IDLE)
    every: int | None = field(default=None, metadata=_IDLE)
    decoders: int | None = field(default=None, metadata=_IDLE)
    prefetch: int = field(default=4, metadata=_IDLE)

    def __post_init__(self) -> None:
        if importlib.util.find_spec("torch") is None:
            raise MissingExtraError("The trainer 'torch_images'", "torch")
        object.__setattr__(self, "augment", check_augment(self.augment))
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise UsageError(one_of(name, getattr(self, name), known))
        for name in ("epochs", "batch", "prefetch"):
            count(name, getattr(self, name))
        for name in ("micro_batch", "every", "decoders"):
            if getattr(self, name) is not None:
                count(name, getattr(self, name))
        number("learning_rate", self.learning_rate, above=0)
        number("weight_decay", self.weight_decay)
        number("momentum", self.momentum, above=0, below=1)
        number("label_smoothing", self.label_smoothing, below=1)
        number("warm_up", self.warm_up, below=self.epochs)
        number("least_area", self.least_area, above=0, up_to=1)
        check_sample(self.sample)
        for name in ("weights", "checkpoints"):
            optional_path(name, getattr(self, name))
        check_model(self.model, self.model_parameters)

    def __repr__(self) -> str:
        deciding = [f for f in fields(self) if f.metadata.get("decides", True)]
        shown = {f.name: getattr(self, f.name) for f in deciding}
        if not isinstance(self.model, str):
            # A function's own repr is its address, which is no provenance.
            called = getattr(self.model, "__qualname__", type(self.model).__qualname__)
            shown["model"] = f"{self.model.__module__}:{called}"
        parts = [f"{name}={value!r}" for name, value in shown.items()]
        return f"ImagesTrainer({', '.join(parts)})"

    @property
    def streamed(self) -> Literal[True]:
        """Inputs are read as they are needed."""
        return True

    @property
    def sources(self) -> Mapping[str, str]:
        """The sources honoured; any parameter of the model may be a source of values."""
        known = dict(_SEEDED)
        if self.augment:
            known["augment"] = f"draws the augmentations: {', '.join(self.augment)}"
        inner = {name: f"sets the model's parameter {name}: values" for name in self._inner}
        return {**inner, **known, "head": _HEAD, **_VALUED}

    @property
    def _inner(self) -> tuple[str, ...]:
        return parameters_of(self.model, self.model_parameters)

    @property
    def strategy(self) -> str:
        """Device, precision and a hash of the weights to start from, such as ``cuda-bf16``."""
        place = self.place()
        told = f"{place}-{self.numbers(place)}"
        if self.weights is None:
            return told
        return f"{told}-{digest_of(self.weights)[:16]}"

    def place(self) -> Literal["cpu", "cuda"]:
        """Return the kind of device to train on.

        Raises:
            UsageError: a GPU was asked for and there is none.
        """
        if self.device == "cpu":
            return "cpu"
        import torch

        if torch.cuda.is_available():
            return "cuda"
        if self.device == "cuda":
            raise UsageError(
                "device is 'cuda', but PyTorch sees no GPU. Write device: auto or cpu."
            )
        return "cpu"

    def numbers(self, place: str) -> Literal["f32", "bf16"]:
        """Return the precision on this kind of device."""
        if self.precision == "auto":
            return "bf16" if place == "cuda" else "f32"
        return self.precision

    def settings(self, variant: Variant) -> "ImagesTrainer":
        """Return this trainer with a variant's values put in.

        Raises:
            UsageError: a source or one of its values does not suit this trainer.
        """
        idle = {
            "augment": (
                not self.augment,
                "the trainer has no augmentations; write augment: [flip]",
            ),
            "head": (
                self.head == "zero",
                "the last layer starts at zero; write head: uniform or normal",
            ),
        }
        for source, (dead, why) in idle.items():
            if source in variant.seeds and dead:
                raise UsageError(f"The source '{source}' would change nothing: {why}.")
        seeded = (*_SEEDED, "augment", "head")
        valued = {*_VALUED, "sample", "head", *self._inner}
        check_sources("torch_images", variant, self.sources, seeded, valued)
        own = {k: v for k, v in variant.values.items() if k in _VALUED or k == "head"}
        inner = {k: v for k, v in variant.values.items() if k in self._inner}
        return replace(self, **own, model_parameters={**self.model_parameters, **inner})

    def fit(self, variants: Sequence[Variant], data: Data) -> "ImagesFitted":
        """Train the variants; one that diverges or whose training raises has `failed`.

        Raises:
            UsageError: the data, a source or one of its values does not suit this trainer.
        """
        from underspec.train.torch.images.engine import fit

        return fit(self, variants, data)

    def load(self, folder: Path) -> "ImagesFitted":
        """Return what `save` wrote.

        Raises:
            StudyError: a file is missing or damaged.
        """
        from underspec.train.torch.images.fitted import read

        return read(self, folder)
