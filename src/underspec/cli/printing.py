"""What commands print when they are done, and opening the report."""

import os
import sys
import webbrowser
from pathlib import Path

__all__ = ["conclude"]


def conclude(out: str, open_: bool | None) -> None:
    """Print the findings of a folder and where the report lies; open it where that helps.

    Args:
        out: the study folder.
        open_: whether to open the report; None: only on a terminal with a display.
    """
    from rich.console import Console

    from underspec.core.store import Store
    from underspec.report.text import terminal
    from underspec.study import read_dossier

    store = Store(out)
    terminal(read_dossier(store), Console())
    if not store.exists("report.html"):
        print(f"\nNo report was drawn; underspec report {out} draws it.")
        return
    report = f"{out.rstrip('/')}/report.html"
    print(f"\nReport: {report}")
    if "://" not in out and (open_ or (open_ is None and _has_display())):
        webbrowser.open(Path(report).resolve().as_uri())


def _has_display() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
