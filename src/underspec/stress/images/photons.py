"""Poisson draws for grey levels, by a table for each level."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from underspec.stress.images.draws import looked_up

__all__ = ["chances", "shot"]

_WHOLE = 1 << 16
_COLUMN = 1 << 8


def shot(levels: NDArray[np.uint8], drawn: NDArray[np.uint16], photons: float) -> NDArray[np.uint8]:
    """Return ``255 * Poisson(photons * level / 255) / photons``, rounded, cut off at 255.

    Args:
        levels: grey levels 0..255.
        drawn: a whole number for each, drawn evenly from 0..65535.
        photons: mean count for white.
    """
    # Walker's alias method: the high byte says which column, the low byte which of its two levels.
    column = drawn >> 8
    place = levels.astype(np.uint16)
    place <<= 8
    place |= column
    entry = looked_up(_aliases(photons), place)
    made = entry.astype(np.uint8)
    entry >>= 8
    own = drawn.astype(np.uint8) < entry.astype(np.uint8)
    # made = column where own, else the alias.
    change = column.astype(np.uint8)
    change ^= made
    change &= np.negative(own.view(np.uint8))
    made ^= change
    return made


def chances(photons: float) -> NDArray[np.int64]:
    """Return how often in 65,536 a level becomes another, [from, to]; each row sums to 65,536."""
    from scipy.special import gammaln, xlogy

    means = np.arange(256)[:, None] / 255 * photons
    counts = np.arange(int(np.ceil(photons)))
    each = np.exp(xlogy(counts, means) - means - gammaln(counts + 1))
    exact = np.zeros((256, 256))
    for count, chance in zip(counts, each.T, strict=True):
        exact[:, round(255 * count / photons)] += chance
    exact[:, 255] += np.maximum(1 - exact.sum(axis=1), 0)
    exact *= _WHOLE / exact.sum(axis=1, keepdims=True)
    whole = np.floor(exact).astype(np.int64)
    # Those with the largest remainders get one more.
    rest = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1)
    whole += rest < (_WHOLE - whole.sum(axis=1, keepdims=True))
    return whole


@lru_cache(maxsize=32)
def _aliases(photons: float) -> NDArray[np.uint16]:
    left = chances(photons)
    rows = np.arange(256)
    bound, alias = np.zeros((2, 256, 256), np.int64)
    done = np.zeros((256, 256), np.int64)
    for _ in range(_COLUMN):
        # The rarest level left fills its column, and the commonest what remains of it.
        poor = np.argmin(left + done, axis=1)
        rich = np.argmax(left, axis=1)
        own = left[rows, poor]
        full = own >= _COLUMN
        bound[rows, poor] = np.where(full, 0, own)
        alias[rows, poor] = np.where(full, poor, rich)
        left[rows, rich] -= np.where(full, 0, _COLUMN - own)
        left[rows, poor] -= np.where(full, _COLUMN, own)
        done[rows, poor] = _WHOLE * 2
    return (bound << 8 | alias).astype(np.uint16).ravel()
