"""Distortion by a JPEG of low quality."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["JpegCompression"]


@dataclass(frozen=True)
class JpegCompression(Corruption):
    """Writes the picture as a JPEG of quality c, colours at half the resolution, and reads it back.

    The coder is OpenCV's libjpeg-turbo, which gives what Pillow's does, used by the published code.
    Floats are rounded to 256 grey levels first.
    """

    family: ClassVar[str] = "jpeg_compression"
    constants = ((80, 65, 58, 50, 40), (65, 58, 50, 40, 25), (25, 18, 15, 10, 7))
    least: ClassVar[int] = 8  # a block of the coder

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def distort(self, batch: Batch, constant: int, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels as they are read back."""
        cv2 = opencv(self.family)
        images = batch.raw
        if not batch.whole:
            images = np.rint(batch.values * np.float32(255)).astype(np.uint8)
        how = [cv2.IMWRITE_JPEG_QUALITY, constant]
        n, height, width, channels = images.shape
        if channels == 1:
            coded = _coded(images, how, cv2.IMREAD_GRAYSCALE)
        else:
            # OpenCV has blue first; pictures on top of each other are turned in one call.
            tall = np.ascontiguousarray(images).reshape(n * height, width, channels)
            turned = cv2.cvtColor(tall, cv2.COLOR_RGB2BGR).reshape(images.shape)
            coded = _coded(turned, how, cv2.IMREAD_COLOR)
            tall = cv2.cvtColor(coded.reshape(tall.shape), cv2.COLOR_BGR2RGB)
            coded = tall.reshape(images.shape)
        return coded if batch.whole else coded.astype(np.float32) / np.float32(255)


def _coded(images: Pixels, how: list[int], mode: int) -> Pixels:
    cv2 = opencv("jpeg_compression")
    out = np.empty_like(images)
    for image, made in zip(images, out, strict=True):
        made[:] = cv2.imdecode(cv2.imencode(".jpg", image, how)[1], mode).reshape(image.shape)
    return out
