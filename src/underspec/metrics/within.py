"""The mean over classes of means within them: its contributions, and its true variance."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Within", "gram", "within"]


class Within(NamedTuple):
    """Means within classes.

    Attributes:
        means: [variants, classes].
        codes: which class each example is of, [examples].
        share: of all weight that each class has, [classes].
    """

    means: Floats
    codes: NDArray[np.intp]
    share: Floats


def within(
    contributions: NDArray[Any], labels: NDArray[Any], weights: Floats | None = None
) -> Within:
    """Return the mean of contributions [variants, examples] within each class that has examples."""
    size = np.ones(len(labels)) if weights is None else weights
    _, codes = np.unique(labels, return_inverse=True)
    if not len(codes):
        return Within(np.empty((len(contributions), 0)), codes, np.empty(0))
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    totals = np.add.reduceat(size[order], starts)
    sums = np.add.reduceat(contributions[:, order] * size[order], starts, axis=1)
    return Within(sums / totals, codes, totals / totals.sum())


def gram(contributions: NDArray[Any], labels: NDArray[Any]) -> Floats | None:
    """Return the matrix whose quadratic form is the true variance of the mean of class means.

    Given how many examples each class has, the noise within one is that of a mean over independent
    examples, ``(mean_i s_i² - S²) / (m - 1)``, and the classes' noises are independent.

    Args:
        contributions: [variants, examples].
        labels: the classes [examples].

    Returns:
        [variants, variants]; None where a class has a single example, or there is none.
    """
    apart = contributions - contributions.mean(axis=0)
    means, codes, share = within(apart, labels)
    count = np.rint(share * len(labels))
    if not len(count) or (count < 2).any():
        return None
    value = means.mean(axis=1)
    each = apart / np.sqrt(count * (count - 1))[codes]
    middle = means / np.sqrt(count - 1)
    noise = (each @ each.T - middle @ middle.T) / len(count) ** 2
    matrix: Floats = np.outer(value, value) - noise
    return matrix
