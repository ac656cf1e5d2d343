"""Readers within readers and stress tests: what a study file writes under ``of`` or ``data``."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from underspec import data as stage
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.data._protocol import Reader

__all__ = ["Written", "deepest", "named_classes", "notice_of", "read", "reader", "written"]


class Written(NamedTuple):
    """A reader as a study file writes it.

    Attributes:
        name: of the reader.
        parameters: its parameters, lists as tuples.
    """

    name: str
    parameters: dict[str, Any]


def written(given: Any, what: str) -> Written:
    """Return the reader and parameters that ``{reader: {parameter: value}}`` names.

    Args:
        given: the mapping; a bare text names a reader without parameters.
        what: whose examples they are, for messages, such as ``The data of 'site_b'``.

    Raises:
        UsageError: it is written otherwise.
    """
    if isinstance(given, str):
        return Written(given, {})
    if not isinstance(given, Mapping) or len(given) != 1:
        got = dict(given) if isinstance(given, Mapping) else given
        raise UsageError(f"{what} are one reader, {{reader: {{...}}}}; got {got!r}.")
    ((name, parameters),) = given.items()
    if parameters is not None and not isinstance(parameters, Mapping):
        raise UsageError(f"{what} are written as {{{name}: {{parameter: value}}}}.")
    return Written(str(name), {key: _tuples(value) for key, value in (parameters or {}).items()})


def reader(given: Any, what: str) -> Reader | Data:
    """Return the reader that is meant: one that a study file writes, or a reader or `Data` itself.

    Raises:
        UsageError: there is none of this name, or its parameters are wrong.
    """
    if isinstance(given, Data):
        return given
    if isinstance(given, Mapping | str):
        name, parameters = written(given, what)
        return stage.get(name, **parameters)
    if not callable(given):
        raise UsageError(f"{what} are one reader, {{reader: {{...}}}}; got {given!r}.")
    made: Reader = given
    return made


def read(given: Any, what: str) -> Data:
    """Return the examples that a reader brings, however it is given (see `reader`)."""
    found = reader(given, what)
    return found if isinstance(found, Data) else found()


def notice_of(given: Any, what: str) -> str | None:
    """Return the licence and attribution of the examples, None where there is none."""
    found = reader(given, what)
    return None if isinstance(found, Data) else getattr(found, "notice", None)


def deepest(given: Any, what: str) -> Any:
    """Return the reader or `Data` that brings the examples, below all that only picks from them.

    Returns:
        A `Written` where a study file writes it.
    """
    if isinstance(given, Mapping | str):
        found = written(given, what)
        return deepest(found.parameters["of"], what) if "of" in found.parameters else found
    inner = getattr(given, "of", None)
    return given if inner is None or isinstance(given, Data) else deepest(inner, what)


def named_classes(given: Any, classes: tuple[str, ...], what: str) -> Any:
    """Return a written reader that is told the classes, where it takes them and is told none.

    So that one class may be all that it reads.
    """
    name, parameters = written(given, what)
    known = [f.name for f in fields(stage.load(name))]  # type: ignore[arg-type]
    if isinstance(parameters.get("of"), Mapping):
        parameters["of"] = named_classes(parameters["of"], classes, what)
    elif classes and "classes" in known:
        parameters.setdefault("classes", classes)
    return {name: parameters}


def _tuples(value: Any) -> Any:
    """Return a value of a study file with lists as tuples, also those within; mappings stay."""
    return tuple(_tuples(of) for of in value) if isinstance(value, list | tuple) else value
