"""One probe a group: does the spread between variants hide in a part of the holdout?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.groups import Group, Least, check_columns, check_least, grouping

__all__ = ["ByGroup"]


@dataclass(frozen=True)
class ByGroup(Stress):
    """The holdout's examples of each group, unchanged (a stratified stress test).

    With several columns, each combination that occurs is a group. Groups come sorted, classes in the
    order of their codes. A probe is named after the column and the group in plain letters, such as
    ``site-north_2`` or ``site_by_sex-north_2.f``; where two groups would get one name, both carry a
    hash as well. Its title keeps the original text.

    Attributes:
        column: a group column of the data, or ``label`` for the class; several for intersections.
        min_examples: groups with fewer are no probe; `skipped` counts them.
        min_clusters: groups of fewer clusters, such as patients, are no probe either.
    """

    kind: ClassVar[Kind] = "stratified"
    modality: ClassVar[str] = "any"
    source: ClassVar[str] = "ours"
    column: str | tuple[str, ...]
    min_examples: int = 10
    min_clusters: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", check_columns(self.column, "by_group"))
        check_least(min_examples=self.min_examples, min_clusters=self.min_clusters)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:  # noqa: ARG002  nothing is random
        """Yield one probe a group of `min_examples` and `min_clusters` or more.

        Raises:
            UsageError: the data has no such column.
        """
        found = grouping(data, self.column, "by_group")
        for group in found.large(self._least):
            yield Probe(
                name=f"{found.family}-{group.name}",
                kind=self.kind,
                family=found.family,
                data=self._part(data, group),
                title=group.title,
            )

    def _part(self, data: Data, group: Group) -> Data:
        taken = data.take(group.rows)
        # How many of a class fall into a site is luck again, whatever was counted off.
        return taken if data.counted in ("", self.column) else replace(taken, counted="")

    def skipped(self, data: Data) -> dict[str, int]:
        """Return the groups too small to be a probe: title, such as ``site = A``, to examples."""
        return grouping(data, self.column, "by_group").skipped(self._least)

    @property
    def _least(self) -> Least:
        return Least(self.min_examples, self.min_clusters)
