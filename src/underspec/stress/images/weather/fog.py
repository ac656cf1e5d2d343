"""Fog as a plasma fractal."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import rounded, uniforms
from underspec.stress.images.pictures import Batch, Pixels

__all__ = ["Fog", "plasma"]


@dataclass(frozen=True)
class Fog(Corruption):
    """Lays a plasma fractal over the picture: ``(x + a * fog) * m / (m + a)``, where c = (a, decay).

    Fog is the same in all channels and runs from 0 to 1 over a square whose side is the next power
    of two, of which the upper left part is taken. m is the largest value of the picture.
    """

    family: ClassVar[str] = "fog"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)),
        ((0.4, 3.0), (0.7, 3.0), (1.0, 2.5), (1.5, 2.0), (2.0, 1.75)),
        ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)),
    )
    least: ClassVar[int] = 4  # two steps of the fractal

    def distort(self, batch: Batch, constant: tuple[float, float], stream: Stream) -> Pixels:
        """Return the pixels in fog."""
        strength, decay = constant
        n, height, width, channels = batch.raw.shape
        side = max(2, 1 << (max(height, width) - 1).bit_length())
        drawn = uniforms(stream, batch.ids, (side * side - 1,), -1.0, 1.0)
        whole = plasma(drawn, side, decay)
        least, most = whole.min(axis=(1, 2)), whole.max(axis=(1, 2))
        x, white = (batch.raw, 255) if batch.whole else (batch.pixels, 1)
        brightest = x.reshape(n, -1).max(axis=1).astype(np.float32) / np.float32(white)
        share = brightest / (brightest + np.float32(strength))
        fog = whole[:, :height, :width] - least[:, None, None]
        fog *= (share * np.float32(strength * white) / (most - least))[:, None, None]
        foggy = np.empty(x.shape, np.float32)
        for channel in range(channels):
            foggy[..., channel] = fog
        dimmed = x.astype(np.float32)
        dimmed *= share[:, None, None, None]
        foggy += dimmed
        return rounded(foggy) if batch.whole else foggy


def plasma(drawn: NDArray[np.float32], side: int, decay: float) -> NDArray[np.float32]:
    """Return heights by the diamond-square algorithm on a torus.

    At each halving of the step a new point is the mean of its four neighbours plus a random part,
    whose size falls by the square of `decay` from one step to the next (as published).

    Args:
        drawn: values in -1..1, [n, side * side - 1].
        side: of the square, a power of two.
        decay: over 1; the higher, the smoother.

    Returns:
        float32 [n, side, side], up to a factor and a constant those of the published code.
    """
    n = len(drawn)
    points = np.zeros((n, 1, 1), np.float32)
    few, start, size = 1, 0, np.float32(4)
    while few < side:
        wobble = drawn[:, start : start + 3 * few * few].reshape(n, 3, few, few) * size
        inner, right, below = wobble[:, 0], wobble[:, 1], wobble[:, 2]
        rows = _with_next(points, 1)
        _add(inner, _with_next(rows, 2))
        inner *= np.float32(0.25)
        _add(right, _with_next(points, 2), inner, _before(inner, 1))
        right *= np.float32(0.25)
        _add(below, rows, inner, _before(inner, 2))
        below *= np.float32(0.25)
        finer = np.empty((n, 2 * few, 2 * few), np.float32)
        finer[:, ::2, ::2], finer[:, ::2, 1::2] = points, right
        finer[:, 1::2, ::2], finer[:, 1::2, 1::2] = below, inner
        start += 3 * few * few
        points, few, size = finer, 2 * few, size / np.float32(decay**2)
    return points


def _add(sums: NDArray[np.float32], *more: NDArray[np.float32]) -> None:
    for part in more:
        sums += part


def _with_next(points: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    return points + np.roll(points, -1, axis)


def _before(points: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    return np.roll(points, 1, axis)
