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
            help="Name of a metric, accuracy if not given, or one with parameters as in a study file, "
            "'{sensitivity: {specificity: 0.8}}'; see underspec list metrics. Given several times, the "
            "first selects and judges."
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
    positive: Annotated[
        str | None,
        typer.Option(
            help="Of two classes, the positive one of metrics such as sensitivity and f1; the one whose "
            "name sorts second if not given."
        ),
    ] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            help="Choice rule, minimax_regret and medoid if not given; repeatable, with parameters as in "
            "a study file, '{ensemble: {size: 5}}'."
        ),
    ] = None,
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
    from underspec import choose as rules
    from underspec import metrics, select
    from underspec.cli.printing import conclude
    from underspec.study import analyse_files
    from underspec.study.foreign import RULES
    from underspec.study.spec import made_from_text

    analyse_files(
        files,
        out,
        holdout=holdout,
        near_equal=select.get("margin", epsilon=epsilon),
        metric=[made_from_text(metrics, one) for one in metric or ["accuracy"]],
        max_drop=max_drop,
        seed=seed,
        name=name,
        labels=labels,
        epoch=epoch,
        task=task,  # type: ignore[arg-type]  # checked there
        counted=counted,
        choosers=[made_from_text(rules, one) for one in choose] if choose else RULES,
        positive=positive,
    )
    conclude(out, open_)
