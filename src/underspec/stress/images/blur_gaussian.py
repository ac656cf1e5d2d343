"""Blur by a Gaussian, alone and as a part of other distortions."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.pictures import Batch, Pixels, opencv

__all__ = ["GaussianBlur", "blurred", "weights"]

# Smaller pictures are blurred many in one call, one above the other.
_SMALL = 128


@dataclass(frozen=True)
class GaussianBlur(Corruption):
    """Blurs by a Gaussian of standard deviation c pixels; beyond the edge the edge is repeated.

    As scikit-image does it, which the published code uses: the Gaussian ends at 4 standard
    deviations. Rounded once.
    """

    family: ClassVar[str] = "gaussian_blur"
    constants = (
        (0.4, 0.6, 0.7, 0.8, 1),
        (0.5, 0.75, 1, 1.25, 1.5),
        (1, 2, 3, 4, 6),
    )
    lengths: ClassVar[tuple[int, ...]] = (0,)

    def ready(self) -> None:
        """Check that OpenCV is there."""
        opencv(self.family)

    def smallest(self, constant: float) -> int:
        """Return the width of the Gaussian up to two standard deviations."""
        return 2 * math.ceil(2 * constant) + 1

    def distort(self, batch: Batch, constant: float, stream: Stream) -> Pixels:  # noqa: ARG002
        """Return the pixels blurred."""
        return batch.settled(blurred(batch.values, constant))


def weights(sd: float, truncate: float = 4.0) -> NDArray[np.float32]:
    """Return the weights of a Gaussian at whole pixels up to `truncate` standard deviations.

    Returns:
        float32 [2 * int(truncate * sd + 0.5) + 1], of sum 1; a lone 1 for a very small `sd`.
    """
    radius = int(truncate * sd + 0.5)
    if radius == 0:
        return np.ones(1, np.float32)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sd) ** 2)
    taken: NDArray[np.float32] = (bell / math.fsum(bell)).astype(np.float32)
    return taken


def blurred(images: NDArray[np.float32], sd: float) -> NDArray[np.float32]:
    """Return images [n, height, width, channels] blurred as `GaussianBlur` does, in a new array."""
    cv2 = opencv("gaussian_blur")
    bell = weights(sd)
    reach = len(bell) // 2
    if reach == 0:
        return images.copy()
    n, height, width, channels = images.shape
    if height > _SMALL:
        out = np.empty_like(images)
        for image, made in zip(images, out, strict=True):
            cv2.sepFilter2D(image, -1, bell, bell, dst=made, borderType=cv2.BORDER_REPLICATE)
        return out
    # The repeated edge between one picture and the next is as wide as the Gaussian reaches.
    tall = np.empty((n, height + 2 * reach, width, channels), np.float32)
    tall[:, reach:-reach] = images
    tall[:, :reach], tall[:, -reach:] = images[:, :1], images[:, -1:]
    one = tall.reshape(-1, width, channels)
    made = cv2.sepFilter2D(one, -1, bell, bell, borderType=cv2.BORDER_REPLICATE)
    whole: NDArray[np.float32] = made.reshape(tall.shape)[:, reach:-reach]
    return whole
