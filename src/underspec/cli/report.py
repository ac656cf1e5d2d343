"""`underspec report`: redraw a report from a study folder."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["report"]


def report(
    folder: Annotated[str, typer.Argument(help="Study folder.")],
    format_: Annotated[
        str, typer.Option("--format", help="html, json, junit, markdown or text.")
    ] = "html",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; html: report.html in the folder."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the HTML report.")] = False,
) -> None:
    """Write a report; it computes nothing, so it can be redrawn at will."""
    import webbrowser

    from underspec import report as reports
    from underspec.core.store import Store
    from underspec.study import read_dossier

    store = Store(folder)
    text = reports.get(format_)(read_dossier(store))
    if output is not None:
        Store(output.parent).write(output.name, text.encode())
        print(f"Report: {output}")
    elif format_ == "html":
        store.write("report.html", text.encode())
        print(f"Report: {folder.rstrip('/')}/report.html")
        if open_ and store.local is not None:
            webbrowser.open((store.local / "report.html").resolve().as_uri())
    else:
        print(text, end="")
