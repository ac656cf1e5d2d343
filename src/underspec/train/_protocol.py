"""The contract of a trainer: fit a block of variants, predict, save, load."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from underspec.core.records import Data, Scores, Task, Variant

__all__ = ["Averaging", "Fitted", "Noticed", "Streamed", "Tasked", "Trainer"]


class Fitted(Protocol):
    """The trained variants of one block."""

    @property
    def variants(self) -> tuple[str, ...]:
        """Ids of the variants that trained, in the order of axis 0 of `predict`."""
        ...

    @property
    def failed(self) -> Mapping[str, str]:
        """Ids of the variants that did not train, each with its reason in one sentence."""
        ...

    @property
    def seconds(self) -> Mapping[str, float]:
        """Wall seconds that each variant of the block took to train."""
        ...

    @property
    def notes(self) -> Mapping[str, str]:
        """Ids of variants whose training had something to say, such as that it did not converge."""
        ...

    def predict(self, inputs: Any) -> Scores:
        """Return class probabilities, float32 [variants, examples, classes].

        For regression, the values predicted: [variants, examples, 1].

        The inputs are as the probe gives them; what a variant's `representation` does to them is
        applied here. They are never changed in place. Values that are not finite are returned as
        they are: the study fails the variant that gave them.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write the models into an existing, empty folder; never as pickle."""
        ...


class Trainer(Protocol):
    """A training pipeline: everything but the seeds and values of its sources is a field."""

    @property
    def sources(self) -> Mapping[str, str]:
        """The sources of variation this trainer honours: name to one sentence on what it moves."""
        ...

    @property
    def strategy(self) -> str:
        """What, beside the fields, decides the numbers (``cpu-f32``, ``cuda-stacked`` ...)."""
        ...

    def fit(self, variants: Sequence[Variant], data: Data) -> Fitted:
        """Train the variants of a block; one that diverges is `failed`, not an exception.

        Raises:
            UsageError: the data or a source's value does not suit this trainer.
        """
        ...

    def load(self, folder: Path) -> Fitted:
        """Return what `Fitted.save` wrote there."""
        ...


@runtime_checkable
class Tasked(Protocol):
    """A trainer that says which tasks it is for; asked for by ``isinstance``.

    One that does not is for ``binary`` and ``classification``. For regression, labels of its training
    data are targets, float64 [examples], and `Fitted.predict` returns the values predicted.
    """

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it trains for."""
        ...


@runtime_checkable
class Averaging(Protocol):
    """A trainer whose models can be averaged, weight by weight; asked for by ``isinstance``."""

    def average(self, fitted: Sequence[Fitted], variants: Sequence[str]) -> Fitted:
        """Return one model, the mean of the variants' weights; its only variant is ``mean``.

        Args:
            fitted: what `load` returned of blocks that hold all of the variants.
            variants: ids of those to average, two or more, or one.

        Raises:
            UsageError: their models are not of one shape.
        """
        ...


@runtime_checkable
class Streamed(Protocol):
    """A trainer that takes `core.lazy.Lazy` inputs as they are; asked for by ``isinstance``.

    It reads them as it needs them, so that they may be larger than the machine's memory. Its trainings
    may take days: a block of it is committed as soon as it is trained, before it is asked about any
    probe.
    """

    @property
    def streamed(self) -> Literal[True]:
        """That it does."""
        ...


@runtime_checkable
class Noticed(Protocol):
    """A trainer that reads data beside the training set; asked for by ``isinstance``."""

    @property
    def notice(self) -> str | None:
        """Licence and attribution that a report must carry, None where there is nothing to say."""
        ...
