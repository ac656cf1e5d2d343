"""What the published sets of corrupted images have in common: which of their files are asked for."""

from dataclasses import dataclass
from typing import ClassVar

from underspec.core.records import Kind
from underspec.stress._protocol import Stress
from underspec.stress.images.corruption import check_severities
from underspec.stress.images.pictures import check_examples
from underspec.stress.published.corruptions import named

__all__ = ["CorruptionSet"]


@dataclass(frozen=True)
class CorruptionSet(Stress):
    """A published set of corruptions at five severities each.

    Attributes:
        path: the folder.
        only: corruptions to take; the 15 of the test where None.
        severities: from 1 to 5, each a probe such as ``contrast-3``.
        examples: use so many images, the same ones in every image stress test; all where None.
        validation: take the 4 corruptions for tuning as well.
        suite: the set's name, over which a corruption error is averaged.
        title: what messages call the set.
    """

    path: str
    only: tuple[str, ...] | None = None
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    examples: int | None = None
    validation: bool = False
    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "images"
    suite: ClassVar[str]
    title: ClassVar[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "only", named(self.only, self.validation, self.title))
        object.__setattr__(self, "severities", check_severities(self.severities, self.title))
        check_examples(self.examples)
