"""Compression in blocks, as JPEG does it: cosines of 8 x 8 pixels, rounded to coarse steps."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["compressed"]

# The tables that the JPEG standard (ITU-T T.81, annex K) gives as examples.
_LIGHT = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=np.float64,
)
_COLOUR = np.full((8, 8), 99.0)
_COLOUR[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
_TABLES = np.stack([_LIGHT, _COLOUR, _COLOUR]).reshape(3, 64)

_MIX = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
)  # ITU-R BT.601
_UNMIX = np.linalg.inv(_MIX)
_COSINES = np.cos((2 * np.arange(8) + 1) * np.arange(8)[:, None] * np.pi / 16) / 2
_COSINES[0] /= np.sqrt(2)
_BLOCK = np.kron(_COSINES, _COSINES)  # orthonormal, [64 coefficients, 64 pixels]


def compressed(levels: Floats, quantum: Floats) -> NDArray[np.uint8]:
    """Return pictures after compression, uint8 [pictures, side, side, 3].

    Args:
        levels: 0 to 255, float64 [pictures, 3, side, side]; the side is a multiple of 8.
        quantum: step of each picture, in those of the standard's tables, [pictures].
    """
    side = levels.shape[-1]
    blocks = side // 8
    out = np.empty((len(levels), side, side, 3), np.uint8)
    for row, picture in enumerate(levels):  # one by one: no digit hangs on how many there are
        planes = _MIX @ (picture.reshape(3, -1).clip(0, 255) - 128)
        cut = planes.reshape(3, blocks, 8, blocks, 8).transpose(0, 1, 3, 2, 4).reshape(3, -1, 64)
        steps = np.maximum(quantum[row] * _TABLES, 1e-3)[:, None]
        cut = (np.rint(cut @ _BLOCK.T / steps) * steps) @ _BLOCK
        planes = cut.reshape(3, blocks, blocks, 8, 8).transpose(0, 1, 3, 2, 4).reshape(3, -1)
        back = np.rint(_UNMIX @ planes + 128).clip(0, 255)
        out[row] = back.reshape(3, side, side).transpose(1, 2, 0)
    return out
