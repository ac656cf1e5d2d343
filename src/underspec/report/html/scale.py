"""Round numbers for the axes of pictures."""

import math
from collections.abc import Sequence

__all__ = ["nice", "reach", "share"]


def nice(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return round numbers from `low` to `high`, about `count` of them."""
    rough = (high - low) / max(count, 1)
    if not rough > 0 or not math.isfinite(rough):
        return (low,)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((m * power for m in (1, 2, 5) if m * power >= rough), 10 * power)
    first = math.ceil(low / step)
    return tuple(round(at * step, 12) for at in range(first, math.floor(high / step + 1e-9) + 1))


def share(value: float, whole: float) -> float:
    """Return where `value` stands from 0 to `whole`, in per cent, held inside."""
    return round(min(max(100 * value / whole, 0.0), 100.0), 2) if whole > 0 else 0.0


def reach(ends: Sequence[float], estimates: Sequence[float]) -> float:
    """Return the end of an axis that shows all estimates and all but absurdly long intervals."""
    top = max(estimates, default=0.0)
    return max((end for end in ends if end <= 2 * top), default=top) * 1.04 or 1.0
