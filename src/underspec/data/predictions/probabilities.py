"""Which scores are no probabilities."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from underspec.core.records import Booleans, Floats

__all__ = ["Fault", "faults"]

_ROUNDING = 1e-6
_SUM = 1e-3
_SHOWN = 10


class Fault(NamedTuple):
    """What is wrong with some rows of scores.

    Attributes:
        what: in words, of several rows.
        one: in words, of one row.
        rows: which rows, a mask.
        first: the values of the first of them that tell.
    """

    what: str
    one: str
    rows: Booleans
    first: list[float]


def faults(given: Floats, *, summed: bool) -> Iterator[Fault]:
    """Yield what is wrong with scores [rows, columns]; nothing where all are probabilities.

    Args:
        given: the scores.
        summed: whether those of a row must sum to 1, up to a thousandth.
    """
    finite = np.logical_and.reduce(np.isfinite(given), axis=1)
    inside = np.abs(given - 0.5).max(axis=1) <= 0.5 + _ROUNDING
    yield from _fault("are no numbers", "is no number", ~finite, given)
    yield from _fault("are not between 0 and 1", "is not between 0 and 1", finite & ~inside, given)
    if summed:
        total = given.sum(axis=1)
        off = finite & inside & (np.abs(total - 1) > _SUM)
        yield from _fault(
            "do not sum to 1 over the classes",
            "does not sum to 1 over the classes",
            off,
            total[:, None],
        )


def _fault(what: str, one: str, rows: Booleans, shown: Floats) -> Iterator[Fault]:
    if rows.any():
        values = shown[int(np.argmax(rows))][:_SHOWN]
        yield Fault(what, one, rows, [float(f"{v:.6g}") for v in values])
