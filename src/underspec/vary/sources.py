"""How a study names its sources of variation: bare for a seed, with a list for values."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from underspec.core.errors import UsageError, one_of

__all__ = ["VALUED", "Sources", "parse", "require"]

Sources: TypeAlias = Mapping[str, tuple[Any, ...] | None]

VALUED = {
    "epochs": "[4, 5, 6]",
    "representation": "[unit, standard]",
}
"""Sources that only values can vary, each with an example."""


def parse(written: Sequence[str | Mapping[str, Sequence[Any]]]) -> Sources:
    """Return source name to its values, None for a source that is a seed.

    Raises:
        UsageError: none, one twice, or a source with fewer than two different values.
    """
    sources: dict[str, tuple[Any, ...] | None] = {}
    for entry in written:
        pairs = [(entry, None)] if isinstance(entry, str) else list(entry.items())
        for name, values in pairs:
            if name in sources:
                raise UsageError(f"The source '{name}' is given twice. Name each source once.")
            if values is None and name in VALUED:
                raise UsageError(
                    f"The source '{name}' takes values, not a seed. Write {{{name}: {VALUED[name]}}}."
                )
            if values is not None and len({repr(v) for v in values}) < 2:
                raise UsageError(
                    f"The source '{name}' has {len(values)} value(s), {list(values)}. "
                    "Give at least two different ones, or leave the source out."
                )
            sources[name] = None if values is None else tuple(values)
    if not sources:
        raise UsageError("No source of variation is named. Write, for example, [init, order].")
    return sources


def require(sources: Sources, honoured: Mapping[str, str], trainer: str) -> None:
    """Refuse sources that a trainer does not honour.

    Raises:
        UsageError: one is unknown to the trainer.
    """
    for name in sources:
        if name not in honoured:
            raise UsageError(
                one_of(f"source of variation of the trainer '{trainer}'", name, honoured)
            )
