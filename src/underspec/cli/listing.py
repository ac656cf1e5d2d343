"""`underspec list`: the members of every stage."""

from typing import Annotated, Any

import typer

__all__ = ["list_"]

STAGES = ("data", "vary", "train", "select", "stress", "metrics", "choose", "report", "run")

_CASES = "cases"


def list_(
    stage: Annotated[
        str | None, typer.Argument(help="One stage, or cases; all stages if not given.")
    ] = None,
) -> None:
    """List what a study file can name, with parameters and who brings it."""
    import importlib
    import inspect
    from dataclasses import MISSING, fields

    from underspec.core.errors import UsageError, one_of

    if stage == _CASES:
        _list_cases()
        return
    if stage is not None and stage not in STAGES:
        raise UsageError(one_of("stage", stage, (*STAGES, _CASES)))
    for name in STAGES if stage is None else (stage,):
        print(name)
        for member in importlib.import_module(f"underspec.{name}").table():
            if stage is None:
                print(
                    f"  {member.name}"
                    + ("" if member.origin == "underspec" else f" ({member.origin})")
                )
                continue
            cls = member.load()
            summary = (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")
            print(f"  {member.name} ({member.origin}): {summary}")
            if stage == "stress":
                print("\n".join(f"      {word}: {fact}" for word, fact in _facts(cls).items()))
            for field in fields(cls):
                if field.init:
                    default = "required" if field.default is MISSING else repr(field.default)
                    if field.default is MISSING and field.default_factory is not MISSING:
                        default = repr(field.default_factory())
                    print(f"      {field.name} = {default}")


def _list_cases() -> None:
    from underspec import cases

    for name in cases.names():
        case = cases.get(name)
        print(f"{name}: {case.title}\n  {case.says} {case.stand_in}")
        forms = [form for form, files in case.forms().items() if files]
        print(f"  forms: {', '.join(forms)}")
        for layout in case.layouts:
            print(f"  --data as {layout.name}: {layout.title} ({', '.join(layout.looks)})")


def _facts(cls: Any) -> dict[str, str]:
    """Return what a stress test says of itself, by the words of `stress.Described`."""
    said = {word: getattr(cls, word, None) for word in ("kind", "modality", "source")}
    if isinstance(said["kind"], property):
        try:
            said["kind"] = object.__new__(cls).kind
        except AttributeError:  # it depends on parameters
            said["kind"] = None
    return {word: fact if isinstance(fact, str) else "not said" for word, fact in said.items()}
