"""The contract of a reader: no argument in, validated examples out."""

from typing import Protocol

from underspec.core.records import Data

__all__ = ["Reader"]


class Reader(Protocol):
    """Brings examples in; what to read is in its fields."""

    @property
    def notice(self) -> str | None:
        """Licence and attribution that a report must carry, None where there is nothing to say."""
        ...

    def __call__(self) -> Data:
        """Read the examples: the same ones in the same order on every call.

        Raises:
            UsageError: what is there cannot be read, or does not make a data set.
        """
        ...
