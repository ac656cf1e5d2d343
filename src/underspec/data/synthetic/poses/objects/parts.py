"""What the triangles of an object belong to, and how its builders read their draws."""

from collections.abc import Iterator

from underspec.core.records import Floats

__all__ = ["BODY", "DARK", "LIGHT", "PLAIN", "between"]

BODY, LIGHT, DARK, PLAIN = range(4)
"""In the object's own colour, a light shade of it, nearly black, and wood or metal."""


def between(draws: Floats, *ranges: tuple[float, float]) -> Iterator[Floats]:
    """Yield the first draws spread over these ranges, each [instances]."""
    for column, (low, high) in enumerate(ranges):
        yield low + (high - low) * draws[:, column]
