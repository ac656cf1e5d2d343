"""Every level of each source meets every level of the others."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.vary._protocol import Design
from underspec.vary.levels import assigned, growth
from underspec.vary.sources import Sources

__all__ = ["Crossed"]


@dataclass(frozen=True)
class Crossed(Design):
    """A full grid over the sources, as near to equal sides as the number of variants allows.

    The grid grows by one level of one source at a time, so that it is full at 4, 6, 9, 12, 16 ...
    variants of two sources and at 8, 12, 18, 27, 36 ... of three; between, its last face is part
    filled, which the analysis allows for.

    Attributes:
        sources: source name to its values, or None for a source that is a seed; two or more.
    """

    sources: Sources

    def __post_init__(self) -> None:
        if len(self.sources) < 2:
            raise UsageError(
                f"The design 'crossed' needs two sources or more, but there is only "
                f"{', '.join(self.sources)}. Name another, or use design: joint."
            )

    def __call__(self, n: int, root_seed: int, /) -> tuple[Variant, ...]:
        """Return the first `n` cells of the growing grid.

        Raises:
            UsageError: the grid of all values has fewer cells.
        """
        return tuple(
            assigned(i, level, self.sources, root_seed)
            for i, level in enumerate(itertools.islice(self._cells(), n))
        )

    def _cells(self) -> Iterator[dict[str, int]]:
        sides = dict.fromkeys(self.sources, 1)
        yield dict.fromkeys(self.sources, 0)
        for grown in growth(self.sources, "crossed", "cells"):
            face = [[sides[s]] if s == grown else range(sides[s]) for s in self.sources]
            for cell in itertools.product(*face):
                yield dict(zip(self.sources, cell, strict=True))
            sides[grown] += 1
