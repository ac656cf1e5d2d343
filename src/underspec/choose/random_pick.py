"""The baseline: any variant of the pool, as a lab picks that looks at the holdout only."""

from dataclasses import dataclass

from underspec.choose._protocol import Ballot

__all__ = ["RandomPick"]


@dataclass(frozen=True)
class RandomPick:
    """Picks by a lottery over the pool: all ids share the pick alike.

    It returns the whole pool and draws nothing, because it is graded by its expectation, which is
    what every other rule must beat; its gain is 0 exactly.
    """

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return the ids of the pool."""
        return tuple(ballot.variants)
