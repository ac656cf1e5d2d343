"""Blur by zooming in while the shutter is open."""

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["ZoomBlur", "enlarging", "factors"]

# Pictures of more pixels are resampled one factor after the other, as the table for all factors at
# once would outgrow them by far.
_ONCE = 1 << 16

# One thread builds a table, and the others wait for it.
_BUILDING = Lock()


@dataclass(frozen=True)
class ZoomBlur(Corruption):
    """Averages the picture with its middle, enlarged by factors from 1 on.

    Constants are the end of the factors and the step between them. For each factor z the middle
    ``ceil(side / z)`` pixels are enlarged to ``round(ceil(side / z) * z)``, linearly, so that
    corners meet corners; where that is more than the side, the last row and column are left out.
    """

    family: ClassVar[str] = "zoom_blur"
    constants = (
        ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
        ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
        ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
    )
    at_a_time: ClassVar[int] = 1 << 20

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def smallest(self, constant: tuple[float, float]) -> int:
        """Return from where on the largest factor crops a pixel: smaller pictures stay as they are."""
        most = max(factors(*constant))
        return next(side for side in itertools.count(2) if math.ceil(side / most) < side)

    def distort(
        self,
        batch: Batch,
        constant: tuple[float, float],
        stream: Stream,  # noqa: ARG002
    ) -> Pixels:
        """Return the pixels averaged over the factors."""
        n, height, width, channels = batch.raw.shape
        cv2 = opencv(self.family)
        # Pixels lead and pictures stand side by side, so that a pixel of all moves as one.
        pictures = np.ascontiguousarray(batch.raw if batch.whole else batch.values).reshape(n, -1)
        values = cv2.transpose(pictures).astype(np.float32).reshape(height, width, channels * n)
        made = _averaged(values, *constant)
        turned: Pixels = cv2.transpose(batch.settled(made.reshape(-1, n)))
        return turned.reshape(batch.raw.shape)


def factors(end: float, step: float) -> list[float]:
    """Return the factors, with as many as the published call of ``numpy.arange`` gives."""
    taken: list[float] = np.arange(1, end, step).tolist()
    return taken


def enlarging(side: int, factor: float) -> Any:
    """Return the sparse matrix [side, side] that enlarges the middle of one side by `factor`."""
    from scipy import sparse

    middle = math.ceil(side / factor)
    start = (side - middle) // 2
    end = max(side, round(middle * factor))
    at = np.arange(side) * ((middle - 1) / max(1, end - 1))
    low = np.minimum(at.astype(np.intp), max(0, middle - 2))
    part = at - low
    rows = np.arange(side)
    weights = np.concatenate((1 - part, part)).astype(np.float32)
    columns = np.concatenate((low, np.minimum(low + 1, middle - 1))) + start
    places = (np.concatenate((rows, rows)), columns)
    return sparse.coo_array((weights, places), shape=(side, side)).tocsr()


def _averaged(values: NDArray[np.float32], end: float, step: float) -> NDArray[np.float32]:
    height, width = values.shape[:2]
    if height * width > _ONCE:
        return _one_by_one(values, factors(end, step))
    with _BUILDING:
        table = _table(height, width, end, step)
    made: NDArray[np.float32] = table @ values.reshape(height * width, -1)
    return made


@lru_cache(maxsize=5)
def _table(height: int, width: int, end: float, step: float) -> Any:
    from scipy import sparse

    zooms = factors(end, step)
    total = sparse.eye_array(height * width, dtype=np.float32, format="csr")
    for zoom in zooms:
        total = total + sparse.kron(enlarging(height, zoom), enlarging(width, zoom), format="csr")
    total.data *= np.float32(1 / (len(zooms) + 1))
    return total


def _one_by_one(values: NDArray[np.float32], zooms: list[float]) -> NDArray[np.float32]:
    height, width = values.shape[:2]
    total = values.transpose(1, 0, 2).reshape(width, -1).copy()
    for zoom in zooms:
        down = enlarging(height, zoom) @ values.reshape(height, -1)
        turned = down.reshape(height, width, -1).transpose(1, 0, 2)
        total += enlarging(width, zoom) @ turned.reshape(width, -1)
    total /= np.float32(len(zooms) + 1)
    return np.ascontiguousarray(total.reshape(width, height, -1).transpose(1, 0, 2))
