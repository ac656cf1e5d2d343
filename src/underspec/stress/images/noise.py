"""Distortions by the sensor: four kinds of noise, independent for every pixel and channel."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import looked_up, normals, quantiles, rounded, sixteen
from underspec.stress.images.photons import shot
from underspec.stress.images.pictures import Batch, Pixels

__all__ = ["GaussianNoise", "ImpulseNoise", "ShotNoise", "SpeckleNoise"]


@dataclass(frozen=True)
class GaussianNoise(Corruption):
    """Adds independent normal noise of standard deviation c to every value."""

    family: ClassVar[str] = "gaussian_noise"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        (0.04, 0.06, 0.08, 0.09, 0.10),
        (0.04, 0.08, 0.12, 0.15, 0.18),
        (0.08, 0.12, 0.18, 0.26, 0.38),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:
        """Return the pixels with noise."""
        shape = batch.raw.shape[1:]
        if not batch.whole:
            noisy: Pixels = normals(stream, batch.ids, shape, 0.0, constant)
            noisy += batch.pixels
            return noisy
        # A level plus noise, rounded, is the level plus rounded noise.
        levels = looked_up(_whole(constant), sixteen(stream, batch.ids, shape))
        levels += batch.raw
        np.clip(levels, 0, 255, out=levels)
        return levels.astype(np.uint8)


@lru_cache(maxsize=32)
def _whole(sd: float) -> NDArray[np.int16]:
    levels: NDArray[np.int16] = np.rint(quantiles() * (255 * sd)).astype(np.int16)
    return levels


@dataclass(frozen=True)
class ShotNoise(Corruption):
    """Counts photons: a Poisson draw of mean c * x, divided by c, for every value x in 0..1."""

    family: ClassVar[str] = "shot_noise"
    alone_below: ClassVar[int] = 1 << 20
    constants = ((500, 250, 100, 75, 50), (250, 100, 50, 30, 15), (60, 25, 12, 5, 3))

    def distort(self, batch: Batch, constant: int, stream: Stream) -> Pixels:
        """Return the pixels as counted."""
        if batch.whole:
            return shot(batch.raw, sixteen(stream, batch.ids, batch.raw.shape[1:]), constant)
        counted = np.empty_like(batch.pixels)
        for row, name in enumerate(batch.ids.tolist()):
            counted[row] = stream.example(name).poisson(batch.pixels[row] * constant)
        counted /= constant
        return counted


@dataclass(frozen=True)
class ImpulseNoise(Corruption):
    """Makes a share c of the values black or white, each with half the chance (salt and pepper)."""

    family: ClassVar[str] = "impulse_noise"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        (0.01, 0.02, 0.03, 0.05, 0.07),
        (0.01, 0.02, 0.05, 0.08, 0.14),
        (0.03, 0.06, 0.09, 0.17, 0.27),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:
        """Return the pixels with impulses."""
        drawn = sixteen(stream, batch.ids, batch.raw.shape[1:])
        black = round(constant / 2 * (1 << 16))
        pepper, salt = drawn < black, drawn >= (1 << 16) - black
        if not batch.whole:
            hit = np.where(salt, np.float32(1), batch.pixels)
            hit[pepper] = 0
            return hit
        # All bits on for salt, all off for pepper.
        levels = np.negative(salt.view(np.uint8))
        levels |= batch.raw
        keep = pepper.view(np.uint8)
        keep -= np.uint8(1)
        levels &= keep
        return levels


@dataclass(frozen=True)
class SpeckleNoise(Corruption):
    """Adds to every value x the product of x and normal noise of standard deviation c.

    One of the four corruptions that were published for validation.
    """

    family: ClassVar[str] = "speckle_noise"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        (0.06, 0.1, 0.12, 0.16, 0.2),
        (0.15, 0.2, 0.25, 0.3, 0.35),
        (0.15, 0.2, 0.35, 0.45, 0.6),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:
        """Return the pixels with noise."""
        factors = normals(stream, batch.ids, batch.raw.shape[1:], 1.0, constant)
        if batch.whole:
            factors *= batch.raw.astype(np.float32)
            return rounded(factors)
        factors *= batch.pixels
        return factors
