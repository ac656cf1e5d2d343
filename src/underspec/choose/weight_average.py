"""All of the pool as one model: the mean of the weights."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from underspec.choose._protocol import Ballot
from underspec.choose.minimax_regret import by_regret
from underspec.core.errors import UsageError

__all__ = ["WeightAverage"]


@dataclass(frozen=True)
class WeightAverage:
    """Ships one model whose weights are the mean of those of several variants (Wortsman et al. 2022).

    It costs as many predictions as one variant. The mean of the weights of networks from different
    initial weights is usually no good network at all; that of variants which share them, or start from
    the same pretrained weights, may be. Here it is made, asked about every probe and graded like any
    other pick, so that either shows. Only in `run`, and with a trainer that can average.

    Attributes:
        size: how many variants, those with the least worst regret; the whole pool where None.
    """

    size: int | None = None

    together: ClassVar[Literal[True]] = True
    weights: ClassVar[Literal[True]] = True

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 2:
            raise UsageError(
                f"The size of a weight average is a whole number of at least 2, but is {self.size!r}: leave it "
                "out for the whole pool."
            )

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the members' ids, in the order of the pool."""
        members = set(by_regret(ballot)[: self.size])
        return tuple(variant for variant in ballot.variants if variant in members)
