"""Members as plain values: for the resolved study file, and to tell one study from another."""

import dataclasses
import hashlib
import inspect
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.core.registry import Registry

__all__ = ["code_digest", "describe", "digest", "plain"]


def digest(value: Any, length: int = 16) -> str:
    """Return a hash of plain values, the same in every process."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def plain(value: Any) -> Any:
    """Return a value as JSON-like data that tells all of its parameters.

    Raises:
        UsageError: the value cannot be told from another of its kind.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        return {
            "array": list(value.shape),
            "sha256": hashlib.sha256(value.tobytes()).hexdigest()[:16],
        }
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Data):
        return {"data": len(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {_qualified(type(value)): _fields(value)}
    if hasattr(value, "get_params") and not isinstance(value, type):
        return {_qualified(type(value)): plain(value.get_params(deep=False))}
    if callable(value):
        return _qualified(value)
    text = repr(value)
    if re.search(r" at 0x[0-9a-f]+", text):
        raise UsageError(
            f"A parameter of the type {_qualified(type(value))} has no text that names its content, so two "
            "studies could not be told apart. Give it a __repr__, or pass plain values."
        )
    return text


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}


def _qualified(value: Any) -> str:
    return f"{value.__module__}:{value.__qualname__}"


def describe(value: Any, registry: Registry[Any]) -> dict[str, Any]:
    """Return a member as a study file would write it, with every default."""
    if isinstance(value, Data):
        return plain(value)  # type: ignore[no-any-return]
    target = _qualified(type(value))
    for row in registry.table():
        if row.target == target and dataclasses.is_dataclass(value):
            return {row.name: _fields(value)}
    described = plain(value)
    return described if isinstance(described, dict) else {"object": described}


def code_digest(value: Any) -> str:
    """Return a hash over the source code behind a member and the callables it holds.

    One of our own members is hashed with the modules of its folder and its stage, so that a change
    of an engine counts; anything else with its file.
    """
    files: set[Path] = set()
    _collect(value, files)
    state = hashlib.sha256()
    # Sorted by the whole path, for names repeat; hashed without it, for it says where we live.
    for file in sorted(files):
        state.update(f"{file.parent.name}/{file.name}".encode() + b"\0" + file.read_bytes())
    return state.hexdigest()[:16]


def _collect(value: Any, files: set[Path]) -> None:
    kind = value if callable(value) and not dataclasses.is_dataclass(value) else type(value)
    module = inspect.getmodule(kind)
    name = getattr(module, "__name__", "")
    try:
        file = Path(inspect.getsourcefile(kind) or "")
    except TypeError:
        file = Path()
    if file.is_file() and name.split(".")[0] not in _OUTSIDE:
        ours = name.startswith("underspec.") and name.count(".") > 2
        files.update(file.parent.rglob("*.py") if ours else [file])
        if ours:
            files.update(file.parent.parent.glob("*.py"))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            held = getattr(value, field.name)
            if isinstance(held, str) and ".py:" in held:
                files.update(p for p in [Path(held.rpartition(":")[0])] if p.is_file())
            elif callable(held) or dataclasses.is_dataclass(held):
                _collect(held, files)


# Libraries change with their version, which the environment records; hashing them would tie a
# study to one release of each.
_OUTSIDE = {"builtins", "numpy", "sklearn", "torch", "scipy", "pathlib", "collections", "functools"}
