"""The cautious choice: the variant that is never far from the best."""

from dataclasses import dataclass

from underspec.choose._protocol import Ballot

__all__ = ["MinimaxRegret", "by_regret"]

# Below any difference that an example makes; keeps the order of a sum from deciding.
_DIGITS = 12


@dataclass(frozen=True)
class MinimaxRegret:
    """Picks the variant whose worst regret over the probes is least (Savage 1951).

    The regret of a variant on a probe is how far it stays behind the pool's best there. Ties go to
    the first id.
    """

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return one id."""
        return by_regret(ballot)[:1]


def by_regret(ballot: Ballot) -> tuple[str, ...]:
    """Return the ids of the pool, the one with the least worst regret first; ties by id."""
    worst = (ballot.merit.max(axis=0) - ballot.merit).max(axis=1)
    ranked = sorted(
        (round(float(regret), _DIGITS), str(variant))
        for regret, variant in zip(worst, ballot.variants, strict=True)
    )
    return tuple(variant for _, variant in ranked)
