"""`underspec demo`: the main job on images that ship with the package."""

from typing import Annotated

import typer

__all__ = ["demo"]


def demo(
    trainer: Annotated[
        str, typer.Option(help="torch: 50 CNNs on Fashion-MNIST. sklearn: 20 MLPs on digits.")
    ] = "torch",
    out: Annotated[
        str | None, typer.Option(help="Study folder; runs/demo-TRAINER if not given.")
    ] = None,
    variants: Annotated[int | None, typer.Option(min=2, help="How many variants.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the report when done.")
    ] = None,
) -> None:
    """Train equally good image classifiers, stress them, and report how far they part."""
    from dataclasses import replace

    from underspec import cases
    from underspec.cli.run import execute
    from underspec.core.errors import UsageError, one_of
    from underspec.study import load_study

    if trainer not in cases.DEMOS:
        raise UsageError(one_of("demo trainer", trainer, cases.DEMOS))
    study, _ = load_study(cases.path(cases.DEMOS[trainer]))
    if variants is not None:
        study = replace(study, variants=variants)
    execute(
        study,
        out or f"runs/demo-{trainer}",
        limit=None,
        dry_run=dry_run,
        open_=open_,
        until="report",
        workers=workers or "auto",
    )
