"""The study file: what it may hold, and what is said when it holds something else."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from underspec.core.errors import UsageError, one_of
from underspec.core.registry import Registry

__all__ = ["Spec", "made", "made_from_text", "member", "parse_spec", "read_spec"]

_Scalar: TypeAlias = str | bool | int | float
MemberSpec: TypeAlias = (
    str
    | Annotated[
        dict[str, dict[str, Any] | list[Any] | _Scalar | None], Field(min_length=1, max_length=1)
    ]
)

# Stands for the parameter meant by a bare value, as in {margin: 0.01}; no parameter has this name.
_BARE = "="


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Vary(_Section):
    """What differs between variants."""

    sources: Annotated[list[str | dict[str, list[Any]]], Field(min_length=1)] = Field(
        description="Names for seeds, {name: [values]} for values."
    )
    design: MemberSpec = Field("joint", description="How sources are assigned to variants.")


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
    """A study file, schema 1. A member is ``name``, ``{name: {parameter: value}}`` or ``{name: value}``."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = "study"
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Root of all randomness.")
    task: Literal["binary", "classification", "regression"] = "classification"
    metric: Annotated[list[MemberSpec], Field(min_length=1)] | MemberSpec = Field(
        "accuracy", description="Several: the first selects and judges, the others are told."
    )
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
    """Return a member's name and parameters as written; `made` knows which one a bare value is."""
    if isinstance(written, str):
        return written, {}
    ((name, parameters),) = written.items()
    if parameters is None or isinstance(parameters, dict):
        return name, dict(parameters or {})
    return name, {_BARE: parameters}


def made(stage: Any, written: MemberSpec) -> Any:
    """Return the member of a stage that a study file writes.

    Args:
        stage: a stage's package, such as `underspec.stress`.
        written: ``name``, ``{name: {parameter: value}}``, or ``{name: value}`` for the parameter
            that has no default, or else the first one. Lists become tuples.

    Raises:
        UsageError: no such member or parameter, one is missing, or a value does not fit. What a
            user's own file raises comes through.
    """
    name, parameters = member(written)
    if _BARE in parameters:
        bare = parameters.pop(_BARE)
        parameters.setdefault(_bare_parameter(stage.registry, name), bare)
    parameters = {k: tuple(v) if isinstance(v, list) else v for k, v in parameters.items()}
    stage.registry.load(name)  # here, for what importing it raises is no fault of the parameters
    try:
        return stage.get(name, **parameters)
    except (TypeError, ValueError, AttributeError) as error:
        if _in_users_file(error):
            raise
        said = " ".join(str(error).split())
        raise UsageError(f"The parameters of '{name}' do not fit: {said}. Correct them.") from error


def made_from_text(stage: Any, text: str) -> Any:
    """Return the member that a command line writes as a study file would.

    Args:
        stage: a stage's package, such as `underspec.metrics`.
        text: a name, or YAML such as ``{sensitivity: {specificity: 0.8}}``.

    Raises:
        UsageError: it is no member, no such one, or its parameters do not fit.
    """
    what = stage.registry.word
    try:
        written = yaml.load(text, _Loader) if set(text) & set("{:") else text  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise UsageError(f"The {what} '{text}' is no YAML: {_first_line(error)}.") from None
    if isinstance(written, str):
        return stage.get(written)
    values = list(written.values()) if isinstance(written, dict) else []
    if len(values) != 1:
        raise UsageError(
            f"Write a {what} as a name, or as {{name: {{parameter: value}}}} in quotes. Got '{text}'."
        )
    return made(stage, written)


def _bare_parameter(registry: Registry[Any], name: str) -> str:
    cls = registry.load(name)
    known = [field for field in fields(cls) if field.init] if is_dataclass(cls) else []
    required = [f.name for f in known if f.default is MISSING and f.default_factory is MISSING]
    if is_dataclass(cls) and not known:
        raise UsageError(f"The {registry.word} '{name}' takes no parameters. Write it as '{name}'.")
    if not known or len(required) > 1:
        shown = ", ".join(f"{parameter}: ..." for parameter in required) or "parameter: ..."
        raise UsageError(
            f"The {registry.word} '{name}' does not say which parameter a single value would be. "
            f"Write {{{name}: {{{shown}}}}}."
        )
    return required[0] if required else known[0].name


def _in_users_file(error: BaseException) -> bool:
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(module.startswith(("_underspec_user_", "underspec_file_")) for module in modules)


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
    try:
        given = yaml.load(value, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise UsageError(
            f"--set {key}: the value '{value}' is no YAML: {_first_line(error)}."
        ) from None
    at: Any = written
    for depth, parent in enumerate(parents):
        below = at.get(parent)
        if below is None:
            below = {}
        elif not isinstance(below, dict | list) and depth == 0:
            below = {below: {}}
        elif not isinstance(below, dict | list) and depth == 1 and parents[0] not in _MODELS:
            below = {_BARE: below}
        if not isinstance(below, dict):
            raise UsageError(
                f"--set {key}: '{parent}' holds no keys; change it in the study file."
                if not isinstance(below, list)
                else f"--set {key}: '{parent}' is a list; change it in the study file."
            )
        at[parent] = below
        at = below
    at[last] = given


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
    # The longest path of the first key: of a union's failures it is the one that got furthest.
    found = error.errors()
    here = [one for one in found if one["loc"][:1] == found[0]["loc"][:1]]
    first = max(here, key=lambda one: (len(one["loc"]), one["type"] != "string_type"))
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
