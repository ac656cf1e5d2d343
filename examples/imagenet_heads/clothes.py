"""A share of the bundled photographs: features of a large network take their time on two cores."""

import numpy as np

import underspec as us
from underspec.core.records import Data


def train() -> Data:
    """Return every fourth training photograph."""
    return some("train", 4)


def holdout() -> Data:
    """Return every second held-out photograph."""
    return some("holdout", 2)


def some(part: str, step: int) -> Data:
    """Return every `step`-th photograph of a part."""
    whole = us.data.get("bundled", part=part)()
    return whole.take(np.arange(0, len(whole), step))
