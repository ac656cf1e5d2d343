"""The verdict: two axes, each yes, no or unknown, and the word for the two."""

from typing import Literal, NamedTuple

from underspec.core.findings import Drop, Gap, Ratio, Verdict, YesNo
from underspec.stats.evidence import smallest_alpha
from underspec.stats.gap import GapFit, gap_ends
from underspec.stats.ratio import exceeds
from underspec.stats.spread import SpreadFit

__all__ = [
    "ALPHA",
    "LEAST_KEPT",
    "Word",
    "drop_axis",
    "gap_axis",
    "p_gap",
    "p_spread",
    "spread_axis",
    "word",
]

ALPHA = 0.05
"""The adjusted p-value up to which spread is called."""

LEAST_KEPT = 10
"""Kept variants under which spread is not judged."""


class Word(NamedTuple):
    """A verdict, and whether the axis that it does not name is unknown."""

    verdict: Verdict
    other: Literal["undecided"] | None


def p_spread(gap: GapFit, holdout: SpreadFit, epsilon: float, null: float) -> float:
    """Return the one-sided p-value of gap > epsilon and ratio > null.

    Both must hold, so the larger p-value is the test's: no correction for there being two
    (intersection-union, Berger 1982).
    """
    return max(
        p_gap(gap, epsilon),
        smallest_alpha(lambda alpha: exceeds(gap.spread, holdout, null, alpha)),
    )


def p_gap(gap: GapFit, epsilon: float) -> float:
    """Return the one-sided p-value of gap > epsilon."""
    return smallest_alpha(lambda alpha: gap_ends(gap, alpha).low > epsilon**2)


def gap_axis(p_adjusted: float | None, gap: Gap, epsilon: float) -> YesNo:
    """Return whether near-equal variants part on a probe that no spread on the holdout is like.

    Args:
        p_adjusted: of `p_gap`; None where too few variants are kept to judge.
        gap: with its interval.
        epsilon: what counts as near-equal.
    """
    if p_adjusted is None:
        return "unknown"
    if p_adjusted <= ALPHA:
        return "yes"
    return "no" if gap.high is not None and gap.high <= epsilon else "unknown"


def spread_axis(
    p_adjusted: float | None, gap: Gap, ratio: Ratio, epsilon: float, *, steady: bool
) -> YesNo:
    """Return whether near-equal variants part on the probe.

    Args:
        p_adjusted: of `p_spread`; None where too few variants are kept to judge.
        gap: with its interval.
        ratio: with its interval.
        epsilon: what counts as near-equal.
        steady: whether the holdout's spread may clear a probe. Where a few far-out variants make
            it, anything would look small beside it.
    """
    by_gap = gap_axis(p_adjusted, gap, epsilon)
    if p_adjusted is None or by_gap != "unknown":
        return by_gap
    if steady and None not in (ratio.high, ratio.null_ratio) and ratio.high <= ratio.null_ratio:  # type: ignore[operator]
        return "no"
    return "unknown"


def drop_axis(drop: Drop, max_drop: float | None) -> YesNo:
    """Return whether all variants do worse on the probe than is allowed."""
    if max_drop is None or drop.low is None or drop.high is None:
        return "unknown"
    if drop.low > max_drop:
        return "yes"
    return "no" if drop.high <= max_drop else "unknown"


def word(drop: YesNo, spread: YesNo) -> Word:
    """Return the word for the two axes."""
    if drop == "yes" and spread == "yes":
        return Word("both", None)
    if drop == "no" and spread == "no":
        return Word("clean", None)
    if spread == "yes":
        return Word("underspecified", "undecided" if drop == "unknown" else None)
    if drop == "yes":
        return Word("structural", "undecided" if spread == "unknown" else None)
    return Word("undecided", None)
