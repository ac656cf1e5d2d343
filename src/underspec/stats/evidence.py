"""One-sided p-values by inverting intervals, and their adjustment for many tests."""

import math
from collections.abc import Callable

import numpy as np

from underspec.core.records import Floats

__all__ = ["benjamini_hochberg", "holm", "smallest_alpha"]

_LEAST = 1e-12


def smallest_alpha(beyond: Callable[[float], bool]) -> float:
    """Return the smallest one-sided alpha at which a lower end is beyond its bound.

    Args:
        beyond: takes alpha in (0, 1/2]; once true it stays true for larger alpha.

    Returns:
        The p-value, at least 1e-12; 1.0 where not even the estimate (alpha = 1/2) is beyond, which
        is larger than need be and therefore safe.
    """
    if not beyond(0.5):
        return 1.0
    if beyond(_LEAST):
        return _LEAST
    low, high = math.log(_LEAST), math.log(0.5)
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(math.exp(middle)) else (middle, high)
    return math.exp(high)


def benjamini_hochberg(p: Floats) -> Floats:
    """Return p-values adjusted to control the false discovery rate (1995, step up)."""
    m = len(p)
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum.accumulate(p[order] * m / np.arange(m, 0, -1))
    return _in_place(stepped, order)


def holm(p: Floats) -> Floats:
    """Return p-values adjusted to control any false call at all (Holm 1979, step down)."""
    order = np.argsort(p, kind="stable")
    return _in_place(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), order)


def _in_place(stepped: Floats, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
