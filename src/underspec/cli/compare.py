"""`underspec compare`: two finished studies, probe by probe."""

from typing import Annotated

import typer

__all__ = ["compare"]


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Study folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Study folder to compare it with.")],
    probe: Annotated[
        list[str] | None,
        typer.Option(help="Only probes of this name or pattern, such as 'contrast*'; repeatable."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="All variants that trained, not only the pools.")
    ] = False,
    paired_variants: Annotated[
        bool,
        typer.Option("--paired-variants", help="Pair variants that have the same seeds in both."),
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=0, help="Resamples of the Multi-Bootstrap; 0: none.")
    ] = 1000,
    format_: Annotated[str, typer.Option("--format", help="text, json or markdown.")] = "text",
) -> None:
    """Say which of two studies is better where, how surely, and what could have been seen."""
    import shutil

    from underspec.core.errors import UsageError, one_of
    from underspec.study.compare import compare as comparing
    from underspec.study.comparison import comparison_json
    from underspec.study.comparison_text import comparison_markdown, comparison_text

    formats = {
        "text": lambda found: comparison_text(
            found, max(100, shutil.get_terminal_size((120, 24)).columns)
        ),
        "json": comparison_json,
        "markdown": comparison_markdown,
    }
    if format_ not in formats:
        raise UsageError(one_of("format of a comparison", format_, formats))
    found = comparing(
        a,
        b,
        probes=probe or (),
        which="all" if all_ else "kept",
        paired_variants=paired_variants,
        resamples=resamples,
    )
    print(formats[format_](found), end="")
