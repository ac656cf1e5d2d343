"""The photographs on which we and the rivals are compared."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_image

from underspec.core.records import Data


def photographs(side: int) -> NDArray[np.uint8]:
    """Return six real photographs, uint8 [6, side, side, 3].

    They are cut from the two that ship with scikit-learn (china.jpg and flower.jpg, 640 x 427): of
    each the largest square in the middle, and the squares of 320 pixels in the upper left and the
    lower right corner; resized by Pillow (bicubic).
    """
    made = []
    for name in ("china.jpg", "flower.jpg"):
        photo = Image.fromarray(load_sample_image(name))
        width, height = photo.size
        left = (width - height) // 2
        squares = (
            (left, 0, left + height, height),
            (0, 0, 320, 320),
            (width - 320, height - 320, width, height),
        )
        made += [
            np.asarray(photo.crop(square).resize((side, side), Image.Resampling.BICUBIC))
            for square in squares
        ]
    return np.stack(made)


def as_data(images: NDArray[np.uint8]) -> Data:
    """Return images as examples, each with an id of its own."""
    ids = np.array([f"photo{i:05d}" for i in range(len(images))])
    return Data(images, np.zeros(len(images), np.int32), ids, ids)
