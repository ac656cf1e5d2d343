"""A tree of ImageNet-C with every class, made once."""

import pytest
from tests.stress.published.trees import corrupted, home


@pytest.fixture(scope="session")
def imagenet_c(tmp_path_factory):
    root = tmp_path_factory.mktemp("ImageNet-C")
    return corrupted(root, home(), ["gaussian_noise", "fog"], (1, 3))
