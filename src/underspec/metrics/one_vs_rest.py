"""Figures of a score for one class, averaged over the classes where there are more than two."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats
from underspec.metrics.standing import in_blocks

__all__ = ["one_vs_rest"]

OneClass: TypeAlias = Callable[[NDArray[Any], Booleans, Floats], Floats]


def one_vs_rest(
    work: OneClass, said: NDArray[Any], labels: NDArray[Any], weights: Floats | None
) -> Floats:
    """Return what `work` makes of the score of class 1, or the mean over each class against the rest.

    Args:
        work: called with scores [variants, examples], whether each example is of the class, and
            weights of mean 1; returns one row a variant.
        said: scores [variants, examples, classes]; two classes count as class 1 and the rest.
        labels: class codes [examples].
        weights: of the examples; all alike where None.
    """
    size = np.ones(len(labels))
    if weights is not None and len(labels):
        size = weights / weights.mean()
    classes = said.shape[2]
    if classes <= 2:
        return in_blocks(lambda some: work(some, labels == 1, size), said[:, :, -1])
    total = sum(
        in_blocks(lambda some, c=c: work(some, labels == c, size), said[:, :, c])  # type: ignore[misc]
        for c in range(classes)
    )
    mean: Floats = np.asarray(total) / classes
    return mean
