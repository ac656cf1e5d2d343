"""Snow: flakes drawn out by the wind, over a whitened picture."""

import math
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import looked_up, quantiles, rounded, sixteen
from underspec.stress.images.pictures import Batch, Pixels

__all__ = ["Snow", "enlarged", "streaked"]

Constant: TypeAlias = tuple[float, float, float, float, int, float, float]


@dataclass(frozen=True)
class Snow(Corruption):
    """Lets it snow: c = (mean, sd, zoom, threshold, radius, streak, mix).

    Normal noise, zoomed and cut off below the threshold, makes flakes. They are drawn out in a
    direction of the picture's own, between 45 degrees to either side of upright, as motion blur
    does. They fall twice, the second time turned by half a circle, on a picture of which a share
    ``1 - mix`` is whitened to at least ``1.5 * grey + 0.5``.
    """

    family: ClassVar[str] = "snow"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        (
            (0.1, 0.2, 1.0, 0.6, 8, 3.0, 0.95),
            (0.1, 0.2, 1.0, 0.5, 10, 4.0, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4.0, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6.0, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12.0, 0.8),
        ),
        (
            (0.1, 0.2, 1.0, 0.6, 8, 3.0, 0.8),
            (0.1, 0.2, 1.0, 0.5, 10, 4.0, 0.8),
            (0.15, 0.3, 1.75, 0.55, 10, 4.0, 0.7),
            (0.25, 0.3, 2.25, 0.6, 12, 6.0, 0.65),
            (0.3, 0.3, 1.25, 0.65, 14, 12.0, 0.6),
        ),
        (
            (0.1, 0.3, 3.0, 0.5, 10, 4.0, 0.8),
            (0.2, 0.3, 2.0, 0.5, 12, 4.0, 0.7),
            (0.55, 0.3, 4.0, 0.9, 12, 8.0, 0.7),
            (0.55, 0.3, 4.5, 0.85, 12, 8.0, 0.65),
            (0.55, 0.3, 2.5, 0.85, 12, 12.0, 0.55),
        ),
    )
    lengths: ClassVar[tuple[int, ...]] = (2, 4, 5)

    @property
    def graded(self) -> bool:
        """No: at 224 pixels severity 3 moves them no further than 2, with fewer and larger flakes."""
        return False

    def smallest(self, constant: Constant) -> int:
        """Return the height of a flake, or of a streak up to one standard deviation."""
        _, _, zoom, _, radius, streak, _ = constant
        return max(math.ceil(zoom), min(2 * radius, math.ceil(streak))) + 1

    def distort(self, batch: Batch, constant: Constant, stream: Stream) -> Pixels:
        """Return the pixels in snow."""
        mean, sd, zoom, threshold, radius, streak, mix = constant
        n, height, width, channels = batch.raw.shape
        # The published code zooms into the middle; only that is drawn here.
        few = math.ceil(height / zoom), math.ceil(width / zoom)
        drawn = sixteen(stream, batch.ids, (few[0] * few[1] + 1,))
        layer = looked_up(quantiles(), drawn[:, :-1]).reshape(n, *few)
        layer *= np.float32(sd)
        layer += np.float32(mean)
        flakes = enlarged(layer, zoom)[:, :height, :width]
        flakes = np.minimum(flakes, 1, where=flakes >= threshold, out=np.zeros_like(flakes))
        flakes *= 255
        angles = -135 + 90 * (drawn[:, -1] + 0.5) / (1 << 16)
        falling = streaked(np.floor(flakes, out=flakes), angles, radius, streak)
        falling = falling + falling[:, ::-1, ::-1]
        white, x = (255, batch.raw) if batch.whole else (1, batch.pixels)
        if not batch.whole:
            falling *= np.float32(1 / 255)
        # mix * x + (1 - mix) * max(x, lit) is max(x, mix * x + (1 - mix) * lit).
        planes = [x[..., channel].astype(np.float32) for channel in range(channels)]
        lit = _grey(planes)
        lit *= np.float32(1.5 * (1 - mix))
        lit += np.float32(0.5 * (1 - mix) * white)
        snowy = np.empty(x.shape, x.dtype if batch.whole else np.float32)
        for channel, plane in enumerate(planes):
            whitened = plane * np.float32(mix)
            whitened += lit
            np.maximum(whitened, plane, out=whitened)
            whitened += falling
            snowy[..., channel] = rounded(whitened) if batch.whole else whitened
        return snowy


def _grey(planes: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    if len(planes) == 1:
        return planes[0].copy()
    grey = planes[0] * np.float32(0.299)
    grey += planes[1] * np.float32(0.587)
    grey += planes[2] * np.float32(0.114)
    return grey


def enlarged(layer: NDArray[np.float32], zoom: float) -> NDArray[np.float32]:
    """Return layers [n, height, width] larger by a factor, linear between pixels, corner to corner."""
    for axis in (1, 2):
        side = layer.shape[axis]
        large = round(side * zoom)
        if large == side:
            continue
        at = np.arange(large) * ((side - 1) / max(large - 1, 1))
        low = np.minimum(at.astype(np.intp), side - 1)
        shape = (-1, 1) if axis == 1 else (-1,)
        part = (at - low).astype(np.float32).reshape(shape)
        start = np.take(layer, low, axis)
        layer = np.take(layer, np.minimum(low + 1, side - 1), axis)
        layer -= start
        layer *= part
        layer += start
    return layer


def streaked(
    layers: NDArray[np.float32], angles: Floats, radius: int, sd: float
) -> NDArray[np.float32]:
    """Return layers blurred upwards along an angle each, as motion blur does.

    Args:
        layers: whole numbers 0..255, [n, height, width].
        angles: in degrees, -135 to -45, [n].
        radius: 2 * radius + 1 pixels are taken along the angle.
        sd: standard deviation, in pixels, of the half Gaussian that weighs them.

    Returns:
        Whole numbers 0..255, [n, height, width].
    """
    n, height, width = layers.shape
    steps = np.arange(2 * radius + 1)
    # Weights are whole 65,536ths: all sums are then whole numbers below 2^24, exact as float32 and
    # the same in whatever order they are taken.
    weights = np.exp(-(steps**2) / (2 * sd**2))
    weights = np.rint(weights / weights.sum() * (1 << 16))
    weights[0] += (1 << 16) - weights.sum()
    weights = weights.astype(np.float32)
    turned = np.deg2rad(angles)[:, None]
    down = np.ceil(steps * np.sin(turned) - 0.5).astype(np.intp)
    right = np.ceil(steps * np.cos(turned) - 0.5).astype(np.intp)
    above, beside = 2 * radius, math.ceil(2 * radius * math.sqrt(0.5))
    padded = _padded(layers, above, beside)
    stride = padded.shape[2]
    # In memory, a picture moved in any direction is one run of values.
    run = (height - 1) * stride + width
    starts = np.arange(n)[:, None] * padded[0].size + (above + down) * stride + beside + right
    flat = padded.reshape(-1)
    runs = as_strided(flat, (len(flat) - run + 1, run), flat.strides * 2, writeable=False)
    sums = np.zeros((n, height * stride), np.float32)
    for out, moves in zip(sums[:, :run], starts, strict=True):
        if run <= _SHORT:
            np.matmul(weights, runs[moves], out=out)
            continue
        part = np.empty(run, np.float32)
        for start, weight in zip(moves.tolist(), weights, strict=True):
            np.add(out, np.multiply(flat[start : start + run], weight, out=part), out=out)
    sums *= np.float32(1 / (1 << 16))
    return np.rint(sums, out=sums).reshape(n, height, stride)[:, :, :width]


def _padded(layers: NDArray[np.float32], above: int, beside: int) -> NDArray[np.float32]:
    n, height, width = layers.shape
    padded = np.empty((n, above + height, width + 2 * beside), np.float32)
    padded[:, above:, beside : beside + width] = layers
    padded[:, :above, beside : beside + width] = layers[:, :1]
    padded[:, :, :beside] = padded[:, :, beside : beside + 1]
    padded[:, :, beside + width :] = padded[:, :, beside + width - 1 : beside + width]
    return padded


# Up to this many values, one product of all moved copies is faster than one after the other.
_SHORT = 1 << 13
