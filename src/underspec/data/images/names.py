"""Lists of names as fields, and names in order."""

from collections.abc import Sequence

from underspec.core.errors import UsageError

__all__ = ["in_order", "listed"]


def listed(names: str | Sequence[object] | None, field: str) -> tuple[str, ...] | None:
    """Return the names as texts, each once, or None.

    Raises:
        UsageError: there are none, or one comes twice.
    """
    if names is None:
        return None
    made = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
    if not made or len(set(made)) != len(made):
        raise UsageError(f"'{field}' must name at least one, each once; got {list(made)}.")
    return made


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return names sorted as text; where all of them are numbers, sorted as numbers."""
    if all(name.isascii() and name.isdecimal() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))
