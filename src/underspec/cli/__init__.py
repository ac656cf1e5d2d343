"""The command line: one file a command."""

from typing import Annotated

import typer

from underspec._version import __version__
from underspec.cli import (
    analyse,
    case,
    choose,
    compare,
    demo,
    doctor,
    gate,
    listing,
    report,
    run,
    show,
)

__all__ = ["app"]

app = typer.Typer(
    name="underspec",
    help="Find out whether equally good models behave differently in the field.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find out whether equally good models behave differently in the field."""


app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("case")(case.case)
app.command("analyse")(analyse.analyse)
app.command("report")(report.report)
app.command("show")(show.show)
app.command("choose")(choose.choose)
app.command("compare")(compare.compare)
app.command("gate")(gate.gate)
app.command("list")(listing.list_)
app.command("doctor")(doctor.doctor)
