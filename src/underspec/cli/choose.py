"""`underspec choose`: which variant to ship, and its model."""

from typing import Annotated

import typer

__all__ = ["choose"]


def choose(
    folder: Annotated[str, typer.Argument(help="Study folder.")],
    rule: Annotated[
        str | None,
        typer.Option(
            help="Only this rule, and its pick to export; all rules, and the recommended one's pick, if not "
            "given."
        ),
    ] = None,
    export: Annotated[
        str | None, typer.Option(help="Copy the picked models into this new folder.")
    ] = None,
) -> None:
    """Say what each rule would pick from the pool and what the rule gains over a random pick."""
    from underspec.core.store import Store
    from underspec.study import export_pick, read_findings
    from underspec.study.picks import sentences

    store = Store(folder)
    findings = read_findings(store)
    for line in sentences(findings, rule):
        print(line)
    if export is not None:
        picked = export_pick(store, findings, rule, export)
        print(f"Exported {', '.join(picked)} to {export}.")
