"""The trainer for PyTorch models: its settings, checked without importing PyTorch."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from underspec.core.errors import MissingExtraError, UsageError, one_of
from underspec.core.records import Data, Variant
from underspec.train._protocol import Trainer
from underspec.train.sources import check_sample, check_sources
from underspec.train.torch.augment import AUGMENTATIONS
from underspec.train.torch.optim import OPTIMISERS, SCHEDULES
from underspec.train.torch.representation import Representation
from underspec.train.torch.zoo import ZOO, Entry

if TYPE_CHECKING:
    from underspec.train.torch.fitted import TorchFitted

__all__ = ["TorchTrainer"]

_SEEDED: Mapping[str, str] = {
    "init": "draws the initial weights",
    "order": "shuffles the training rows anew each epoch",
    "sample": "draws the training rows: a bootstrap or a share of them",
}
_VALUED: Mapping[str, str] = {
    "epochs": "length of training: values",
    "representation": "resizing and scaling of the inputs: values such as unit, bilinear-32",
    "batch": "rows a step: values",
    "learning_rate": "peak learning rate: values",
    "weight_decay": "weight decay: values",
}
_IDLE: Mapping[str, str] = {
    "augment": "the trainer has no augmentations; write augment: [flip]",
    "dropout": "the model drops nothing; write model_parameters: {dropout: 0.1}",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "precision": ("f32", "bf16"),
    "device": ("auto", "cpu", "cuda"),
    "stacking": ("auto", "never", "always"),
}


@dataclass(frozen=True, repr=False)
class TorchTrainer(Trainer):
    """A PyTorch classifier, trained from scratch by cross-entropy.

    Attributes:
        model: ``small_cnn``, ``small_resnet`` or ``mlp``; ``file.py:factory`` or
            ``package.module:factory``; or the factory itself, ``(shape, classes, **parameters) ->
            module`` from [b, *shape] to logits [b, classes]. Shape is (channels, height, width) or
            (features,).
        model_parameters: what the factory takes beside the two.
        epochs: times that each row is seen.
        batch: rows a step.
        optimiser: ``adam``, ``adamw`` or ``sgd``.
        learning_rate: its peak.
        weight_decay: decoupled for ``adamw``.
        momentum: of ``sgd``.
        schedule: ``one_cycle``, ``cosine`` or ``constant``.
        augment: out of ``flip`` (left and right), ``crop`` and ``erase``, for images.
        representation: ``standard`` or ``unit``; ``bilinear-32`` and the like resize, alone or
            joined by ``+``.
        sample: what a seed of the source `sample` draws: ``bootstrap`` or a share of the rows.
        precision: ``f32``, or ``bf16`` by autocast: faster where the processor has it, and other
            numbers.
        device: ``auto`` (a GPU where there is one), ``cpu`` or ``cuda``.
        stacking: ``never`` (one variant after another), ``always`` (a block as one stack) or ``auto``
            (stacked on a GPU, where the model draws nothing at random).
    """

    model: str | Callable[..., Any] = "small_cnn"
    model_parameters: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 6
    batch: int = 128
    optimiser: Literal["adam", "adamw", "sgd"] = "adamw"
    learning_rate: float = 5e-3
    weight_decay: float = 1e-4
    momentum: float = 0.9
    schedule: Literal["one_cycle", "cosine", "constant"] = "one_cycle"
    augment: Sequence[str] = ()
    representation: str = "standard"
    sample: str | float = "bootstrap"
    precision: Literal["f32", "bf16"] = "f32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stacking: Literal["auto", "never", "always"] = "auto"

    def __post_init__(self) -> None:
        if importlib.util.find_spec("torch") is None:
            raise MissingExtraError("The trainer 'torch'", "torch")
        augment = (self.augment,) if isinstance(self.augment, str) else tuple(self.augment)
        object.__setattr__(self, "augment", augment)
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise UsageError(one_of(name, getattr(self, name), known))
        for name in augment:
            if name not in AUGMENTATIONS:
                raise UsageError(one_of("augmentation", name, AUGMENTATIONS))
        for name in ("epochs", "batch"):
            _positive(name, getattr(self, name), int)
        _positive("learning_rate", self.learning_rate, int | float)
        if not self.weight_decay >= 0:
            raise UsageError(f"weight_decay must not be negative. Got {self.weight_decay!r}.")
        if not 0 <= self.momentum < 1:
            raise UsageError(f"momentum must be from 0 to below 1. Got {self.momentum!r}.")
        check_sample(self.sample)
        Representation.parse(self.representation)
        if isinstance(self.model, str) and ":" not in self.model:
            if self.model not in ZOO:
                raise UsageError(
                    one_of("model", self.model, ZOO)
                    + " Your own is written 'file.py:factory' or 'package.module:factory'."
                )
            known_parameters = ZOO[self.model].parameters
            for name in self.model_parameters:
                if name not in known_parameters:
                    raise UsageError(
                        one_of(f"parameter of the model '{self.model}'", name, known_parameters)
                    )

    def __repr__(self) -> str:
        shown = {f.name: getattr(self, f.name) for f in fields(self)}
        parts = [f"{name}={value!r}" for name, value in shown.items()]
        if not isinstance(self.model, str):
            # A function's own repr is its address, which is no provenance.
            name = getattr(self.model, "__qualname__", type(self.model).__qualname__)
            parts[0] = f"model={self.model.__module__}:{name}"
        return f"TorchTrainer({', '.join(parts)})"

    @property
    def sources(self) -> Mapping[str, str]:
        """The sources honoured; any parameter of the model may be a source of values."""
        known = dict(_SEEDED)
        if self.augment:
            known["augment"] = f"draws the augmentations: {', '.join(self.augment)}"
        if self.draws:
            known["dropout"] = "draws what the model drops"
        named = {name: f"sets the model's parameter {name}: values" for name in self._inner}
        return {**named, **known, **_VALUED}

    @property
    def draws(self) -> bool:
        """Whether the model may draw random numbers in training; True where it is not ours."""
        return self._entry is None or bool(self.model_parameters.get("dropout", 0))

    @property
    def _entry(self) -> Entry | None:
        return ZOO.get(self.model) if isinstance(self.model, str) else None

    @property
    def _inner(self) -> tuple[str, ...]:
        """Parameters of the model that may be sources of values."""
        return self._entry.parameters if self._entry else tuple(self.model_parameters)

    @property
    def strategy(self) -> str:
        """Device, precision and whether variants are stacked, such as ``cpu-f32-each``."""
        device = self.place()
        return f"{device}-{self.precision}-{'stacked' if self.stacks(device) else 'each'}"

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

    def stacks(self, device: str) -> bool:
        """Say whether a block trains as one stack on this kind of device."""
        if self.stacking == "auto":
            return device == "cuda" and not self.draws
        return self.stacking == "always"

    def settings(self, variant: Variant) -> "TorchTrainer":
        """Return this trainer with a variant's values put in.

        Raises:
            UsageError: a source or one of its values does not suit this trainer.
        """
        active = {"augment": bool(self.augment), "dropout": self.draws}
        for source, remedy in _IDLE.items():
            if source in variant.seeds and not active[source]:
                raise UsageError(f"The source '{source}' would change nothing: {remedy}.")
        valued = {*_VALUED, "sample", *self._inner}
        check_sources("torch", variant, self.sources, (*_SEEDED, *_IDLE), valued)
        own = {name: value for name, value in variant.values.items() if name in _VALUED}
        inner = {k: v for k, v in variant.values.items() if k not in _VALUED and k != "sample"}
        return replace(self, **own, model_parameters={**self.model_parameters, **inner})

    def fit(self, variants: Sequence[Variant], data: Data) -> "TorchFitted":
        """Train the variants; one that diverges or whose training raises has `failed`.

        Raises:
            UsageError: the data, a source or one of its values does not suit this trainer.
        """
        from underspec.train.torch.engine import fit

        return fit(self, variants, data)

    def load(self, folder: Path) -> "TorchFitted":
        """Return what `save` wrote.

        Raises:
            StudyError: a file is missing or damaged.
        """
        from underspec.train.torch.fitted import read

        return read(self, folder)


def _positive(name: str, value: object, kind: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not value > 0:
        raise UsageError(f"{name} must be a number above 0. Got {value!r}.")
