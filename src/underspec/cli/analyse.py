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
        list[str] | None,
        typer.Option(
            help="Name of a metric, accuracy if not given; see underspec list metrics. Given several "
            "times, the first selects and judges."
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="regression where labels and scores are numbers; otherwise told by the classes."
        ),
    ] = None,
    counted: Annotated[
        str,
        typer.Option(
            help="label or group, where a fixed number of examples of each class or group was taken by "
            "design in every probe."
        ),
    ] = "",
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
        metric=metric or ["accuracy"],
        max_drop=max_drop,
        seed=seed,
        name=name,
        labels=labels,
        epoch=epoch,
        task=task,  # type: ignore[arg-type]  # checked there
        counted=counted,
    )
    conclude(out, open_)
