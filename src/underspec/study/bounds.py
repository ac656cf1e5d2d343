"""Thresholds that could never be passed, and ensembles larger than the study: slips, so refused."""

import math
from collections.abc import Mapping

from underspec.choose._protocol import Chooser
from underspec.core.errors import UsageError
from underspec.metrics._protocol import Metric

__all__ = ["check_bounds", "check_sizes"]


def check_bounds(metric: Metric, name: str, epsilon: float, max_drop: float | None) -> None:
    """Refuse a margin or a largest fall as large as the metric's whole range.

    Args:
        metric: that judges.
        name: of the metric.
        epsilon: the margin.
        max_drop: largest fall that is still fine, None where not given.

    Raises:
        UsageError: one of them is.
    """
    low, high = metric.range
    whole = high - low
    told = f"{name} is from {low:g} to {high:g}"
    points = " (0.05 is five points)" if metric.proportion else ""
    if math.isfinite(whole) and epsilon >= whole:
        raise UsageError(
            f"epsilon is {epsilon:g}, but {told}, so that all variants would count as near-equal: give the "
            f"margin in the metric's units{points}."
        )
    if max_drop is not None and not max_drop >= 0:
        raise UsageError(
            f"max_drop must be 0 or more, but is {max_drop:g}: it is the largest fall that is still fine."
        )
    if max_drop is not None and max_drop >= whole:
        raise UsageError(
            f"max_drop is {max_drop:g}, but {told}, so that no fall would count: give it in the metric's "
            f"units{points}."
        )


def check_sizes(rules: Mapping[str, Chooser], variants: int) -> None:
    """Refuse ensembles of more variants than there are.

    Raises:
        UsageError: there is one.
    """
    for name, rule in rules.items():
        size = getattr(rule, "size", None)
        if isinstance(size, int) and size > variants:
            raise UsageError(
                f"The choice rule '{name}' takes {size} variants, but the study has {variants}. Give it at most "
                "that, or leave the size out for the whole pool."
            )
