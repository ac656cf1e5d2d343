"""P(A > B): how likely a random variant of one study scores higher than one of another."""

import math
from typing import NamedTuple

from underspec.core.records import Floats
from underspec.stats.spread import TWO_SIDED

__all__ = ["Beats", "beats"]

_STEPS = 60


class Beats(NamedTuple):
    """A probability with its interval."""

    value: float
    low: float
    high: float


def beats(a: Floats, b: Floats, luck: float, alpha: float = TWO_SIDED) -> Beats:
    """Return P(A > B) + P(A = B)/2 over all pairs of variants: Mann-Whitney's U over k_A k_B.

    The variants' part of the interval is Newcombe's (2006, method 5) score interval, its variance
    widened to that of the placements (DeLong 1988) where this is larger, and to no more than
    P(1 - P)/min(k). The examples' part shifts all of A against all of B: a normal error of
    variance `luck`, added on the probit scale by variance recovery (Zou and Donner 2008).

    Args:
        a: means of A's variants, two or more, higher being better.
        b: of B's.
        luck: variance of what moves all variants of a side alike, from `two_samples.difference`.
        alpha: what each end leaves out.
    """
    from scipy.special import ndtr, ndtri

    above = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    value = float(above.mean())
    wider = _wider(above, value)
    z = -float(ndtri(alpha))
    low = _end(value, 0.0, z, wider, above.shape)
    high = _end(value, 1.0, z, wider, above.shape)
    if luck <= 0:
        return Beats(value, low, high)
    scale = float(a.var(ddof=1) + b.var(ddof=1))
    if scale <= luck * 1e-9:
        # Two points: which is higher is for the examples to say, and they may say either.
        far = abs(float(a.mean() - b.mean())) > z * math.sqrt(luck)
        return Beats(
            value, value if far and value == 1 else 0.0, value if far and value == 0 else 1.0
        )
    edge = 0.5 / above.size
    centre = float(ndtri(min(max(value, edge), 1 - edge)))
    shift = z**2 * luck / scale
    down = centre - math.sqrt((centre - float(ndtri(low))) ** 2 + shift) if low > 0 else -math.inf
    up = centre + math.sqrt((float(ndtri(high)) - centre) ** 2 + shift) if high < 1 else math.inf
    return Beats(value, min(value, float(ndtr(down))), max(value, float(ndtr(up))))


def _wider(above: Floats, value: float) -> float:
    """Return by how much the placements' variance is larger than the score's."""
    score = _score(value, above.shape)
    if score == 0:
        return 1.0
    rows, columns = above.mean(axis=1), above.mean(axis=0)
    placed = rows.var(ddof=1) / len(rows) + columns.var(ddof=1) / len(columns)
    return max(1.0, float(placed) / score)


def _score(p: float, shape: tuple[int, ...]) -> float:
    half = sum(shape) / 2 - 1
    return p * (1 - p) * (1 + half * ((1 - p) / (2 - p) + p / (1 + p))) / (shape[0] * shape[1])


def _end(value: float, bound: float, z: float, wider: float, shape: tuple[int, ...]) -> float:
    """Return the probability furthest towards `bound` that the estimate does not refute."""
    if value == bound:
        return bound
    near, far = value, bound
    for _ in range(_STEPS):
        p = (near + far) / 2
        variance = min(wider * _score(p, shape), p * (1 - p) / min(shape))
        if (value - p) ** 2 <= z**2 * variance:
            near = p
        else:
            far = p
    return near
