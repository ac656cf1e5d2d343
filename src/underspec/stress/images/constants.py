"""Published constants by image size, and what stands between the sizes they were published for."""

import math
from typing import Any, Literal, TypeAlias, get_args

from underspec.core.errors import UsageError, one_of

__all__ = ["SIDES", "Like", "Table", "check_like", "constant"]

Table: TypeAlias = tuple[Any, Any, Any, Any, Any]
"""One constant, a number or a tuple of numbers, a severity."""

Like: TypeAlias = Literal["size", "cifar_c", "tiny_imagenet_c", "imagenet_c"]

SIDES = (32, 64, 224)
"""Shorter side, in pixels, that CIFAR-10-C, Tiny-ImageNet-C and ImageNet-C were made for."""


def check_like(like: Any) -> None:
    """Check which published set the constants are to be those of.

    Raises:
        UsageError: there is no such set.
    """
    if not isinstance(like, str) or like not in get_args(Like):
        raise UsageError(one_of("set of constants", like, get_args(Like)))


def constant(
    tables: tuple[Table, Table, Table],
    severity: int,
    side: int,
    like: str = "size",
    lengths: tuple[int, ...] = (),
) -> Any:
    """Return the constant of one severity for images of a size.

    At 32, 64 and 224 pixels it is the published one; below 32 that for 32. Between, each number is
    interpolated linearly in the logarithm of the side. Above 224 lengths grow with the side and the
    rest stays. Numbers that are whole in all three tables are rounded.

    Args:
        tables: for 32, 64 and 224 pixels.
        severity: from 1 to 5.
        side: shorter side of the images in pixels.
        like: ``size``, or the set whose constants are taken whatever the size.
        lengths: positions in the constant of what is measured in pixels.
    """
    rows = [table[severity - 1] for table in tables]
    if like != "size":
        return rows[get_args(Like).index(like) - 1]
    if side <= SIDES[0]:
        return rows[0]
    for at in (0, 1):
        low, high = SIDES[at : at + 2]
        if side <= high:
            return _between(rows, at, math.log(side / low) / math.log(high / low))
    return _grown(rows, side / SIDES[2], lengths)


def _between(rows: list[Any], at: int, part: float) -> Any:
    if part == 1:
        return rows[at + 1]
    if not isinstance(rows[0], tuple):
        return _rounded(rows, rows[at] + part * (rows[at + 1] - rows[at]))
    columns = zip(*rows, strict=True)
    return tuple(_between(list(column), at, part) for column in columns)


def _grown(rows: list[Any], times: float, lengths: tuple[int, ...]) -> Any:
    if not isinstance(rows[2], tuple):
        return _rounded(rows, rows[2] * times) if lengths else rows[2]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return tuple(
        _rounded(column, column[2] * times) if at in lengths else column[2]
        for at, column in enumerate(columns)
    )


def _rounded(column: list[Any], value: float) -> float:
    return round(value) if all(isinstance(v, int) for v in column) else value
