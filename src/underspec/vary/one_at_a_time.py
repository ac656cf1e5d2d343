"""One source varies at a time around a common variant."""

from collections import Counter
from dataclasses import dataclass

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.vary._protocol import Design
from underspec.vary.levels import assigned, growth
from underspec.vary.sources import Sources

__all__ = ["OneAtATime"]


@dataclass(frozen=True)
class OneAtATime(Design):
    """A base variant, and groups that leave it in one source each.

    The spread of a group is what its source does around this base. What two sources do only
    together does not show; that takes `crossed`.

    Attributes:
        sources: source name to its values, or None for a source that is a seed; two or more.
    """

    sources: Sources

    def __post_init__(self) -> None:
        if len(self.sources) < 2:
            raise UsageError(
                f"The design 'one_at_a_time' holds the other sources still, but there is only "
                f"{', '.join(self.sources)}. Name two sources or more, or use design: joint."
            )

    def __call__(self, n: int, root_seed: int, /) -> tuple[Variant, ...]:
        """Return `n` variants: the base, then the groups in turn.

        Raises:
            UsageError: every source is out of values.
        """
        turns = growth(self.sources, "one_at_a_time", "variants")
        moved: Counter[str] = Counter()
        variants = []
        for i in range(n):
            level = dict.fromkeys(self.sources, 0)
            if i > 0:
                source = next(turns)
                moved[source] += 1
                level[source] = moved[source]
            variants.append(assigned(i, level, self.sources, root_seed))
        return tuple(variants)
