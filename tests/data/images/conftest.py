"""Small pictures and trees of them."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture():
    """Make a picture of random colours, the same for the same number."""

    def make(number=0, width=40, height=30, mode="RGB"):
        shape = (height, width, 3) if mode == "RGB" else (height, width)
        pixels = np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)
        return Image.fromarray(pixels)

    return make


@pytest.fixture
def tree(tmp_path, picture):
    """Write pictures at these places below a new folder and return it."""

    def write(*places, folder="root"):
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        for number, place in enumerate(places):
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            picture(number).save(path)
        return root

    return write
