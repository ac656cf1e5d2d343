"""Blur by frosted glass, which leads light from each pixel astray."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.blur_gaussian import blurred
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import sixteen
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["GlassBlur", "astray"]


@dataclass(frozen=True)
class GlassBlur(Corruption):
    """Blurs, lets each pixel take the value of one near by, some times over, and blurs again.

    Constants are the standard deviation of the blur, the distance in pixels, and how many times.
    From the bottom right to the top left, each pixel takes the value that stands at a place drawn
    evenly from -distance up to distance - 1 rows and columns away. (The published code is written
    as a swap, of which NumPy carries out but this half.) Pixels nearer to the edge than the
    distance stay. Whole grey levels are cut off after the first blur, as published.
    """

    family: ClassVar[str] = "glass_blur"
    constants = (
        ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
        ((0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)),
        ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    )
    lengths: ClassVar[tuple[int, ...]] = (0, 1)

    @property
    def graded(self) -> bool:
        """No: severity 4 blurs less than 3 for small images, and 2 repeats less than 1 for large."""
        return False

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def smallest(self, constant: tuple[float, int, int]) -> int:
        """Return where more than a line of pixels is led astray, or the Gaussian is wider."""
        sd, distance, _ = constant
        return max(2 * distance + 2, 2 * math.ceil(2 * sd) + 1)

    def distort(self, batch: Batch, constant: tuple[float, int, int], stream: Stream) -> Pixels:
        """Return the pixels seen through the glass."""
        sd, distance, times = constant
        height, width, channels = batch.raw.shape[1:]
        soft = blurred(batch.values, sd)
        if batch.whole:
            # A flat picture stays as it is: what is a hair below a level counts as it.
            soft += np.float32(1e-3)
            np.floor(soft, out=soft)
        rows, columns = (max(0, side - 2 * distance) for side in (height, width))
        draws = sixteen(stream, batch.ids, (times, rows, columns))
        taken = astray(draws[:, 0], height, width, distance)
        for time in range(1, times):
            taken = np.take(taken, astray(draws[:, time], height, width, distance))
        moved = np.take(soft.reshape(-1, channels), taken, axis=0).reshape(soft.shape)
        return batch.settled(blurred(moved, sd))


def astray(draws: NDArray[np.uint16], height: int, width: int, distance: int) -> NDArray[np.intp]:
    """Return where the value of each pixel comes from, once each has taken one from near by.

    Args:
        draws: even draws from 0..65535, [n, height - 2 * distance, width - 2 * distance].
        height: of the pictures.
        width: of the pictures.
        distance: see `GlassBlur`.

    Returns:
        Places in the n pictures laid flat, [n * height * width].
    """
    steps = np.arange(-distance, distance)
    offsets = (steps[:, None] * width + steps).reshape(-1)
    n = len(draws)
    start = np.arange(n * height * width)
    target = start.copy()
    inner = np.s_[:, distance + 1 : height - distance + 1, distance + 1 : width - distance + 1]
    which = (draws.astype(np.uint32) * np.uint32(len(offsets))) >> np.uint32(16)
    target.reshape(n, height, width)[inner] += np.take(offsets, which)
    if distance == 1:
        return target
    # Pixels below and to the right have taken their value before: where one takes from those, it
    # gets what they took, and so on until a value is reached that stood there at first.
    moving = np.zeros((n, height, width), np.bool_)
    moving[inner] = True
    later = np.flatnonzero(target > start)
    later = later[moving.reshape(-1)[target[later]]]
    goes_on = np.zeros(len(start), np.bool_)
    goes_on[later] = True
    source = target.copy()
    while len(later):
        through = source[later]
        source[later] = target[through]
        later = later[goes_on[through]]
    return source
