"""The contract of a stress test: data in, probes out; it never sees a model."""

from collections.abc import Iterator
from typing import ClassVar, Protocol, runtime_checkable

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream

__all__ = ["Described", "Fed", "Graded", "Noted", "Ready", "Stress"]


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


@runtime_checkable
class Noted(Protocol):
    """A stress test that has something to say of its probes; asked for by ``isinstance``."""

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Return sentences for the report: what was left out, what does not pair with the holdout.

        Args:
            data: the examples that the stress test is called with.
        """
        ...


@runtime_checkable
class Described(Protocol):
    """What `underspec list stress` says of a member beside its kind and parameters.

    Attributes:
        modality: what it takes, such as ``images`` or ``tables``.
        source: the paper or place that it is from.
    """

    modality: ClassVar[str]
    source: ClassVar[str]


@runtime_checkable
class Fed(Protocol):
    """A stress test that reads more than its fields and its data; asked for by ``isinstance``."""

    def fingerprint(self) -> str:
        """Return a hash of what it reads, such as files: when they change, so do its probes."""
        ...


@runtime_checkable
class Ready(Protocol):
    """A stress test that may lack what it works with; asked for by ``isinstance``."""

    def ready(self) -> None:
        """Check, before any probe of a study is made, that what it needs is installed.

        Raises:
            MissingExtraError: it is not.
        """
        ...
