"""Distortions by weather and light."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch

__all__ = ["Brightness"]


@dataclass(frozen=True)
class Brightness(Corruption):
    """Adds c to the picture's value: V of HSV where there are three channels, else the grey itself."""

    family: ClassVar[str] = "brightness"
    constants = (
        (0.05, 0.1, 0.15, 0.2, 0.3),
        (0.1, 0.2, 0.3, 0.4, 0.5),
        (0.1, 0.2, 0.3, 0.4, 0.5),
    )

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Floats:  # noqa: ARG002
        """Return the pixels lit up."""
        # V is the largest channel. With hue and saturation kept, all channels grow in proportion
        # to it; black has neither and becomes grey.
        value = batch.pixels.max(axis=-1, keepdims=True)
        lighter: Floats = np.minimum(value + constant, 1.0)
        if batch.pixels.shape[-1] == 1:
            return lighter
        black = value == 0
        lit: Floats = np.where(black, lighter, batch.pixels * (lighter / np.where(black, 1, value)))
        return lit
