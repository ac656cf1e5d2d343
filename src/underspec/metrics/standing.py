"""Where each example stands among the others by its score, for many variants at once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Standing", "back", "in_blocks", "running", "standing"]

_NUMBERS = 2_000_000


class Standing(NamedTuple):
    """Examples sorted by score, [variants, examples] each.

    Attributes:
        order: which example stands at each place.
        first: for each place, the first place with the same score.
        last: for each place, the place after the last one with the same score.
    """

    order: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]


def standing(scores: NDArray[Any]) -> Standing:
    """Return the examples of each variant from the lowest score to the highest."""
    order = np.argsort(scores, axis=1)
    sorted_ = np.take_along_axis(scores, order, axis=1)
    n = scores.shape[1]
    new = np.ones(scores.shape, dtype=np.bool_)
    np.not_equal(sorted_[:, 1:], sorted_[:, :-1], out=new[:, 1:])
    places = np.arange(n)
    first = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    ends = np.full(scores.shape, n)
    ends[:, :-1] = np.where(new[:, 1:], places[1:], n)
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return Standing(order, first, last)


def running(values: Floats) -> Floats:
    """Return sums over the places before each, [variants, places + 1]."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def back(sorted_: Floats, at: Standing) -> Floats:
    """Return what was computed by place in the order of the examples."""
    out = np.empty_like(sorted_)
    np.put_along_axis(out, at.order, sorted_, axis=1)
    return out


def in_blocks(work: Callable[[NDArray[Any]], Floats], said: NDArray[Any]) -> Floats:
    """Return ``work(said)``, computed for a few variants at a time so that memory stays in bounds.

    Args:
        work: takes some rows of `said`, returns as many rows.
        said: [variants, examples, ...].
    """
    step = max(1, _NUMBERS // max(1, said.shape[1]))
    if len(said) <= step:
        return work(said)
    return np.concatenate([work(said[at : at + step]) for at in range(0, len(said), step)])
