"""What the study was about, and who was kept."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Pool", "StudyFacts", "VariantCounts"]


@dataclass(frozen=True)
class Pool:
    """The near-equal variants, and each other one with the reason it was dropped."""

    kept: tuple[str, ...]
    dropped: Mapping[str, str]
    holdout_spread_after_selection: float | None
    note: str | None = None


@dataclass(frozen=True)
class VariantCounts:
    """How many variants were asked for, trained, failed and kept."""

    asked: int
    trained: int
    failed: int
    kept: int


@dataclass(frozen=True)
class StudyFacts:
    """What the study was about.

    Attributes:
        smallest_margin: the least epsilon by which a variant of this study could be certified
            near-equal (two one-sided tests at 5 %, 80 % power), None under two variants.
    """

    name: str
    task: str
    metric: str
    epsilon: float
    max_drop: float | None
    smallest_margin: float | None
    variants: VariantCounts
