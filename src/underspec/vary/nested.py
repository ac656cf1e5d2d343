"""Several variants share one level of the outer sources, as fine-tunings of one pretraining do."""

from dataclasses import dataclass

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Variant
from underspec.vary._protocol import Design
from underspec.vary.levels import assigned
from underspec.vary.sources import Sources

__all__ = ["Nested"]


@dataclass(frozen=True)
class Nested(Design):
    """Groups of variants: the outer sources differ between groups, the others in every variant.

    Attributes:
        sources: source name to its values, or None for a source that is a seed; two or more.
        outer: sources that are the same within a group; the first one where empty.
        inner: variants in a group.
    """

    sources: Sources
    outer: str | tuple[str, ...] = ()
    inner: int = 5

    def __post_init__(self) -> None:
        for source in self._outer():
            if source not in self.sources:
                raise UsageError(one_of("source of this study", source, self.sources))
        if not 0 < len(self._outer()) < len(self.sources):
            raise UsageError(
                f"The design 'nested' needs a source outside and one inside, but of "
                f"{', '.join(self.sources)} the outer ones are {', '.join(self._outer())}. Name a source "
                "that differs within groups."
            )
        if self.inner < 2 or self.inner != int(self.inner):
            raise UsageError(
                f"The design 'nested' got inner={self.inner!r}. Give the number of variants in a "
                "group, 2 or more."
            )

    def _outer(self) -> tuple[str, ...]:
        if isinstance(self.outer, str):
            return (self.outer,)
        return self.outer or tuple(self.sources)[:1]

    def __call__(self, n: int, root_seed: int, /) -> tuple[Variant, ...]:
        """Return `n` variants, group by group; the last group may be smaller."""
        outer, inner = set(self._outer()), int(self.inner)
        variants = []
        for i in range(n):
            level = {s: i // inner if s in outer else i for s in self.sources}
            variants.append(assigned(i, level, self.sources, root_seed))
        return tuple(variants)
