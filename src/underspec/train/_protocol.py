"""The contract of a trainer: fit a block of variants, predict, save, load."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from underspec.core.records import Data, Scores, Task, Variant

__all__ = ["Fitted", "Tasked", "Trainer"]


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
