"""Tables of members by name; listing one imports none of them."""

import importlib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar

from underspec.core.errors import UsageError, one_of

__all__ = ["Member", "Registry"]

T = TypeVar("T")

_WORDS = {
    "choose": "choice rule",
    "data": "data set",
    "metrics": "metric",
    "report": "report format",
    "run": "runner",
    "select": "pool rule",
    "stress": "stress test",
    "train": "trainer",
    "vary": "design",
}


@dataclass(frozen=True)
class Member:
    """One row of a stage's table.

    Attributes:
        name: what a study file calls it.
        target: ``module:attribute`` that holds it.
        origin: the distribution that brings it, ``underspec`` for our own.
    """

    name: str
    target: str
    origin: str

    def load(self) -> Any:
        """Import and return the member's class."""
        module, _, attribute = self.target.partition(":")
        return getattr(importlib.import_module(module), attribute)


class Registry(Generic[T]):
    """The members of one stage: our own by a line of data, others by entry points.

    Args:
        group: package of the stage, which is also the entry-point group.
        members: ``name="module:Class"``, the module relative to the package.
    """

    def __init__(self, group: str, **members: str) -> None:
        self.group = group
        self._own = {
            name: Member(name, f"{group}.{target}", "underspec") for name, target in members.items()
        }
        self._all: dict[str, Member] | None = None

    def _members(self) -> dict[str, Member]:
        if self._all is None:
            self._all = dict(self._own)
            for point in entry_points(group=self.group):
                self._admit(self._all, point)
        return self._all

    def _admit(self, members: dict[str, Member], point: EntryPoint) -> None:
        origin = point.dist.name if point.dist is not None else "unknown"
        if point.name in members:
            raise UsageError(
                f"The package '{origin}' adds a {self.group} named '{point.name}', which "
                f"'{members[point.name].origin}' already has. Rename or uninstall one of the two."
            )
        members[point.name] = Member(point.name, point.value, origin)

    @property
    def word(self) -> str:
        """What one member is called in messages, such as ``metric``."""
        stage = self.group.rpartition(".")[2]
        return _WORDS.get(stage, f"member of {stage}")

    def names(self) -> tuple[str, ...]:
        """Return the names of all members, sorted; imports none of them."""
        return tuple(sorted(self._members()))

    def table(self) -> tuple[Member, ...]:
        """Return all members, sorted by name; imports none of them."""
        return tuple(self._members()[name] for name in self.names())

    def load(self, name: str) -> type[T]:
        """Import and return the class of a member.

        Raises:
            UsageError: there is no such member.
        """
        if name not in self._members():
            raise UsageError(one_of(self.word, name, self.names()))
        loaded: type[T] = self._members()[name].load()
        return loaded

    def get(self, name: str, /, **parameters: Any) -> T:
        """Return the member `name` with these parameters.

        Raises:
            UsageError: no such member, an unknown parameter, or a required one is missing.
        """
        cls = self.load(name)
        if is_dataclass(cls):
            known = [field.name for field in fields(cls) if field.init]
            for parameter in parameters:
                if parameter not in known:
                    raise UsageError(
                        one_of(f"parameter of the {self.word} '{name}'", parameter, known)
                    )
            missing = [m for m in _required(cls) if m not in parameters]
            if missing:
                raise UsageError(
                    f"The {self.word} '{name}' needs {', '.join(repr(m) for m in missing)}, which has no "
                    f"default. Write it as {{{name}: {{{missing[0]}: ...}}}}."
                )
        return cls(**parameters)


def _required(cls: type) -> Iterator[str]:
    for field in fields(cls):
        if field.init and field.default is MISSING and field.default_factory is MISSING:
            yield field.name
