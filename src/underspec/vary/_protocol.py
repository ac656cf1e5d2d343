"""The contract of a design: how sources are assigned to variants."""

from typing import Protocol

from underspec.core.records import Variant

__all__ = ["Design"]


class Design(Protocol):
    """Assigns a seed or a value of every source to every variant."""

    def __call__(self, n: int, root_seed: int, /) -> tuple[Variant, ...]:
        """Return `n` variants; the first m of them are the same for every n of m or more."""
        ...
