"""The contract of a choice: it sees the deciding half of the pool and returns ids, never scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from underspec.core.records import Floats
from underspec.core.streams import Stream

__all__ = ["Ballot", "Chooser"]


@dataclass(frozen=True, eq=False)
class Ballot:
    """What a rule may look at: kept variants on the deciding half.

    Attributes:
        variants: ids of the pool.
        merit: float64 [variants, probes], the metric turned so that more is better; probes that
            may not be used to choose are absent. Column 0 is the holdout.
        disagreement: float64 [variants, variants], share of answers that differ, averaged over the
            probes of `merit`.
        key: stream of this choice.
    """

    variants: Sequence[str]
    merit: Floats
    disagreement: Floats
    key: Stream


class Chooser(Protocol):
    """Picks what to ship."""

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the ids to ship: one, or several that share the picks (an ensemble, a lottery)."""
        ...
