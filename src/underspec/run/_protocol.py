"""The contract of a runner: it maps work over blocks, wherever that happens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

__all__ = ["Outcome", "Runner", "Work"]

Work: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one block.

    Attributes:
        block: the item as given.
        result: what the work returned, None where it failed.
        error: the exception that stopped it, None where it ended well.
    """

    block: Any
    result: Any
    error: Exception | None


class Runner(Protocol):
    """Runs blocks."""

    @property
    def slots(self) -> int:
        """How many blocks run at once."""
        ...

    def map(self, work: Work, blocks: Sequence[Any], /) -> Iterator[Outcome]:
        """Run `work` on every block and yield outcomes as they come, in any order.

        A runner does not stop at a failed block; whoever reads the outcomes decides.
        """
        ...
