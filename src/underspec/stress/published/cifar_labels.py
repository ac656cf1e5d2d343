"""Labels of CIFAR-10-C and CIFAR-100-C: their classes as the holdout's, and whose images they are."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.stress.published.array_file import array_in

__all__ = ["EACH", "codes_of", "labels_in", "order_of"]

EACH = 10_000
"""Images a severity, those of the test set in their order."""

_ENOUGH = 100
_ENDING = re.compile(r"(.*?)([0-9]{1,9})", re.DOTALL)
_INTEGERS = "u1 u2 u4 u8 i1 i2 i4 i8"


def labels_in(path: Path, classes: int, what: str) -> NDArray[np.intp]:
    """Return the published labels of the 10,000 images.

    Args:
        path: of ``labels.npy``, which repeats them for each severity.
        classes: how many there are.
        what: the set, for messages.

    Raises:
        UsageError: the file is missing, or not what was published.
    """
    labels = np.asarray(array_in(path, (5 * EACH,), _INTEGERS, what)).astype(np.intp)
    first = labels[:EACH]
    if not np.array_equal(labels, np.tile(first, 5)):
        raise UsageError(
            f"'{path}' does not hold the same {EACH:,} labels at each of the 5 severities, as {what} does. "
            "Unpack it again."
        )
    if first.min() < 0 or first.max() >= classes:
        raise UsageError(
            f"'{path}' holds labels from {first.min()} to {first.max()}, but {what} has {classes} classes: "
            "is it of the other set?"
        )
    return first


def codes_of(data: Data, classes: tuple[str, ...]) -> NDArray[np.int32] | None:
    """Return the holdout's code of each published class, None where its names do not tell.

    They tell if they are the published ones in any order, or ``0 ... n-1`` in that order.
    """
    count = len(classes)
    if data.classes == tuple(str(code) for code in range(count)):
        return np.arange(count, dtype=np.int32)
    place = {_plain(name): code for code, name in enumerate(data.classes)}
    if len(data.classes) != count or set(place) != set(classes):
        return None
    return np.array([place[name] for name in classes], dtype=np.int32)


def order_of(data: Data, labels: NDArray[Any]) -> NDArray[np.intp] | None:
    """Return which test image each of the holdout's examples is, None where that cannot be told.

    The numbers at the end of ids tell it (``test-00017`` is image 17, from 0), or the order of all
    10,000; but only if the labels agree.

    Args:
        data: the holdout.
        labels: of the test images, in the holdout's codes.
    """
    places = _numbers(data)
    if places is not None and np.array_equal(data.labels, labels[places]):
        return places
    if np.array_equal(data.labels, labels):
        return np.arange(len(labels), dtype=np.intp)
    return None


def _numbers(data: Data) -> NDArray[np.intp] | None:
    """Return the numbers that ids end in, if all have one and nothing else differs."""
    found = [_ENDING.fullmatch(identity) for identity in data.ids.tolist()]
    parts = [match.groups() for match in found if match]
    # By so many labels, agreement is no chance.
    if len(parts) != len(data) or len(parts) < _ENOUGH or len({head for head, _ in parts}) != 1:
        return None
    places = np.array([int(digits) for _, digits in parts], dtype=np.intp)
    if places.max() >= EACH or len(np.unique(places)) != len(places):
        return None
    return places


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
