"""Distortions by the sensor."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, drawn

__all__ = ["GaussianNoise"]


@dataclass(frozen=True)
class GaussianNoise(Corruption):
    """Adds independent normal noise of standard deviation c to every value."""

    family: ClassVar[str] = "gaussian_noise"
    constants = (
        (0.04, 0.06, 0.08, 0.09, 0.10),
        (0.04, 0.08, 0.12, 0.15, 0.18),
        (0.08, 0.12, 0.18, 0.26, 0.38),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Floats:
        """Return the pixels with noise."""
        shape = batch.pixels.shape[1:]
        noise = np.stack(drawn(stream, batch.ids, lambda g: g.standard_normal(shape)))
        noisy: Floats = batch.pixels + constant * noise
        return noisy
