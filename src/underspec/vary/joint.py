"""All sources vary at once: every variant gets its own seed or value of each."""

from dataclasses import dataclass

from underspec.core.records import Variant
from underspec.vary._protocol import Design
from underspec.vary.seeds import seed, value, variant_id
from underspec.vary.sources import Sources

__all__ = ["Joint"]


@dataclass(frozen=True)
class Joint(Design):
    """Every source varies in every variant, as when a pipeline is simply run again.

    Attributes:
        sources: source name to its values, or None for a source that is a seed.
    """

    sources: Sources

    def __call__(self, n: int, root_seed: int, /) -> tuple[Variant, ...]:
        """Return `n` variants."""
        return tuple(
            Variant(
                variant_id(i),
                {s: seed(root_seed, s, i) for s, values in self.sources.items() if values is None},
                {s: value(root_seed, s, v, i) for s, v in self.sources.items() if v is not None},
            )
            for i in range(n)
        )
