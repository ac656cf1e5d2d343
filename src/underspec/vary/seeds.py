"""Seeds and values of one source, each source on a stream of its own."""

from collections.abc import Sequence
from typing import Any

from underspec.core.streams import stream

__all__ = ["seed", "value", "variant_id"]


def variant_id(index: int) -> str:
    """Return the id of the variant at a position: ``v000``, ``v001``, ..."""
    return f"v{index:03d}"


def seed(root_seed: int, source: str, index: int) -> int:
    """Return the seed of one source for one variant; it depends on these three alone."""
    return stream(root_seed, "vary", source, index).seed()


def value(root_seed: int, source: str, values: Sequence[Any], index: int) -> Any:
    """Return the value of one source for one variant.

    Values are dealt in shuffled rounds, so that every value is taken equally often, up to one.
    """
    round_, position = divmod(index, len(values))
    order = stream(root_seed, "vary", source, "round", round_).generator().permutation(len(values))
    return values[int(order[position])]
