"""The most typical choice: the variant that the others agree with most."""

from dataclasses import dataclass

from underspec.choose._protocol import Ballot

__all__ = ["Medoid"]

_DIGITS = 12


@dataclass(frozen=True)
class Medoid:
    """Picks the variant whose answers differ least from those of the others, on average.

    It needs no label of any stress test. Ties go to the first id.
    """

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return one id."""
        apart = ballot.disagreement.sum(axis=1) - ballot.disagreement.diagonal()
        _, nearest = min(
            (round(float(total), _DIGITS), str(variant))
            for total, variant in zip(apart, ballot.variants, strict=True)
        )
        return (nearest,)
