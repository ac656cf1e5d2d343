"""Random values for whole batches: each image's from its own stream, drawn by table."""

import math
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.core.words import words

__all__ = ["looked_up", "normals", "quantiles", "rounded", "sixteen", "uniforms"]


def sixteen(stream: Stream, ids: NDArray[np.str_], shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """Return whole numbers drawn evenly from 0..65535, [examples, *shape]."""
    size = math.prod(shape)
    drawn = words(stream, ids.tolist(), -(-size // 4)).astype("<u8", copy=False)
    return drawn.view("<u2")[:, :size].reshape(len(ids), *shape)


@cache
def quantiles() -> NDArray[np.float32]:
    """Return 65,536 equally likely values of the standard normal, of mean 0 and variance 1.

    They end at 4.3; what lies beyond has a chance of 2 in 100,000.
    """
    from scipy.special import ndtri

    middle = ndtri((np.arange(1 << 16) + 0.5) / (1 << 16))
    table: NDArray[np.float32] = (middle / middle.std()).astype(np.float32)
    table.flags.writeable = False
    return table


def looked_up(table: NDArray[Any], at: NDArray[np.uint16]) -> NDArray[Any]:
    """Return ``table[at]``; faster than that is, as every place is known to exist."""
    return np.take(table, at, out=np.empty(at.shape, table.dtype), mode="clip")


def normals(
    stream: Stream,
    ids: NDArray[np.str_],
    shape: tuple[int, ...],
    mean: float = 0.0,
    sd: float = 1.0,
) -> NDArray[np.float32]:
    """Return independent normal values [examples, *shape], by `quantiles`."""
    return looked_up(_scaled(mean, sd), sixteen(stream, ids, shape))


@lru_cache(maxsize=32)
def _scaled(mean: float, sd: float) -> NDArray[np.float32]:
    return quantiles() * np.float32(sd) + np.float32(mean)


def uniforms(
    stream: Stream, ids: NDArray[np.str_], shape: tuple[int, ...], low: float, high: float
) -> NDArray[np.float32]:
    """Return independent values from 65,536 evenly spaced ones between two ends, none of the ends."""
    step = (high - low) / (1 << 16)
    drawn = sixteen(stream, ids, shape).astype(np.float32)
    drawn *= np.float32(step)
    drawn += np.float32(low + step / 2)
    return drawn


def rounded(levels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return float grey levels as uint8, to the nearest and cut off at 0 and 255; changes them."""
    np.rint(levels, out=levels)
    np.clip(levels, 0, 255, out=levels)
    return levels.astype(np.uint8)
