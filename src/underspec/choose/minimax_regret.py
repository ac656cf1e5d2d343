"""The cautious choice: the variant that is never far from the best."""

from dataclasses import dataclass

from underspec.choose._protocol import Ballot

__all__ = ["MinimaxRegret"]

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
        worst = (ballot.merit.max(axis=0) - ballot.merit).max(axis=1)
        _, best = min(
            (round(float(regret), _DIGITS), str(variant))
            for regret, variant in zip(worst, ballot.variants, strict=True)
        )
        return (best,)
