"""Small data to train on, and variants that differ in what a test names."""

import pytest

from underspec.core.records import Variant
from underspec.testing.trainers import striped_images


@pytest.fixture(scope="session")
def images():
    """Synthetic images of three classes, uint8 [90, 8, 8, 1]."""
    return striped_images()


@pytest.fixture
def make_variants():
    """Variants with a seed of their own for each named source."""

    def make(count, *sources, **values):
        return [
            Variant(
                f"v{at:03d}", {s: 1000 * at + k for k, s in enumerate(sources, start=1)}, values
            )
            for at in range(count)
        ]

    return make
