"""Shapes of the differences between variants: mean 0, variance 1, known mean difference."""

import math
from typing import Literal, TypeAlias

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats

__all__ = ["Effects", "effect_gap", "effects"]

Effects: TypeAlias = Literal["normal", "exponential", "t5", "even", "uneven"]

_SHARES = {"even": 0.5, "uneven": 0.85}
# Mean absolute difference of two draws; for t with 5 degrees of freedom by integrating 2 F (1 - F).
_GAPS = {
    "normal": 2 / math.sqrt(math.pi),
    "exponential": 1.0,
    "t5": 1.0720284,
    "even": 1.0,
    "uneven": 2 * math.sqrt(0.85 * 0.15),
}


def effects(shape: Effects, count: int, generator: np.random.Generator) -> Floats:
    """Return `count` independent effects; ``even`` and ``uneven`` are two kinds, 50/50 and 85/15.

    Raises:
        UsageError: no such shape.
    """
    if shape == "normal":
        return generator.standard_normal(count)
    if shape == "exponential":
        return generator.standard_exponential(count) - 1
    if shape == "t5":
        return generator.standard_t(5, count) * math.sqrt(3 / 5)
    if shape in _SHARES:
        share = _SHARES[shape]
        kind = generator.random(count) < share
        apart: Floats = (kind.astype(np.float64) - share) / math.sqrt(share * (1 - share))
        return apart
    raise UsageError(one_of("shape of effects", shape, _GAPS))


def effect_gap(shape: Effects) -> float:
    """Return the mean absolute difference of two effects of this shape."""
    return _GAPS[shape]
