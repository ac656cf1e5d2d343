"""Members as plain values: for the resolved study file, and to tell one study from another."""

import dataclasses
import functools
import hashlib
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
from underspec.study.code import code_digest

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
        return _array(value)
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
    if callable(value) and (told := _callable(value)) is not None:
        return told
    text = repr(value)
    if re.search(r" at 0x[0-9a-f]+", text):
        raise UsageError(
            f"A parameter of the type {_qualified(type(value))} has no text that names its content, so two "
            "studies could not be told apart. Give it a __repr__, or pass plain values."
        )
    return text


def _array(value: np.ndarray) -> dict[str, Any]:
    if value.dtype.hasobject:  # its bytes are addresses
        return {"array": list(value.shape), "values": plain(value.tolist())}
    return {
        "array": list(value.shape),
        "sha256": hashlib.sha256(value.tobytes()).hexdigest()[:16],
    }


def _callable(value: Any) -> Any:
    if isinstance(value, functools.partial):
        return {
            "partial": plain(value.func),
            "arguments": plain(value.args),
            "keywords": plain(value.keywords),
        }
    if hasattr(value, "__qualname__"):
        return _qualified(value)
    held = getattr(value, "__dict__", None)
    return None if held is None else {_qualified(type(value)): plain(held)}


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}


def _qualified(value: Any) -> str:
    # Methods of built-in types have no module.
    return f"{getattr(value, '__module__', None) or 'builtins'}:{value.__qualname__}"


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
