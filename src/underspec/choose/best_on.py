"""The choice by one test: the variant that does best on a named probe."""

from dataclasses import dataclass

from underspec.choose._protocol import Ballot, matching
from underspec.core.errors import UsageError

__all__ = ["BestOn"]

_DIGITS = 12


@dataclass(frozen=True)
class BestOn:
    """Picks the variant with the best mean merit on the probes named.

    Ties go to the first id. Its transfer leaves out the families it looks at, unless probes of
    others remain for it to look at.

    Attributes:
        probe: name of a probe, or a glob such as ``fog-*``; ``holdout`` is the usual habit. Probes
            that may not be tuned on are passed over, and refused where there are no others.
    """

    probe: str

    def __post_init__(self) -> None:
        if not self.probe:
            raise UsageError(
                f"best_on takes the name of a probe or a glob such as 'fog-*', but got {self.probe!r}. "
                "Write {best_on: holdout}."
            )

    def __call__(self, ballot: Ballot, /) -> tuple[str, ...]:
        """Return one id.

        Raises:
            UsageError: the ballot has none of the probes.
        """
        named = set(matching(self.probe, ballot.names))
        if not named:
            raise UsageError(
                f"best_on looks at '{self.probe}', which is not among {', '.join(ballot.names)}."
            )
        columns = [at for at, name in enumerate(ballot.names) if name in named]
        merit = ballot.merit[:, columns].mean(axis=1)
        _, best = min(
            (-round(float(mean), _DIGITS), str(variant))
            for mean, variant in zip(merit, ballot.variants, strict=True)
        )
        return (best,)
