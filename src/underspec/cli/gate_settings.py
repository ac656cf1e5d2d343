"""Settings of the gate: `[tool.underspec.gate]` of a pyproject.toml, and the command line over it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from underspec.core.errors import UsageError, one_of

__all__ = ["read_settings"]

_NUMBERS = ("max-gap", "max-drop", "max-ratio", "min-mean", "max-mean")
_FLAGS = ("per-probe", "allow-undecided")
_PATHS = ("junit", "markdown")
_KNOWN = (*_NUMBERS, "metric", "probe", *_FLAGS, *_PATHS)
_WHERE = "[tool.underspec.gate]"


def read_settings(start: Path) -> dict[str, Any]:
    """Return the settings of the nearest pyproject.toml that has any, none where none has.

    Args:
        start: the folder to begin in; then the folders above it.

    Returns:
        Options with underscores to their values; paths are relative to the file's folder.

    Raises:
        UsageError: the file is no TOML, or a setting is unknown or of the wrong type.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        ours = _tool(file)
        if ours is not None:
            return _checked(ours, file)
    return {}


def _tool(file: Path) -> Mapping[str, Any] | None:
    try:
        whole = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no TOML ({error}). Correct it.") from None
    tool = whole.get("tool")
    ours = tool.get("underspec") if isinstance(tool, dict) else None
    if ours is None:
        return None
    if not isinstance(ours, dict):
        raise UsageError(f"In {file}, tool.underspec must be a table.")
    for key in ours:
        if key != "gate":
            raise UsageError(f"In {file}: {one_of('table of [tool.underspec]', key, ['gate'])}")
    gate = ours.get("gate")
    if gate is not None and not isinstance(gate, dict):
        raise UsageError(f"In {file}, tool.underspec.gate must be a table.")
    return gate


def _checked(given: Mapping[str, Any], file: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _KNOWN:
            raise UsageError(f"In {file}: {one_of(f'setting of {_WHERE}', key, _KNOWN)}")
        found[key.replace("-", "_")] = _value(key, value, file)
    return found


def _value(key: str, value: Any, file: Path) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key in _NUMBERS and number:
        return float(value)
    if key in _FLAGS and isinstance(value, bool):
        return value
    if key == "metric" and isinstance(value, str) and value:
        return value
    if key in _PATHS and isinstance(value, str) and value:
        return file.parent / value
    if key == "probe":
        patterns = [value] if isinstance(value, str) else value
        if isinstance(patterns, list) and all(isinstance(one, str) for one in patterns):
            return patterns
    wanted = (
        "a number"
        if key in _NUMBERS
        else "true or false"
        if key in _FLAGS
        else "the path of a file"
        if key in _PATHS
        else "the name of a metric"
        if key == "metric"
        else "a pattern or a list of patterns"
    )
    raise UsageError(f"In {file}, {key} of {_WHERE} must be {wanted}. Got {value!r}.")
