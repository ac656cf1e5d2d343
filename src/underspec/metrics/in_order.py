"""Pairs of examples that predictions put in the order of their targets, counted in n log² n."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.metrics.standing import back, running, standing

__all__ = ["in_order", "pairs_in_order"]


def pairs_in_order(said: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """Return how many pairs have the larger prediction where the larger target is, ties half.

    As in a merge sort: examples in the order of their predictions are cut into blocks of 2, 4, 8 ...;
    sorted by target, the places of a block's later half tell how many of its earlier half are below.

    Args:
        said: predictions [variants, examples].
        labels: targets [examples]; pairs with the same one count 0.

    Returns:
        [variants].
    """
    ranks, order = _by_prediction(said, labels)
    rank = _padded(ranks[order], -1)
    count = np.zeros(len(said))
    half = 1
    while half < rank.shape[1]:
        places = np.arange(2 * half)
        blocks = rank.reshape(len(rank), -1, 2 * half)
        # Of equal targets the later one first, so that it has none of the others below it.
        late = 1 - (np.sort(2 * blocks + (places < half), axis=2) & 1)
        sums = (late.astype(np.float64) @ places.astype(np.float64)).sum(axis=1)
        count += sums - blocks.shape[1] * (half * (half - 1) / 2)
        half *= 2
    tied = _tied(said, ranks, np.ones(len(labels)), order)
    return count if tied is None else count - tied.sum(axis=1) / 4


def in_order(said: NDArray[Any], labels: NDArray[Any], weights: Floats) -> Floats:
    """Return for each example the weight of those it is in order with, ties half.

    Args:
        said: predictions [variants, examples].
        labels: targets [examples]; those with the same one count 0.
        weights: of the examples.

    Returns:
        [variants, examples].
    """
    ranks, order = _by_prediction(said, labels)
    rank, weight = _padded(ranks[order], -1), _padded(weights[order], 0.0)
    count = np.zeros(weight.shape)
    half = 1
    while half < rank.shape[1]:
        shape = (len(rank), -1, 2 * half)
        early = np.arange(2 * half) < half
        at = np.argsort(2 * rank.reshape(shape) + early, axis=2)
        own, is_early = np.take_along_axis(weight.reshape(shape), at, axis=2), early[at]
        below = np.cumsum(np.where(is_early, own, 0.0), axis=2)
        above = np.cumsum(np.where(is_early, 0.0, own), axis=2)
        found = np.where(is_early, above[:, :, -1:] - above, below)
        by_place = np.empty_like(found)
        np.put_along_axis(by_place, at, found, axis=2)
        count += by_place.reshape(count.shape)
        half *= 2
    out = np.empty(said.shape)
    np.put_along_axis(out, order, count[:, : len(labels)], axis=1)
    tied = _tied(said, ranks, weights, order)
    return out if tied is None else out - tied / 2


def _by_prediction(
    said: NDArray[Any], labels: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return ranks of the targets, and examples by prediction; of equal ones by target."""
    ranks = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    rising = np.argsort(ranks, kind="stable")
    return ranks, rising[np.argsort(said[:, rising], axis=1, kind="stable")]


def _padded(values: NDArray[Any], fill: float) -> NDArray[Any]:
    """Return rows filled up to a power of two; at the end, below all, they are in order with none."""
    n = values.shape[1]
    out = np.full((len(values), 1 << max(0, n - 1).bit_length()), fill, values.dtype)
    out[:, :n] = values
    return out


def _tied(
    said: NDArray[Any], ranks: NDArray[np.int32], weights: Floats, order: NDArray[np.intp]
) -> Floats | None:
    """Return for each example the weight of those with its prediction but another target.

    [variants, examples]; None where no two predictions of a variant are the same.
    """
    sorted_ = np.take_along_axis(said, order, axis=1)
    if not (sorted_[:, 1:] == sorted_[:, :-1]).any():
        return None
    at = standing(said)
    first = back(at.first.astype(np.float64), at)
    alike: Floats = _weight(weights, at) - _weight(
        weights, standing(first * (int(ranks.max()) + 1) + ranks)
    )
    return alike


def _weight(weights: Floats, at: Any) -> Floats:
    sums = running(weights[at.order])
    return back(np.take_along_axis(sums, at.last, 1) - np.take_along_axis(sums, at.first, 1), at)
