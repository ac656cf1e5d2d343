"""What a layout of levels over variants asks of every probe: weights of forms, and bases."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.stats.arrangement import Arrangement, off_base

__all__ = ["Layout"]


class Layout:
    """What an arrangement asks of every probe, worked out once.

    Args:
        arrangement: of kind ``star`` or ``levels``.
    """

    def __init__(self, arrangement: Arrangement) -> None:
        self.codes = arrangement.codes
        self.star = arrangement.kind == "star"
        self.k = arrangement.codes.shape[1]

    @cached_property
    def anew(self) -> Floats | None:
        """Weights of half the mean squared difference of variants that share no level."""
        return self._pairs(np.zeros(len(self.codes), dtype=np.bool_))

    @cached_property
    def held(self) -> list[Floats | None]:
        """The same for variants that share the level of one factor and of no other."""
        return [self._pairs(np.arange(len(self.codes)) == f) for f in range(len(self.codes))]

    @cached_property
    def between(self) -> list[Floats]:
        """Weights of the variance over levels of each factor's level means."""
        return [_between(row) for row in self.codes]

    def same(self, factor: int) -> Floats:
        """Return 1 where two variants share the level of a factor, else 0."""
        code = self.codes[factor]
        same: Floats = (code[:, None] == code[None, :]).astype(np.float64)
        return same

    def level_means(self, factor: int, means: Floats) -> Floats:
        """Return the mean over variants of each level of a factor, [levels]."""
        code = self.codes[factor]
        sums: Floats = np.bincount(code, weights=means) / np.bincount(code)
        return sums

    def apart_from(self, factors: Sequence[int], means: Floats) -> Floats:
        """Return what some factors leave unexplained of the variants' means, [variants]."""
        basis = self._basis(factors)
        left: Floats = means - basis @ (basis.T @ means)
        return left

    @cached_property
    def groups(self) -> list[NDArray[np.intp]]:
        """Of a star: the variants that leave the base in no other factor, factor by factor."""
        off = off_base(self.codes)
        every = np.arange(len(off))
        return [np.flatnonzero(~off[every != f].any(axis=0)) for f in every]

    def _pairs(self, shared: NDArray[np.bool_]) -> Floats | None:
        same = self.codes[:, :, None] == self.codes[:, None, :]
        linked = (same == shared[:, None, None]).all(axis=0).astype(np.float64)
        np.fill_diagonal(linked, 0.0)
        count = linked.sum()
        if count == 0:
            return None
        weights: Floats = (np.diag(linked.sum(axis=0)) - linked) / count
        return weights

    @cached_property
    def spans(self) -> tuple[Floats, list[Floats]]:
        """Bases of what all factors explain, and of what all but one do."""
        every = range(len(self.codes))
        return self._basis(every), [self._basis([g for g in every if g != f]) for f in every]

    def _basis(self, factors: Sequence[int]) -> Floats:
        columns = [np.ones((self.k, 1))]
        columns += [np.eye(int(self.codes[f].max()) + 1)[self.codes[f]] for f in factors]
        left, size, _ = np.linalg.svd(np.hstack(columns), full_matrices=False)
        return left[:, size > size[0] * 1e-9]


def _between(codes: NDArray[np.intp]) -> Floats:
    level = np.eye(int(codes.max()) + 1)[codes]
    average = level / level.sum(axis=0)
    levels = average.shape[1]
    centred = average - average.mean(axis=1, keepdims=True)
    weights: Floats = centred @ centred.T / (levels - 1)
    return weights
