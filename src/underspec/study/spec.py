"""The study file: what it may hold, and what is said when it holds something else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from underspec.core.errors import UsageError, one_of

__all__ = ["Spec", "member", "parse_spec", "read_spec"]

MemberSpec: TypeAlias = str | Annotated[dict[str, dict[str, Any] | None], Field(max_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Vary(_Section):
    """What differs between variants."""

    sources: Annotated[list[str | dict[str, list[Any]]], Field(min_length=1)] = Field(
        description="Names for seeds, {name: [values]} for values."
    )
    design: Literal["joint"] = "joint"


class Judgement(_Section):
    """When a fall counts."""

    max_drop: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Largest fall from the holdout that is still fine; 0.05 for proportions."
    )


class Running(_Section):
    """Where blocks run; changes no number."""

    where: Literal["processes", "inline"] = "processes"
    workers: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"


class Spec(_Section):
    """A study file, schema 1. A member is ``name`` or ``{name: {parameter: value}}``."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = "study"
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Root of all randomness.")
    task: Literal["binary", "classification"] = "classification"
    metric: MemberSpec = "accuracy"
    train: MemberSpec
    holdout: MemberSpec
    trainer: MemberSpec
    vary: Vary
    variants: Annotated[int, Field(ge=2)] = 50
    near_equal: MemberSpec = Field(description="Pool rule with its epsilon, in the metric's units.")
    stress: list[MemberSpec] = []
    verdict: Judgement = Judgement(max_drop=None)
    choose: list[MemberSpec] | MemberSpec = "minimax_regret"
    models: Literal["keep", "discard"] = "keep"
    exhibits: Literal["auto"] | bool = "auto"
    run: Running = Running()


def member(written: MemberSpec) -> tuple[str, dict[str, Any]]:
    """Return a member's name and parameters as written."""
    if isinstance(written, str):
        return written, {}
    ((name, parameters),) = written.items()
    return name, dict(parameters or {})


class _Loader(yaml.SafeLoader):
    """Plain YAML: no aliases (they can blow up), no key given twice (one would be lost)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UsageError("YAML aliases (*name) are not read. Write the value out.")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if not isinstance(key, str):
                raise UsageError(
                    f"The key {key!r} is read as {type(key).__name__}, not as text. Put it in quotes."
                )
            if keys.count(key) > 1:
                raise UsageError(f"The key '{key}' is given twice. Keep one.")
        return super().construct_mapping(node, deep=deep)


def read_spec(path: str | Path, sets: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a study file holds, as plain values, with ``key=value`` settings applied.

    Raises:
        UsageError: no such file, no YAML, or a setting is not ``key=value``.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"There is no study file '{file}'. Give its path.") from None
    except (IsADirectoryError, PermissionError, UnicodeDecodeError) as error:
        raise UsageError(f"The study file '{file}' cannot be read: {error}.") from None
    try:
        written = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise UsageError(f"The study file '{file}' is no YAML: {_first_line(error)}.") from None
    if not isinstance(written, dict):
        raise UsageError(f"The study file '{file}' must hold keys and values, such as 'schema: 1'.")
    for setting in sets:
        _apply(written, setting)
    return written


def _first_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())


def _apply(written: dict[str, Any], setting: str) -> None:
    key, equals, value = setting.partition("=")
    if not equals or not key:
        raise UsageError(
            f"--set takes key=value, such as near_equal.margin.epsilon=0.02; got '{setting}'."
        )
    *parents, last = key.split(".")
    at: Any = written
    for parent in parents:
        below = at.get(parent)
        if isinstance(below, str) or below is None:
            below = {} if below is None else {below: {}}
            at[parent] = below
        if not isinstance(below, dict):
            raise UsageError(f"--set {key}: '{parent}' is a list; change it in the study file.")
        at = below
    at[last] = yaml.safe_load(value)


def parse_spec(written: Mapping[str, Any]) -> Spec:
    """Check plain values against the schema.

    Raises:
        UsageError: the first thing that is wrong, in one sentence.
    """
    try:
        return Spec.model_validate(dict(written))
    except ValidationError as error:
        raise UsageError(_sentence(error)) from None


_MODELS: dict[str, type[_Section]] = {"vary": Vary, "verdict": Judgement, "run": Running}


def _sentence(error: ValidationError) -> str:
    # The longest path first: of a union's failures it is the one that got furthest.
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    key = ".".join(place) or "file"
    if first["type"] == "extra_forbidden":
        model = _MODELS.get(place[0], Spec) if len(place) > 1 else Spec
        known = [field.alias or name for name, field in model.model_fields.items()]
        return "Study file: " + one_of("key", place[-1], known)
    if first["type"] == "missing":
        return f"Study file: the key '{key}' is missing. Add it."
    got = repr(first["input"])
    return f"Study file: '{place[0]}' is wrong: {first['msg']}. Got {got[:200]}."
