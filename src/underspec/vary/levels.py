"""Levels of the sources: what they give a variant, and which source gets a new one next."""

from collections.abc import Iterator, Mapping

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.vary.seeds import seed, value, variant_id
from underspec.vary.sources import Sources

__all__ = ["assigned", "growth"]


def assigned(index: int, level: Mapping[str, int], sources: Sources, root_seed: int) -> Variant:
    """Return the variant at a position that has the given level of every source."""
    return Variant(
        variant_id(index),
        {s: seed(root_seed, s, level[s]) for s, values in sources.items() if values is None},
        {s: value(root_seed, s, v, level[s]) for s, v in sources.items() if v is not None},
    )


def growth(sources: Sources, design: str, room: str) -> Iterator[str]:
    """Yield without end the source that gets a new level next, the one with fewest first.

    All begin with one level. A seed never runs out of levels, a source with values does.

    Args:
        sources: source name to its values, None for a seed.
        design: name of the design, for the message.
        room: what the design is out of when every source is out of values.

    Raises:
        UsageError: all values are taken and no source is a seed.
    """
    levels = dict.fromkeys(sources, 1)
    while True:
        free = [s for s, values in sources.items() if values is None or levels[s] < len(values)]
        if not free:
            raise UsageError(
                f"The design '{design}' has no {room} left: the values of {', '.join(sources)} are all "
                "taken. Ask for fewer variants, give more values, or add a source that is a seed."
            )
        grown = min(free, key=lambda source: levels[source])
        levels[grown] += 1
        yield grown
