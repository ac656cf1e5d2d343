"""`underspec list`: the members of every stage."""

from typing import Annotated

import typer

__all__ = ["list_"]

STAGES = ("data", "vary", "train", "select", "stress", "metrics", "choose", "report", "run")


def list_(
    stage: Annotated[str | None, typer.Argument(help="One stage; all if not given.")] = None,
) -> None:
    """List what a study file can name, with parameters and who brings it."""
    import importlib
    import inspect
    from dataclasses import MISSING, fields

    from underspec.core.errors import UsageError, one_of

    if stage is not None and stage not in STAGES:
        raise UsageError(one_of("stage", stage, STAGES))
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
            for field in fields(cls):
                if field.init:
                    default = "required" if field.default is MISSING else repr(field.default)
                    if field.default is MISSING and field.default_factory is not MISSING:
                        default = repr(field.default_factory())
                    print(f"      {field.name} = {default}")
