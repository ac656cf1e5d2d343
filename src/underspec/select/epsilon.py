"""The margin that a pool rule cannot do without, and how differences are told in words."""

import math

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.select._protocol import Evidence

__all__ = ["amount", "check_epsilon", "means", "more_than"]


def check_epsilon(epsilon: object, *, proportion: bool = False) -> None:
    """Refuse a margin that is no positive number or, for a proportion, no share.

    Args:
        epsilon: the margin, in the metric's units.
        proportion: whether the metric is a share of examples, so that 1 or more is a slip.

    Raises:
        UsageError: it is not such a margin.
    """
    share = "epsilon is a share, 0.01 is one point"
    if isinstance(epsilon, bool) or not isinstance(epsilon, int | float):
        raise UsageError(f"epsilon must be a number such as 0.01, but is {epsilon!r}.")
    if not math.isfinite(epsilon) or epsilon <= 0:
        raise UsageError(
            f"epsilon must be above 0, but is {epsilon!r}: it says how far near-equal variants may "
            "differ, in the metric's units."
        )
    if proportion and epsilon >= 1:
        raise UsageError(f"epsilon must be below 1, but is {epsilon!r}: {share}.")


def means(evidence: Evidence) -> Floats:
    """Return each variant's metric on the deciding half: [variants].

    Raises:
        UsageError: there is no example to judge by.
    """
    if len(evidence.variants) and evidence.contributions.shape[1] == 0:
        raise UsageError(
            "No example of the holdout is in the deciding half: give the holdout more examples "
            "or clusters."
        )
    result: Floats = evidence.contributions.sum(axis=1) / max(evidence.contributions.shape[1], 1)
    return result


def amount(value: float, *, proportion: bool, digits: int = 1) -> str:
    """Write a non-negative difference: in points for a proportion, else in the metric's units."""
    return f"{100 * value:.{digits}f} points" if proportion else f"{value:.{digits + 1}g}"


def more_than(value: float, limit: float, *, proportion: bool) -> tuple[str, str]:
    """Write a difference and the limit it exceeds with as many digits as tell them apart.

    Returns:
        The difference with its unit and the limit without, such as ``("1.3 points", "1.0")``.
    """
    scale = 100 if proportion else 1
    for digits in range(1, 12):
        bound = amount(limit, proportion=proportion, digits=digits).removesuffix(" points")
        shown = amount(value, proportion=proportion, digits=digits)
        exact = abs(float(bound) - scale * limit) <= 1e-9 * scale * limit
        if exact and float(shown.removesuffix(" points")) > float(bound):
            break
    return shown, bound
