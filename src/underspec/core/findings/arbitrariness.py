"""How much of each decision hangs on which near-equal variant is asked."""

from dataclasses import dataclass

__all__ = ["Arbitrariness"]


@dataclass(frozen=True)
class Arbitrariness:
    """How much of each decision hangs on which kept variant is asked.

    Attributes:
        disagreement: chance that two variants answer one example differently.
        ambiguity: share of examples on which some variant differs from the majority answer.
        discrepancy: largest share of examples that swapping in one variant changes.
        self_consistency: chance that two variants agree, averaged over examples.
        k: variants compared; ambiguity and discrepancy grow with it. Under two, all else is None.
    """

    probe: str
    disagreement: float | None
    ambiguity: float | None
    discrepancy: float | None
    self_consistency: float | None
    k: int
