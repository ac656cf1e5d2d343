"""Blocks one after another, in this process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from underspec.run._protocol import Outcome, Runner, Work

__all__ = ["Inline"]


@dataclass(frozen=True)
class Inline(Runner):
    """Runs every block here; for tests, debuggers and notebooks on small studies."""

    @property
    def slots(self) -> int:
        """One."""
        return 1

    def map(self, work: Work, blocks: Sequence[Any], /) -> Iterator[Outcome]:
        """Run the blocks in order."""
        for block in blocks:
            try:
                yield Outcome(block, work(block), None)
            except Exception as error:  # noqa: BLE001 - the reader of outcomes decides
                yield Outcome(block, None, error)
