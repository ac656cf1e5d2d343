"""The contract of a choice: it sees the deciding half of the pool and returns ids, never scores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, Literal, Protocol, runtime_checkable

from underspec.core.records import Floats
from underspec.core.streams import Stream

__all__ = ["Ballot", "Chooser", "Particular", "Together", "Weights", "matching"]


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
        names: of the probes, the columns of `merit`.
    """

    variants: Sequence[str]
    merit: Floats
    disagreement: Floats
    key: Stream
    names: Sequence[str] = ()


class Chooser(Protocol):
    """Picks what to ship."""

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the ids to ship: one, or several that share the picks (a lottery)."""
        ...


@runtime_checkable
class Together(Protocol):
    """A rule whose ids answer together, by the mean of their scores, and are graded so."""

    together: ClassVar[Literal[True]]

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the ids whose scores are averaged."""
        ...


@runtime_checkable
class Weights(Together, Protocol):
    """A rule whose ids become one model by the mean of their weights, and are graded by its answers."""

    weights: ClassVar[Literal[True]]


@runtime_checkable
class Particular(Protocol):
    """A rule that looks at some probes only; where a ballot has none of them it is not asked."""

    @property
    def probe(self) -> str:
        """Name of a probe, or a glob such as ``fog-*``."""
        ...

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the ids to ship."""
        ...


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the names that a name or glob means, in their order."""
    return [name for name in names if fnmatchcase(name, pattern)]
