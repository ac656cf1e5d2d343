"""Training examples one at a time, as their files hold them or as they are prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.data.images.decode import UNREADABLE, decoded
from underspec.data.images.files import ImageFiles

__all__ = ["Pictures", "pictures_of"]


class Pictures(Protocol):
    """Images by row; asked for by several threads at once."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of a prepared example."""
        ...

    def whole(self, row: int) -> Image.Image:
        """Return the picture before it is scaled and cut."""
        ...

    def prepared(self, row: int) -> NDArray[np.uint8]:
        """Return the example as the study gives it, uint8 [height, width, channels]."""
        ...


@dataclass(frozen=True, eq=False)
class _Files:
    source: ImageFiles
    rows: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, channels = self.source.shape
        return height, width, channels

    def whole(self, row: int) -> Image.Image:
        path = self.source.paths[self.rows[row]]
        border = self.source.preparation.border
        try:
            picture = decoded(path, self.source.channels)
        except UNREADABLE as error:
            line = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            raise UsageError(
                f"The training image '{path}' cannot be used: {line}. Replace the file, or leave the "
                "example out."
            ) from None
        if not border:
            return picture
        width, height = picture.size
        return picture.crop((border, border, width - border, height - border))

    def prepared(self, row: int) -> NDArray[np.uint8]:
        one: NDArray[np.uint8] = self.source.read(self.rows[row : row + 1])[0]
        return one


@dataclass(frozen=True, eq=False)
class _Arrays:
    """An array in memory, or another lazy source than files."""

    inputs: Any

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width = self.inputs.shape[1:3]
        return height, width, self.inputs.shape[3] if self.inputs.ndim == 4 else 1

    def whole(self, row: int) -> Image.Image:
        pixels = self.prepared(row)
        return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)

    def prepared(self, row: int) -> NDArray[np.uint8]:
        one = np.asarray(self.inputs[row : row + 1], dtype=np.uint8)
        return one.reshape(self.shape)


def pictures_of(inputs: Any) -> Pictures:
    """Return inputs as pictures; reads none.

    Raises:
        UsageError: they are no images of 8 bits in one or three channels.
    """
    known = isinstance(inputs, np.ndarray | Lazy)
    shape: Sequence[int] = inputs.shape if known else ()
    channels = shape[3] if len(shape) == 4 else 1
    if not known or inputs.dtype != np.uint8 or len(shape) not in (3, 4) or channels not in (1, 3):
        got = f"{inputs.dtype} {list(shape)}" if known else type(inputs).__name__
        raise UsageError(
            "The trainer 'torch_images' takes images, uint8 [n, height, width] or [n, height, width, 1 or "
            f"3]. Got: {got}. The trainer 'torch' takes other arrays."
        )
    if isinstance(inputs, Lazy) and isinstance(inputs.source, ImageFiles):
        return _Files(inputs.source, inputs.rows)
    return _Arrays(inputs)
