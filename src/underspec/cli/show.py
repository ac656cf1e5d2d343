"""`underspec show`: a study folder's findings, as text."""

from typing import Annotated

import typer

__all__ = ["show"]


def show(folder: Annotated[str, typer.Argument(help="Study folder.")]) -> None:
    """Print the findings of a study, or how far an unfinished one has come."""
    from rich.console import Console

    from underspec.core.store import Store
    from underspec.report.text import terminal
    from underspec.study import layout, progress, read_dossier

    store = Store(folder)
    if store.exists(layout.FINDINGS) or not store.exists(layout.STUDY):
        terminal(read_dossier(store), Console())
    else:
        print(progress(store))
