"""`underspec case`: a whole study of one of the systems that the method is known from."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from underspec.cases import Case
    from underspec.study.spec import Running

__all__ = ["case"]

_ALL = "all"


def case(
    name: Annotated[str, typer.Argument(help="A case, or all of them: underspec list cases.")],
    out: Annotated[str, typer.Option(help="Study folder; with several studies, one above them.")],
    data: Annotated[
        str | None, typer.Option(help="Folder of the real data; a stand-in where not given.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Layout of the data, where it is not found out.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Only this one of the case's studies.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The small form: about a minute.")] = False,
    clean: Annotated[
        bool, typer.Option("--clean", help="The control, in which nothing should be found.")
    ] = False,
    variants: Annotated[int | None, typer.Option(min=2, help="How many variants.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a key: near_equal.margin.epsilon=0.02"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the report when done.")
    ] = None,
) -> None:
    """Run a whole study: vision, eye, skin, kidney and more, on a stand-in or on the real data."""
    from dataclasses import replace

    from underspec import cases
    from underspec.cases.ready import ready
    from underspec.cli.run import execute
    from underspec.core.errors import UsageError

    if quick and clean:
        raise UsageError("--quick and --clean are two forms of a case. Give one of them.")
    if data is not None and (quick or clean):
        raise UsageError("--quick and --clean run on stand-ins. Leave --data out, or them.")
    if name == _ALL and (data is not None or study is not None):
        raise UsageError("--data and --study are for one case. Name it.")
    form: Literal["full", "quick", "clean"] = "quick" if quick else "clean" if clean else "full"
    chosen = [cases.get(one) for one in (cases.names() if name == _ALL else (name,))]
    if name == _ALL:
        chosen = [one for one in chosen if one.forms()[form]]
    told: list[tuple[Case, str]] = []
    for one in chosen:
        place = out if name != _ALL else f"{out.rstrip('/')}/{one.name}"
        found, studies = ready(
            one, place, form=form, data=data, layout=layout, only=study, sets=set_ or ()
        )
        if found is not None:
            print(f"The data is read as {found.title} ({found.name}).")
        for each in studies:
            made = each.study if variants is None else replace(each.study, variants=variants)
            execute(
                made,
                each.out,
                limit=None,
                dry_run=dry_run,
                open_=False if name == _ALL else open_,
                **_where(each.run, workers),
            )
            told.append((one, each.out))
    if name == _ALL and not dry_run:
        _index(told, out)


def _where(run: "Running", workers: int | None) -> dict[str, Any]:
    """Return where blocks run: as the study file says, unless workers were asked for."""
    if run.where == "inline" and workers is None:
        return {"where": "inline"}
    return {"workers": workers or run.workers}


def _index(told: "list[tuple[Case, str]]", out: str) -> None:
    """Write the page over all studies, and print its table."""
    from underspec.cases.index import index_page, line, table
    from underspec.core.store import Store

    lines = [line(one, folder, out) for one, folder in told]
    every = list(dict.fromkeys(one for one, _ in told))
    Store(out).write("index.html", index_page(lines, every).encode())
    print(f"\n{table(lines)}\nAll cases: {out.rstrip('/')}/index.html")
