"""Spatter: drops of water or mud on the lens."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import normals, rounded
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["Spatter"]

Constant: TypeAlias = tuple[float, float, float, float, float, int]

# Pale turquoise and brown, in grey levels.
_WATER = (175.0, 238.0, 238.0)
_MUD = (63.0, 42.0, 20.0)
_LUMA = (0.2989, 0.587, 0.114)


@dataclass(frozen=True)
class Spatter(Corruption):
    """Spatters the picture: c = (mean, sd, size, threshold, strength, mud).

    Smoothed normal noise above the threshold makes the drops. Water, where `mud` is 0, adds light
    along the rims of its drops, up to `strength`; mud covers, and `strength` is the standard
    deviation in pixels that its edges are smoothed with. One of the four corruptions that were
    published for validation. On grey pictures the colours are as bright as they look.
    """

    family: ClassVar[str] = "spatter"
    alone_below: ClassVar[int] = 1 << 15
    constants = (
        (
            (0.62, 0.1, 0.7, 0.7, 0.5, 0),
            (0.65, 0.1, 0.8, 0.7, 0.5, 0),
            (0.65, 0.3, 1.0, 0.69, 0.5, 0),
            (0.65, 0.1, 0.7, 0.69, 0.6, 1),
            (0.65, 0.1, 0.5, 0.68, 0.6, 1),
        ),
        (
            (0.62, 0.1, 0.7, 0.7, 0.6, 0),
            (0.65, 0.1, 0.8, 0.7, 0.6, 0),
            (0.65, 0.3, 1.0, 0.69, 0.6, 0),
            (0.65, 0.1, 0.7, 0.68, 0.6, 1),
            (0.65, 0.1, 0.5, 0.67, 0.6, 1),
        ),
        (
            (0.65, 0.3, 4.0, 0.69, 0.6, 0),
            (0.65, 0.3, 3.0, 0.68, 0.6, 0),
            (0.65, 0.3, 2.0, 0.68, 0.5, 0),
            (0.65, 0.3, 1.0, 0.65, 1.5, 1),
            (0.67, 0.4, 1.0, 0.65, 1.5, 1),
        ),
    )
    lengths: ClassVar[tuple[int, ...]] = (2,)

    @property
    def graded(self) -> bool:
        """No: water turns to mud between severities 3 and 4, and large drops to small ones."""
        return False

    def ready(self) -> None:
        """Check that OpenCV is installed."""
        opencv(self.family)

    def smallest(self, constant: Constant) -> int:
        """Return the width of the Gaussian that makes drops, up to two standard deviations."""
        return 2 * math.ceil(2 * constant[2]) + 1

    def distort(self, batch: Batch, constant: Constant, stream: Stream) -> Pixels:
        """Return the pixels spattered."""
        cv2 = opencv(self.family)
        mean, sd, size, threshold, strength, mud = constant
        channels = batch.raw.shape[-1]
        layers = normals(stream, batch.ids, batch.raw.shape[1:3], mean, sd)
        _smooth(cv2, layers, size)
        if mud:
            cover = (layers > threshold).astype(np.float32)
            _smooth(cv2, cover, strength)
            cover *= cover >= np.float32(0.8)
        else:
            cover = _rims(cv2, layers, threshold)
            cover *= np.float32(strength)
        colour = np.asarray(_MUD if mud else _WATER, np.float32)
        if channels == 1:
            colour = np.asarray([np.dot(colour, _LUMA)], np.float32)
        x = batch.raw if batch.whole else batch.pixels
        if not batch.whole:
            colour *= np.float32(1 / 255)
        left = np.subtract(1, cover) if mud else None
        spattered = np.empty(x.shape, batch.raw.dtype if batch.whole else np.float32)
        for channel in range(channels):
            plane = cover * colour[channel]
            plane += x[..., channel] if left is None else left * x[..., channel]
            spattered[..., channel] = rounded(plane) if batch.whole else plane
        return spattered


def _smooth(cv2: Any, layers: NDArray[np.float32], sd: float) -> None:
    # Cut off at four standard deviations, and beyond the edge the edge is repeated, as published.
    taps = 2 * int(4 * sd + 0.5) + 1
    for layer in layers:
        cv2.GaussianBlur(layer, (taps, taps), sd, layer, sd, cv2.BORDER_REPLICATE)


def _rims(cv2: Any, layers: NDArray[np.float32], threshold: float) -> NDArray[np.float32]:
    """Return how bright the water is, up to 1."""
    drops = np.where(layers < threshold, 0, layers * 255)
    levels = np.minimum(drops, 255, out=drops).astype(np.uint8)
    edges = np.stack([cv2.Canny(drop, 50, 150) for drop in levels])
    np.bitwise_not(edges, out=edges)
    away = np.stack([cv2.distanceTransform(edge, cv2.DIST_L2, 5) for edge in edges])
    np.minimum(away, 20, out=away)
    near = np.stack([cv2.blur(distance, (3, 3)) for distance in away]).astype(np.uint8)
    relief = np.asarray([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], np.float32)
    lit = [cv2.filter2D(cv2.equalizeHist(distance), cv2.CV_8U, relief) for distance in near]
    rims = np.stack([cv2.blur(light, (3, 3)) for light in lit]).astype(np.float32)
    rims *= levels
    brightest = rims.max(axis=(1, 2), keepdims=True)
    # Where no noise is above the threshold, there are no drops.
    rims /= np.maximum(brightest, 1)
    return rims
