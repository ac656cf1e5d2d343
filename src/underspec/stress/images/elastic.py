"""Distortion by stretching the picture like a rubber sheet."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.blur_gaussian import weights
from underspec.stress.images.constants import Table
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import uniforms
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["ElasticTransform", "smoothed"]

# A Gaussian of more weights than this is faster as a product of cosine transforms.
_LONG = 25


def _scaled(side: int, *constants: tuple[float, float, float]) -> Table:
    one, two, three, four, five = (tuple(side * number for number in c) for c in constants)
    return one, two, three, four, five


@dataclass(frozen=True)
class ElasticTransform(Corruption):
    """Moves three corners of a triangle, and then every pixel by a smooth random field.

    Constants are alpha, by which the field is multiplied, sigma, the standard deviation of the
    Gaussian that smooths it, and the farthest move of a corner, all in pixels. The field is drawn
    evenly from -1 to 1 at each pixel, on either axis. Interpolated linearly, twice; beyond the edge
    the picture is mirrored. The numbers for 224 pixels are 244 times those of the paper, an
    oversight of the published code that is kept.
    """

    family: ClassVar[str] = "elastic_transform"
    constants = (
        _scaled(32, (0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)),
        _scaled(64, (0, 0, 0.08), (0.05, 0.3, 0.06), (0.1, 0.08, 0.06), (0.1, 0.03, 0.03), (0.16, 0.03, 0.02)),
        _scaled(244, (2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02)),
    )  # fmt: skip
    lengths: ClassVar[tuple[int, ...]] = (0, 1, 2)
    alone_below: ClassVar[int] = 1 << 15

    @property
    def graded(self) -> bool:
        """No: what a severity adds in the field it takes from the corners."""
        return False

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def smallest(self, constant: tuple[float, float, float]) -> int:
        """Return where no corner moves farther than it is from the centre."""
        return 3 * max(1, math.ceil(constant[2]))

    def distort(self, batch: Batch, constant: tuple[float, float, float], stream: Stream) -> Pixels:
        """Return the pixels stretched."""
        cv2 = opencv(self.family)
        alpha, sigma, far = constant
        height, width = batch.raw.shape[1:3]
        x, y, third = width // 2, height // 2, min(height, width) // 3
        before = np.asarray(
            [[x + third, y + third], [x + third, y - third], [x - third, y - third]], np.float32
        )
        after = before + uniforms(stream.child("corners"), batch.ids, (3, 2), -far, far)
        fields = _fields(stream.child("field"), batch.ids, (height, width), alpha, sigma)
        values = batch.values
        out = np.empty_like(values)
        for image, made, corners, field in zip(values, out, after, fields, strict=True):
            cv2.warpAffine(
                image,
                cv2.getAffineTransform(before, corners),
                (width, height),
                dst=made,
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT_101,
            )
            if field is not None:
                made[:] = cv2.remap(
                    made, *field, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
                ).reshape(made.shape)
        return batch.settled(out)


def _fields(
    stream: Stream, ids: NDArray[np.str_], shape: tuple[int, int], alpha: float, sigma: float
) -> NDArray[np.float32] | list[None]:
    """Return where each pixel comes from, across and down, float32 [examples, 2, *shape]."""
    if alpha == 0:
        return [None] * len(ids)
    fields = smoothed(uniforms(stream, ids, (2, *shape), -alpha, alpha), sigma)
    fields[:, 0] += np.arange(shape[1], dtype=np.float32)
    fields[:, 1] += np.arange(shape[0], dtype=np.float32)[:, None]
    return fields


def smoothed(fields: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return fields [n, 2, height, width] smoothed by a Gaussian, mirrored beyond the edge.

    As SciPy does it, which the published code uses: the Gaussian ends at 3 standard deviations, and
    where it reaches beyond the mirror image, that is mirrored in turn.
    """
    bell = weights(sigma, truncate=3.0)
    if len(bell) > _LONG:
        return _in_cosines(fields, sigma)
    cv2 = opencv("elastic_transform")
    for pair in fields:
        for field in pair:
            cv2.sepFilter2D(field, -1, bell, bell, dst=field, borderType=cv2.BORDER_REFLECT)
    return fields


def _in_cosines(fields: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    # Mirrored again and again, a field is a sum of cosines, each of which a Gaussian only shrinks.
    from scipy.fft import dctn, idctn

    waves = dctn(fields, axes=(2, 3), norm="ortho", overwrite_x=True)
    waves *= np.multiply.outer(*(_shrinking(side, sigma) for side in fields.shape[2:]))
    made: NDArray[np.float32] = idctn(waves, axes=(2, 3), norm="ortho", overwrite_x=True)
    return made


@lru_cache(maxsize=16)
def _shrinking(side: int, sigma: float) -> NDArray[np.float32]:
    bell = weights(sigma, truncate=3.0)
    steps = np.arange(len(bell)) - len(bell) // 2
    waves = np.cos(np.multiply.outer(np.arange(side) * (np.pi / side), steps))
    shrinking: NDArray[np.float32] = (waves * bell).sum(axis=1).astype(np.float32)
    return shrinking
