"""A world whose answer is known: what it draws and what is true there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from underspec.core.streams import Stream
from underspec.measure import Evidence

__all__ = ["Drawn", "Truth", "World"]


@dataclass(frozen=True)
class Truth:
    """What is so for a probe, over all variants that could have been trained.

    Attributes:
        spread: standard deviation over variants of their true accuracies.
        gap: mean absolute difference between two of them.
        ratio: `spread` over that of the holdout, None where the holdout has none.
        drop: mean of the holdout less mean of the probe.
        parts: whether ``underspecified`` or ``both`` is the right call.
        mean: mean of the metric over variants.
    """

    spread: float
    gap: float
    ratio: float | None
    drop: float
    parts: bool
    mean: float


@dataclass(frozen=True, eq=False)
class Drawn:
    """One synthetic study: evidence on whole probes, not yet split in halves.

    Attributes:
        holdout: the yardstick.
        probes: the others, made one at a time.
        holdout_truth: of the holdout.
        truths: name of a probe to what is true of it.
    """

    holdout: Evidence
    probes: Iterator[Evidence]
    holdout_truth: Truth
    truths: Mapping[str, Truth]


class World(Protocol):
    """Makes studies of known truth."""

    @property
    def epsilon(self) -> float:
        """What counts as near-equal in this world."""
        ...

    @property
    def max_drop(self) -> float:
        """The largest drop allowed in this world."""
        ...

    def draw(self, key: Stream, /) -> Drawn:
        """Return one study; the same key draws the same."""
        ...
