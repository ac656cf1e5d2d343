"""The trainer for PyTorch models: its settings, checked without importing PyTorch."""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from underspec.core.errors import MissingExtraError, UsageError, one_of
from underspec.core.records import Data, Variant
from underspec.train._protocol import Trainer
from underspec.train.sources import check_sample, check_sources
from underspec.train.torch.augment import AUGMENTATIONS
from underspec.train.torch.optim import OPTIMISERS, SCHEDULES
from underspec.train.torch.pretrain import Pretrain
from underspec.train.torch.representation import Representation
from underspec.train.torch.start import HEADS, digest_of
from underspec.train.torch.zoo import ZOO, Entry

if TYPE_CHECKING:
    from underspec.train.torch.fitted import TorchFitted

__all__ = ["TorchTrainer"]

_SEEDED: Mapping[str, str] = {
    "init": "draws the initial weights",
    "order": "shuffles the training rows anew each epoch",
    "sample": "draws the training rows: a bootstrap or a share of them",
    "head": "draws the initial weights of the last layer alone; or values out of "
    + ", ".join(HEADS),
}
_BOTH = ("sample", "head")  # seeds or values
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
    "pretrain": "nothing is trained before; write pretrain: {reader: {...}, epochs: 3}",
    "head": "the last layer starts at zero; write head: uniform or normal",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "head": HEADS,
    "layout": ("auto", "sequences"),
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "precision": ("f32", "bf16"),
    "device": ("auto", "cpu", "cuda"),
    "stacking": ("auto", "never", "always"),
}


@dataclass(frozen=True, repr=False)
class TorchTrainer(Trainer):
    """A PyTorch classifier, trained by cross-entropy: from scratch, or from weights given or trained before.

    Attributes:
        model: ``small_cnn``, ``small_resnet``, ``resnet50``, ``mlp`` or ``recurrent``; ``file.py:factory`` or
            ``package.module:factory``; or the factory itself, ``(shape, classes, **parameters) ->
            module`` from [b, *shape] to logits [b, classes]. Shape is (channels, height, width),
            (features,) or, of records, (steps, columns).
        model_parameters: what the factory takes beside the two.
        layout: ``sequences`` where a factory of your own takes records [b, steps, columns], with NaN
            where nothing was measured; ``auto`` for rows, for images, and for models named here.
        weights: file of weights to start from, safetensors or PyTorch's; all that fits is taken over but
            the last layer (the model's last ``nn.Linear``).
        pretrain: ``{reader: {name: {...}}, epochs: n}``: train on that reader's data first, with the
            other settings that stand here, then take over all but the last layer.
        head: initial weights of the last layer: ``default`` (as the layer draws them), ``zero``,
            ``uniform`` (within the inverse root of its inputs) or ``normal`` (deviation 0.01).
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
    layout: Literal["auto", "sequences"] = "auto"
    weights: str | None = None
    pretrain: Mapping[str, Any] | None = None
    head: Literal["default", "zero", "uniform", "normal"] = "default"
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
        if self.weights is not None and self.pretrain is not None:
            raise UsageError("Give weights to start from, or pretrain, not both.")
        if self.weights is not None:
            object.__setattr__(self, "weights", str(self.weights))
        if self.pretrain is not None:
            Pretrain.parse(self.pretrain)
        check_sample(self.sample)
        Representation.parse(self.representation)
        if isinstance(self.model, str) and ":" not in self.model:
            if self.model not in ZOO:
                raise UsageError(
                    one_of("model", self.model, ZOO)
                    + " Your own is written 'file.py:factory' or 'package.module:factory'."
                )
            self._check_entry(self.model, ZOO[self.model])

    def _check_entry(self, model: str, entry: Entry) -> None:
        for name, value in self.model_parameters.items():
            if name not in entry.parameters:
                raise UsageError(
                    one_of(f"parameter of the model '{model}'", name, entry.parameters)
                )
            if name in entry.choices and value not in entry.choices[name]:
                raise UsageError(one_of(name, value, entry.choices[name]))
        if self.layout == "sequences" and entry.takes != "sequences":
            raise UsageError(
                f"The model '{model}' takes no sequences. Use model: recurrent, or a factory of your own."
            )
        if self.stacking == "always" and not entry.stacks:
            raise UsageError(
                f"The model '{model}' cannot be trained as a stack. Use stacking: auto or never."
            )

    def __repr__(self) -> str:
        shown = {f.name: getattr(self, f.name) for f in fields(self)}
        if self.pretrain is not None and isinstance(data := self.pretrain["reader"], Data):
            shown["pretrain"] = {**self.pretrain, "reader": f"{len(data)} examples"}
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
        if self.pretrain is not None:
            known["pretrain"] = "draws all of the training before"
        named = {name: f"sets the model's parameter {name}: values" for name in self._inner}
        return {**named, **known, **_VALUED}

    @property
    def notice(self) -> str | None:
        """Licence and attribution of the data of `pretrain`, None where there is none."""
        return None if self.pretrain is None else Pretrain.parse(self.pretrain).notice

    @property
    def draws(self) -> bool:
        """Whether the model may draw random numbers in training; True where it is not ours."""
        return self._entry is None or bool(self.model_parameters.get("dropout", 0))

    @property
    def sequential(self) -> bool:
        """Whether the model takes records [steps, columns]."""
        entry = self._entry
        return self.layout == "sequences" or (entry is not None and entry.takes == "sequences")

    @property
    def _entry(self) -> Entry | None:
        return ZOO.get(self.model) if isinstance(self.model, str) else None

    @property
    def _inner(self) -> tuple[str, ...]:
        """Parameters of the model that may be sources of values."""
        return self._entry.parameters if self._entry else tuple(self.model_parameters)

    @property
    def strategy(self) -> str:
        """Device, precision, whether variants are stacked, and a hash of what they start from.

        Such as ``cpu-f32-each``, or ``cpu-f32-each-from-6fc0d2a41b7e90d3``.

        Raises:
            UsageError: the weights or the data to start from cannot be read.
        """
        device = self.place()
        told = f"{device}-{self.precision}-{'stacked' if self.stacks(device) else 'each'}"
        return f"{told}-from-{self._from[:16]}" if self._from else told

    @cached_property
    def _from(self) -> str:
        if self.weights is not None:
            return digest_of(self.weights)
        return "" if self.pretrain is None else Pretrain.parse(self.pretrain).checksum()

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
            entry = self._entry
            return device == "cuda" and not self.draws and (entry is None or entry.stacks)
        return self.stacking == "always"

    def settings(self, variant: Variant) -> "TorchTrainer":
        """Return this trainer with a variant's values put in.

        Raises:
            UsageError: a source or one of its values does not suit this trainer.
        """
        active = {
            "augment": bool(self.augment),
            "dropout": self.draws,
            "pretrain": self.pretrain is not None,
            "head": self.head != "zero",
        }
        for source, remedy in _IDLE.items():
            if source in variant.seeds and not active[source]:
                raise UsageError(f"The source '{source}' would change nothing: {remedy}.")
        valued = {*_VALUED, *_BOTH, *self._inner}
        check_sources("torch", variant, self.sources, (*_SEEDED, *_IDLE), valued)
        values = variant.values
        own = {k: v for k, v in values.items() if k in _VALUED or k == "head"}
        inner = {k: v for k, v in values.items() if k not in _VALUED and k not in _BOTH}
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

    def average(self, fitted: Sequence[Any], variants: Sequence[str]) -> "TorchFitted":
        """Return one model, the mean of the variants' weights.

        Raises:
            UsageError: the variants' models differ in more than weights.
        """
        from underspec.train.torch.average import averaged

        return averaged(fitted, variants)


def _positive(name: str, value: object, kind: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not value > 0:
        raise UsageError(f"{name} must be a number above 0. Got {value!r}.")
