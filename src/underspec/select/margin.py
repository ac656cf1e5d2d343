"""The default pool rule: within epsilon of the median, or of the best."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.select._protocol import Evidence, Selection
from underspec.select.epsilon import check_epsilon, means, more_than

__all__ = ["Margin", "smallest_keeping"]

# Means of 0s and 1s are multiples of 1/n: .91 - .90 must not count as more than .01.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Margin:
    """Keeps the variants whose mean lies within `epsilon` of a centre; it certifies nothing.

    Attributes:
        epsilon: the margin, in the metric's units; for a proportion a share, 0.01 is one point.
        around: ``median`` of all variants' means, both sides; or ``best``, whose worse side only
            there is.
    """

    epsilon: float
    around: Literal["median", "best"] = "median"

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        if self.around not in ("median", "best"):
            raise UsageError(one_of("centre of margin", self.around, ("median", "best")))

    def __call__(self, evidence: Evidence, /) -> Selection:
        """Return who is within the margin, and for each other one by how much it is not.

        Raises:
            UsageError: no example, or an epsilon of 1 or more for a proportion.
        """
        check_epsilon(self.epsilon, proportion=evidence.proportion)
        scored = means(evidence)
        centre = _centre(scored, self.around, greater_is_better=evidence.greater_is_better)
        kept, dropped = [], {}
        for variant, mean in zip(evidence.variants, scored, strict=True):
            if not np.isfinite(mean):
                dropped[variant] = "its metric on the holdout is not a number"
            elif abs(mean - centre) <= self.epsilon + _ROUNDING:
                kept.append(variant)
            else:
                far, limit = more_than(
                    abs(mean - centre), self.epsilon, proportion=evidence.proportion
                )
                side = "below" if mean < centre else "above"
                dropped[variant] = f"{far} {side} the {self.around}, more than {limit}"
        return Selection(tuple(kept), dropped)


def smallest_keeping(evidence: Evidence, count: int = 10) -> float | None:
    """Return the least epsilon with which `Margin` around the median keeps `count` variants.

    Returns:
        The margin in the metric's units, 0.0 where that many variants are equal; None if fewer
        than `count` variants have a metric at all.
    """
    scored = means(evidence)
    finite = scored[np.isfinite(scored)]
    if len(finite) < max(count, 1):
        return None
    return float(np.sort(np.abs(finite - np.median(finite)))[count - 1])


def _centre(scored: Floats, around: str, *, greater_is_better: bool) -> float:
    finite = scored[np.isfinite(scored)]
    if not len(finite):
        return float("nan")
    if around == "median":
        return float(np.median(finite))
    return float(finite.max() if greater_is_better else finite.min())
