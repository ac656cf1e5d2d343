"""`underspec run`: run a study, or go on with it."""

from typing import Annotated, Any

import typer

__all__ = ["execute", "run"]


def run(
    study: Annotated[str, typer.Argument(help="Study file (YAML).")],
    out: Annotated[str, typer.Option(help="Study folder: a path or a URL.")],
    variants: Annotated[int | None, typer.Option(min=2, help="How many variants.")] = None,
    where: Annotated[str | None, typer.Option(help="Runner: processes or inline.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    until: Annotated[
        str, typer.Option(help="Last stage: vary, train, stress, measure or report.")
    ] = "report",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a key: near_equal.margin.epsilon=0.02"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=4, help="Only so many examples of each set, for a trial.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    pilot: Annotated[
        bool,
        typer.Option(
            "--pilot", help="Only train a few models: is a source dead, do equal seeds part?"
        ),
    ] = False,
    accept_code_change: Annotated[
        bool, typer.Option(help="Go on although the trainer's code has changed.")
    ] = False,
    verify: Annotated[
        bool, typer.Option(help="Check stored files; recompute damaged ones.")
    ] = False,
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the report when done.")
    ] = None,
) -> None:
    """Run a study; the same command again goes on where it stopped."""
    from dataclasses import replace

    from underspec.study import load_study

    loaded, spec = load_study(study, set_ or ())
    if variants is not None:
        loaded = replace(loaded, variants=variants)
    chosen: dict[str, Any] = {"where": where or spec.run.where}
    if chosen["where"] == "processes":
        chosen["workers"] = workers or spec.run.workers
    execute(
        loaded,
        out,
        limit=limit,
        dry_run=dry_run,
        pilot=pilot,
        open_=open_,
        until=until,
        accept_code_change=accept_code_change,
        verify=verify,
        **chosen,
    )


def execute(
    study: Any,
    out: str,
    *,
    limit: int | None,
    dry_run: bool,
    open_: bool | None,
    pilot: bool = False,
    **options: Any,
) -> None:
    """Run a study with progress, and print what was found and where."""
    from underspec.cli.printing import conclude
    from underspec.report.live import Live
    from underspec.study import forecast, limited

    if limit is not None:
        study = limited(study, limit)
    if dry_run:
        print(forecast(study, out, accept_code_change=options.get("accept_code_change", False)))
        return
    if pilot:
        from underspec.study.pilot import pilot as fly

        print(fly(study))
        return
    live = Live()
    try:
        findings = study.run(out, listeners=[live], **options)
    finally:
        live.close()
    if findings is None:
        print(f"Stopped after the stage '{options['until']}', as asked. The study is in {out}.")
        return
    conclude(out, open_)
