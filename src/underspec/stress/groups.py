"""The groups of a holdout, by one column or several."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.names import part, parts
from underspec.core.records import Data

__all__ = ["Group", "Grouping", "Least", "check_columns", "check_least", "grouping"]

_CLASS = "label"


class Group(NamedTuple):
    """Some examples that share a group.

    Attributes:
        name: as one side of a probe's name, such as ``north`` or, of two columns, ``north.f``.
        title: such as ``site = north, sex = f``.
        rows: their positions.
        clusters: how many things they are of.
    """

    name: str
    title: str
    rows: NDArray[np.intp]
    clusters: int


class Grouping(NamedTuple):
    """All groups of a column or of several.

    Attributes:
        family: the columns as one side of a probe's name, such as ``site_by_sex``.
        groups: those that occur, sorted column by column, classes in the order of their codes.
    """

    family: str
    groups: tuple[Group, ...]

    def large(self, least: "Least") -> list[Group]:
        """Return the groups that are large enough."""
        return [group for group in self.groups if least.reached(group)]

    def skipped(self, least: "Least") -> dict[str, int]:
        """Return the others: title, such as ``site = A``, to examples."""
        left_out = {}
        for group in self.groups:
            if not least.reached(group):
                few = group.clusters < least.clusters
                said = f" (clusters: {group.clusters})" if few else ""
                left_out[f"{group.title}{said}"] = len(group.rows)
        return left_out


class Least(NamedTuple):
    """How large a group must be to be looked at."""

    examples: int
    clusters: int

    def reached(self, group: Group) -> bool:
        """Say whether a group is as large."""
        return len(group.rows) >= self.examples and group.clusters >= self.clusters


class _Column(NamedTuple):
    word: str
    codes: NDArray[np.intp]
    values: list[str]


def check_columns(column: Any, member: str) -> str | tuple[str, ...]:
    """Return the columns as they are kept: one as text, several as a tuple.

    Raises:
        UsageError: none, one twice, or no text.
    """
    several = (column,) if isinstance(column, str) else column
    fine = isinstance(several, list | tuple) and all(isinstance(name, str) for name in several)
    if not fine or not several or len(set(several)) != len(several):
        raise UsageError(
            f"'column' of '{member}' is a group column, or several, each once: column: [site, sex]; got "
            f"{column!r}."
        )
    return several[0] if len(several) == 1 else tuple(several)


def check_least(**least: Any) -> None:
    """Check the least numbers of a group.

    Raises:
        UsageError: one is below 1 or no whole number.
    """
    for name, value in least.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UsageError(f"{name} must be at least 1, got {value}.")


def grouping(data: Data, column: str | Sequence[str], member: str) -> Grouping:
    """Return the groups of the examples; with several columns, those of their combinations.

    Names do not hang on which combinations occur: a value is called alike in all of them.

    Args:
        data: the examples.
        column: one group column or several; ``label`` is the class.
        member: who asks, for messages.

    Raises:
        UsageError: the data has no such column.
    """
    names = (column,) if isinstance(column, str) else tuple(column)
    columns = [_column(data, name, member) for name in names]
    taken = [parts(found.values) for found in columns]
    kinds, at = np.unique(
        np.column_stack([found.codes for found in columns]), axis=0, return_inverse=True
    )
    at = at.reshape(-1)
    groups = []
    for place, kind in enumerate(kinds.tolist()):
        values = [found.values[code] for found, code in zip(columns, kind, strict=True)]
        rows = np.flatnonzero(at == place)
        groups.append(
            Group(
                ".".join(known[value] for known, value in zip(taken, values, strict=True)),
                ", ".join(f"{c.word} = {value}" for c, value in zip(columns, values, strict=True)),
                rows,
                len(np.unique(data.clusters[rows])),
            )
        )
    return Grouping("_by_".join(part(name) for name in names), tuple(groups))


def _column(data: Data, name: str, member: str) -> _Column:
    if name == _CLASS:
        if data.regression:
            raise UsageError(
                f"{member}: the labels are targets of a regression, so there are no classes to group by. Name "
                "a group column."
            )
        codes, at = np.unique(data.labels, return_inverse=True)
        texts = [data.classes[code] if data.classes else str(code) for code in codes.tolist()]
        return _Column("class", at, texts)
    if name not in data.groups:
        raise UsageError(one_of("group column", name, (_CLASS, *sorted(data.groups))))
    values, at = np.unique(data.groups[name], return_inverse=True)
    return _Column(name, at, values.tolist())
