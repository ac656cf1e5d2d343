"""How levels of sources are laid over variants, read from the levels themselves."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans

__all__ = ["Arrangement", "arrange", "off_base"]

Codes = NDArray[np.intp]


class Arrangement(NamedTuple):
    """Which sources can be told apart, and how.

    Attributes:
        kind: ``star`` where every variant leaves one base in one factor at most, ``levels`` where
            factors have levels that variants share, ``none`` where nothing can be told apart.
        factors: for each factor the positions of the sources that move together as one.
        codes: level of each factor in each variant, [factors, variants].
        rest: positions of the sources that are left with what no factor explains: they differ in
            every variant, or only within the levels of a factor.
        fixed: positions of sources that do not vary.
    """

    kind: Literal["star", "levels", "none"]
    factors: tuple[tuple[int, ...], ...]
    codes: Codes
    rest: tuple[int, ...]
    fixed: tuple[int, ...]


def arrange(codes: Codes) -> Arrangement:
    """Return how the sources are laid out, whatever design made them.

    Args:
        codes: level of each source in each variant, [sources, variants], equal for equal levels.
    """
    sources, k = codes.shape
    plain = [_first_seen(row) for row in codes]
    fixed = tuple(s for s in range(sources) if k == 0 or plain[s].max() == 0)
    together: dict[bytes, list[int]] = {}
    for s in range(sources):
        if s not in fixed:
            together.setdefault(plain[s].tobytes(), []).append(s)
    groups = [(tuple(of), plain[of[0]]) for of in together.values()]
    if len(groups) > 1 and _is_star(np.stack([code for _, code in groups])):
        return Arrangement(
            "star", tuple(of for of, _ in groups), np.stack([c for _, c in groups]), (), fixed
        )
    rest: list[int] = []
    factors: list[tuple[int, ...]] = []
    kept: list[Codes] = []
    for of, code in groups:
        others = [other for other_of, other in groups if other_of != of]
        if code.max() + 1 == k or any(_within(code, other) for other in others):
            rest += of
        else:
            factors.append(of)
            kept.append(code)
    shape = np.stack(kept) if kept else np.empty((0, k), dtype=np.intp)
    return Arrangement(
        "levels" if kept else "none", tuple(factors), shape, tuple(sorted(rest)), fixed
    )


def off_base(codes: Codes) -> Booleans:
    """Say where factors leave their commonest level, [factors, variants]."""
    return np.stack([row != np.bincount(row).argmax() for row in codes])


def _first_seen(row: Codes) -> Codes:
    """Return codes renamed by the order in which they come: equal for equal partitions."""
    _, first, inverse = np.unique(row, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    named: Codes = rank[inverse]
    return named


def _is_star(codes: Codes) -> bool:
    return bool((off_base(codes).sum(axis=0) <= 1).all())


def _within(fine: Codes, coarse: Codes) -> bool:
    """Say whether each level of `fine` lies in one level of `coarse`."""
    pairs = len(np.unique(np.stack([fine, coarse]), axis=1).T)
    return pairs == int(fine.max()) + 1
