"""What a study file may write for a parameter: one value or several, whole numbers, numbers."""

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np

__all__ = ["is_number", "is_whole", "several", "shown"]


def several(given: Any) -> tuple[Any, ...]:
    """Return a list as a tuple and anything else, such as a name or null, as the only one of one.

    Scalars of NumPy come as those of Python, so that members print alike however they are made.
    """
    listed = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    if not listed and not (isinstance(given, np.ndarray) and given.ndim == 1):
        given = (given,)
    return tuple(one.item() if isinstance(one, np.generic) else one for one in given)


def shown(given: Any) -> str:
    """Return how a message writes a parameter: as a study file would have it, nearly."""
    return repr(list(given) if isinstance(given, tuple) else given)


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether this is a whole number without a point; true and false are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether this is a number, also infinite or NaN; true and false are none."""
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool)
