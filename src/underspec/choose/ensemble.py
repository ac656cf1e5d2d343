"""All of the pool together: the mean of the scores."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from underspec.choose._protocol import Ballot
from underspec.choose.minimax_regret import by_regret
from underspec.core.errors import UsageError

__all__ = ["Ensemble"]


@dataclass(frozen=True)
class Ensemble:
    """Ships the mean of the scores of several variants (Lakshminarayanan et al. 2017).

    It is graded by its own answers, not as a lottery, and costs as many predictions as it has
    members.

    Attributes:
        size: how many variants, those with the least worst regret; the whole pool where None.
    """

    size: int | None = None

    together: ClassVar[Literal[True]] = True

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 2:
            raise UsageError(
                f"The size of an ensemble is a whole number of at least 2, but is {self.size!r}: leave it out "
                "for the whole pool."
            )

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the members' ids, in the order of the pool."""
        members = set(by_regret(ballot)[: self.size])
        return tuple(variant for variant in ballot.variants if variant in members)
