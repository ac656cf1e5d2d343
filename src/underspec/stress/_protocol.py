"""The contract of a stress test: data in, probes out; it never sees a model."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream

__all__ = ["Graded", "Stress"]


class Stress(Protocol):
    """Makes probes out of the holdout."""

    @property
    def kind(self) -> Kind:
        """Stratified (by group), shifted (another distribution) or contrastive (paired edits)."""
        ...

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield the probes, always in the same order.

        Args:
            data: the examples to be stressed; never changed in place.
            key: this stress test's stream. Whatever is random for one example is drawn from
                ``key.child(...).example(id)``, so that it depends on nothing but the example.

        Raises:
            UsageError: the data does not suit this stress test.
        """
        ...


@runtime_checkable
class Graded(Protocol):
    """What a stress test may say of itself beside; asked for by ``isinstance``."""

    @property
    def graded(self) -> bool:
        """Whether a higher severity moves the inputs further, on average over examples."""
        ...
