"""Small photographs of our own making in class folders, and a quick trainer for them."""

import numpy as np
import pytest
from PIL import Image

from underspec.core.records import Variant
from underspec.data import get as read
from underspec.train import get

SMALL = {
    "model": "small_resnet",
    "model_parameters": {"width": 4, "dropout": 0.2},
    "epochs": 3,
    "batch": 8,
    "learning_rate": 0.05,
    "warm_up": 1,
    "least_area": 0.5,
    "device": "cpu",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Class folders of synthetic pictures of differing sizes: warm ones and cold ones."""
    root = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(5)
    for code, name in enumerate(("cold", "warm")):
        (root / name).mkdir()
        for at in range(14):
            height, width = draw.integers(14, 30, 2)
            pixels = draw.integers(0, 90, (height, width, 3), dtype=np.uint8)
            pixels[..., 2 - 2 * code] += 120
            Image.fromarray(pixels).save(root / name / f"{at:02d}.jpg", quality=90)
    return root


@pytest.fixture(scope="session")
def photographs(folder):
    """The pictures, read when they are needed."""
    return read("image_folder", root=str(folder), resize=14, crop=12)()


@pytest.fixture
def trainer(tmp_path):
    """Return a quick trainer with a folder of checkpoints of its own."""

    def make(**settings):
        return get("torch_images", **{**SMALL, "checkpoints": str(tmp_path / "kept"), **settings})

    return make


@pytest.fixture
def variant():
    """Return a variant of which every seed is its own number."""

    def make(number=0, *sources, **values):
        named = sources or ("init", "order", "augment")
        seeds = {source: 100 * number + at for at, source in enumerate(named)}
        return Variant(f"v{number:03d}", seeds, values)

    return make


@pytest.fixture
def weights():
    """Return all numbers of a trained model as one array."""

    def of(fitted, at=0):
        state = fitted.learned[at].module.state_dict()
        return np.concatenate([value.double().numpy().ravel() for value in state.values()])

    return of
