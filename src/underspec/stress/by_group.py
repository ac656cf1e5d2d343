"""One probe a group: does the spread between variants hide in a part of the holdout?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.names import part, parts
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress

__all__ = ["ByGroup"]

_CLASS = "label"


class _Group(NamedTuple):
    name: str
    title: str
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class ByGroup(Stress):
    """The holdout's examples of each group, unchanged (a stratified stress test).

    Groups come sorted, classes in the order of their codes. A probe is named after the column and
    the group in plain letters, such as ``site-north_2``; where two groups would get one name, both
    carry a hash as well. Its title keeps the original text.

    Attributes:
        column: a group column of the data, or ``label`` for the class.
        min_examples: groups with fewer are no probe; `skipped` counts them.
    """

    kind: ClassVar[Kind] = "stratified"
    modality: ClassVar[str] = "any"
    source: ClassVar[str] = "ours"
    column: str
    min_examples: int = 10

    def __post_init__(self) -> None:
        if self.min_examples < 1:
            raise UsageError(f"min_examples must be at least 1, got {self.min_examples}.")

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:  # noqa: ARG002  nothing is random
        """Yield one probe a group of `min_examples` or more.

        Raises:
            UsageError: the data has no such column.
        """
        for group in self._groups(data):
            if len(group.rows) >= self.min_examples:
                yield Probe(
                    name=group.name,
                    kind=self.kind,
                    family=part(self.column),
                    data=self._part(data, group),
                    title=group.title,
                )

    def _part(self, data: Data, group: _Group) -> Data:
        taken = data.take(group.rows)
        # How many of a class fall into a site is luck again, whatever was counted off.
        return taken if data.counted in ("", self.column) else replace(taken, counted="")

    def skipped(self, data: Data) -> dict[str, int]:
        """Return the groups too small to be a probe: title, such as ``site = A``, to examples."""
        sizes = {group.title: len(group.rows) for group in self._groups(data)}
        return {title: n for title, n in sizes.items() if n < self.min_examples}

    def _groups(self, data: Data) -> list[_Group]:
        if self.column == _CLASS and data.regression:
            raise UsageError(
                "by_group: the labels are targets of a regression, so there are no classes to group by. Name "
                "a group column."
            )
        if self.column == _CLASS:
            codes = [int(code) for code in np.unique(data.labels)]
            column: NDArray[np.generic] = data.labels
            values = [(code, data.classes[code] if data.classes else str(code)) for code in codes]
        elif self.column in data.groups:
            column = data.groups[self.column]
            values = [(text, text) for text in np.unique(column).tolist()]
        else:
            raise UsageError(one_of("group column", self.column, (_CLASS, *sorted(data.groups))))
        names = parts([text for _, text in values])
        word = "class" if self.column == _CLASS else self.column
        return [
            _Group(f"{part(self.column)}-{names[text]}", f"{word} = {text}", np.flatnonzero(column == value))
            for value, text in values
        ]  # fmt: skip
