"""Distortions of light and colour."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Data
from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["Brightness", "Saturate"]


# Divides where there is nothing to divide by.
_TINY = np.finfo(np.float32).tiny


@dataclass(frozen=True)
class Brightness(Corruption):
    """Adds c to the picture's value: V of HSV where there are three channels, else the grey itself."""

    family: ClassVar[str] = "brightness"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        (0.05, 0.1, 0.15, 0.2, 0.3),
        (0.1, 0.2, 0.3, 0.4, 0.5),
        (0.1, 0.2, 0.3, 0.4, 0.5),
    )
    at_a_time: ClassVar[int] = 1 << 17

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels lit up."""
        white, x = (255, batch.raw) if batch.whole else (1, batch.pixels)
        if x.shape[-1] == 1:
            levels = np.minimum(np.arange(256) + constant * 255, 255)
            table = np.rint(levels).astype(np.uint8)
            return table[x] if batch.whole else np.minimum(x + np.float32(constant), 1)
        # V is the largest channel. With hue and saturation kept, all channels grow in proportion
        # to it; black has neither and becomes grey.
        value = _extreme(np.maximum, x)
        factor = value.astype(np.float32)
        was = np.maximum(factor, 1 if batch.whole else _TINY)
        factor += np.float32(constant * white)
        np.minimum(factor, white, out=factor)
        factor /= was
        lit = np.empty((len(factor), 3), np.float32)
        for channel in range(3):
            lit[:, channel] = factor
        lit *= x.reshape(-1, 3)
        black = value == 0
        if black.any():
            lit[black] = constant * white
        if batch.whole:
            lit += np.float32(0.5)
        return lit.astype(batch.raw.dtype if batch.whole else np.float32).reshape(x.shape)


def _extreme(of: Any, x: Pixels) -> NDArray[Any]:
    """Return the largest or smallest channel of each pixel, flat."""
    # On neighbours in memory, two results of three for nothing: faster than on channels apart.
    flat = x.reshape(-1)
    found = of(flat[:-2], flat[1:-1])
    of(found, flat[2:], out=found)
    return np.ascontiguousarray(found[::3])


@dataclass(frozen=True)
class Saturate(Corruption):
    """Makes S of HSV a times as large plus b, where c = (a, b); less colour at severities 1 and 2.

    One of the four corruptions that were published for validation. As published, grey pixels of a
    picture of three channels turn reddish where b is not 0. Pictures of one channel stay as they
    are.
    """

    family: ClassVar[str] = "saturate"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        ((0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2)),
        ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (30.0, 0.2)),
        ((0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)),
    )

    @property
    def graded(self) -> bool:
        """No: the first two severities take colour away, the others add some."""
        return False

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say of pictures of one channel that they have no saturation."""
        if data.inputs.shape[-1] == 3:
            return ()
        return ("saturate changes nothing: pictures of one channel have no colour.",)

    def ready(self) -> None:
        """Check that OpenCV is installed."""
        opencv(self.family)

    def distort(self, batch: Batch, constant: tuple[float, float], stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels with another saturation."""
        x = batch.raw if batch.whole else batch.pixels
        if x.shape[-1] == 1:
            return np.array(x)
        cv2 = opencv(self.family)
        times, more = constant
        flat = x.reshape(1, -1, 3)
        # V is the largest channel, S the range of channels over V. With hue and V kept, each
        # channel's distance from V grows as S does.
        if times <= 1 and more == 0:
            value = cv2.cvtColor(_extreme(np.maximum, x)[None], cv2.COLOR_GRAY2RGB)
            faded: Pixels = cv2.addWeighted(value, 1 - times, flat, times, 0)
            return faded.reshape(x.shape)
        planes = cv2.split(flat)
        value = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
        span = value - np.minimum(np.minimum(planes[0], planes[1]), planes[2])
        factor, kept = span.astype(np.float32), value.astype(np.float32)
        was = np.maximum(factor, 1 if batch.whole else _TINY)
        factor *= np.float32(times)
        if more:
            factor += kept * np.float32(more)
        np.minimum(factor, kept, out=factor)
        factor /= was
        # V - factor * (V - x), as x * factor + kept.
        kept -= np.multiply(kept, factor, out=was)
        if batch.whole:
            kept += np.float32(0.5)
        changed = [plane * factor for plane in planes]
        for plane in changed:
            np.add(plane, kept, out=plane)
        grey = np.flatnonzero(span == 0)
        # The hue of grey counts as red: the other two channels fall by S.
        for plane, fall in zip(changed, (0, more, more), strict=True):
            plane[0, grey] = value[0, grey] * np.float32(1 - fall) + np.float32(0.5 * batch.whole)
        made = [plane.astype(x.dtype) for plane in changed]
        merged: Pixels = cv2.merge(made)
        return merged.reshape(x.shape)
