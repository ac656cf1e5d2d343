"""Global state that training may lean on, pinned inside and put back outside."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from underspec.core.streams import Stream

__all__ = ["pinned_numpy"]


@contextmanager
def pinned_numpy(stream: Stream) -> Iterator[None]:
    """Seed NumPy's global generator inside, and leave it outside as it was.

    Some estimators and models draw from it whatever seed they were given.
    """
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(stream.child("numpy").seed(32))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
