"""`underspec analyse`: the same findings from predictions that exist already."""

from typing import Annotated

import typer

__all__ = ["analyse"]


def analyse(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Parquet or CSV in the exchange format; a pattern such as 'preds/{probe}/{variant}.npy'; "
            "or a folder of predictions as WILDS names them."
        ),
    ],
    epsilon: Annotated[
        float, typer.Option(help="Margin within which variants count as near-equal.")
    ],
    out: Annotated[str, typer.Option(help="Study folder to write.")],
    holdout: Annotated[
        str | None, typer.Option(help="Name of the probe that is the holdout; required.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            help="For patterns and WILDS folders: a folder with PROBE.npy or PROBE.csv, or a table "
            "with the columns probe and label."
        ),
    ] = None,
    epoch: Annotated[
        str | None,
        typer.Option(help="For WILDS folders: best, last or a number; best if there is."),
    ] = None,
    metric: Annotated[
        str, typer.Option(help="Name of a metric; see underspec list metrics.")
    ] = "accuracy",
    max_drop: Annotated[
        float | None, typer.Option(help="Largest fall that is still fine; 0.05 for proportions.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Root seed: halves the clusters.")] = 0,
    name: Annotated[str, typer.Option(help="What the report calls the study.")] = "analysis",
    open_: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the report when done.")
    ] = None,
) -> None:
    """Judge the predictions of many variants, without training anything."""
    from underspec import select
    from underspec.cli.printing import conclude
    from underspec.study import analyse_files

    analyse_files(
        files,
        out,
        holdout=holdout,
        near_equal=select.get("margin", epsilon=epsilon),
        metric=metric,
        max_drop=max_drop,
        seed=seed,
        name=name,
        labels=labels,
        epoch=epoch,
    )
    conclude(out, open_)
