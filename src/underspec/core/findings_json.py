"""Findings to the text of `findings.json` and back: the same findings give the same bytes."""

import json
import math
import numbers
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from underspec.core.errors import StudyError
from underspec.core.findings import Findings

__all__ = ["findings_from_json", "findings_json"]

_SCHEMA = 1


def findings_json(findings: Findings) -> str:
    """Return findings as JSON text that is the same for the same findings, on any machine.

    Keys stand in the order of the dataclasses' fields (free mappings are sorted), numbers are
    rounded to 10 significant digits, and what is not finite is null.
    """
    plain = _plain(findings)
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def findings_from_json(text: str) -> Findings:
    """Read the text of `findings.json`; keys that this version does not know are ignored.

    Raises:
        StudyError: the text is no JSON, of another schema, or lacks something.
    """
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise StudyError(f"findings.json is damaged ({error}). Run the study again.") from error
    if not isinstance(plain, dict) or plain.get("schema") != _SCHEMA:
        got = plain.get("schema") if isinstance(plain, dict) else None
        raise StudyError(
            f"findings.json has schema {got!r}; this version reads {_SCHEMA}. "
            "Run the study again with this version."
        )
    found = _typed(plain, Findings, "findings")
    assert isinstance(found, Findings)  # noqa: S101 - `_typed` makes what it was asked for
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return _rounded(float(value)) if math.isfinite(value) else None
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    return [_plain(item) for item in value]


def _rounded(value: float) -> float:
    rounded = float(f"{value:.10g}")
    # The largest numbers round to infinity. Adding 0.0 turns -0.0 into 0.0, which it equals.
    return rounded + 0.0 if math.isfinite(rounded) else value


def _typed(value: Any, want: Any, at: str) -> Any:
    """Return plain `value` as the type `want`, descending into dataclasses and containers."""
    origin, arguments = get_origin(want), get_args(want)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _typed(value, next(one for one in arguments if one is not type(None)), at)
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        # `tuple[()]` stands for parts of the file that this version leaves empty.
        return tuple(_typed(item, arguments[0], at) for item in value) if arguments else ()
    if origin is Mapping and isinstance(value, dict):
        return {key: _typed(item, arguments[1], f"{at}.{key}") for key, item in value.items()}
    if want is type(None):
        return None
    if is_dataclass(want) and isinstance(value, dict):
        return _record(value, want, at)
    if want is float and (value is None or _is_number(value)):
        return None if value is None else float(value)
    if want is bool and isinstance(value, bool):
        return value
    if want in (int, str) and isinstance(value, want) and not isinstance(value, bool):
        return value
    raise StudyError(
        f"findings.json holds {str(value)[:60]!r} at '{at}', where something else belongs. "
        "Run the study again."
    )


def _record(value: dict[str, Any], want: Any, at: str) -> Any:
    hints = _hints(want)
    given: dict[str, Any] = {}
    for field in fields(want):
        if field.name in value:
            given[field.name] = _typed(value[field.name], hints[field.name], f"{at}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise StudyError(f"findings.json lacks '{at}.{field.name}'. Run the study again.")
    return want(**given)


@cache
def _hints(want: Any) -> dict[str, Any]:
    return get_type_hints(want)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
