"""`underspec gate`: whether a study's findings stay within thresholds; for continuous integration."""

from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["gate"]


def gate(
    folder: Annotated[str, typer.Argument(help="Study folder.")],
    max_gap: Annotated[
        float | None,
        typer.Option(help="Largest gap between two kept variants; 0.02 of accuracy is two points."),
    ] = None,
    max_drop: Annotated[float | None, typer.Option(help="Largest drop from the holdout.")] = None,
    max_ratio: Annotated[
        float | None, typer.Option(help="Largest true spread, as a multiple of the holdout's.")
    ] = None,
    min_mean: Annotated[
        float | None, typer.Option(help="Smallest mean, where more is better.")
    ] = None,
    max_mean: Annotated[
        float | None, typer.Option(help="Largest mean, where less is better.")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="Hold the figures of this metric; of the one that judges if not given."),
    ] = None,
    probe: Annotated[
        list[str] | None,
        typer.Option(
            help="Hold the probes of this pattern, such as 'fog-*'; may be repeated. All if not given."
        ),
    ] = None,
    per_probe: Annotated[
        bool | None,
        typer.Option(
            "--per-probe/--all-probes",
            help="Judge each check by itself, or failures adjusted for how many there are (Holm; the default).",
        ),
    ] = None,
    allow_undecided: Annotated[
        bool | None,
        typer.Option(
            "--allow-undecided/--fail-undecided",
            help="Let pass what the data show neither to hold nor to fail, or fail (the default).",
        ),
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(help="Write a summary to this file; appended if it is $GITHUB_STEP_SUMMARY."),
    ] = None,
) -> None:
    """Hold a study against thresholds: exit status 0 it holds, 1 not, 2 called wrongly, 3 study broken.

    A probe holds if its interval ends within the threshold. Settings not given come from
    [tool.underspec.gate] of the nearest pyproject.toml.
    """
    from rich.console import Console

    from underspec.cli.gate_settings import read_settings
    from underspec.core.store import Store
    from underspec.report.checks import markdown as as_markdown
    from underspec.report.checks import terminal
    from underspec.report.junit import junit as as_junit
    from underspec.study import read_findings
    from underspec.study.gate import Thresholds, hold, read_scores

    given = {
        "max_gap": max_gap,
        "max_drop": max_drop,
        "max_ratio": max_ratio,
        "min_mean": min_mean,
        "max_mean": max_mean,
        "metric": metric,
        "probe": probe or None,
        "per_probe": per_probe,
        "allow_undecided": allow_undecided,
        "junit": junit,
        "markdown": markdown,
    }
    settings: dict[str, Any] = read_settings(Path.cwd())
    settings |= {name: value for name, value in given.items() if value is not None}
    files = {name: settings.pop(name, None) for name in ("junit", "markdown")}
    patterns, metric = settings.pop("probe", ()), settings.pop("metric", None)
    flags = {name: settings.pop(name, False) for name in ("per_probe", "allow_undecided")}
    store = Store(folder)
    findings, thresholds = read_findings(store), Thresholds(**settings)
    scores = read_scores(store)
    checks = hold(findings, thresholds, metric=metric, scores=scores, probes=patterns, **flags)
    if files["junit"] is not None:
        _write(files["junit"], as_junit(checks))
    if files["markdown"] is not None:
        _write(files["markdown"], as_markdown(checks), append=_is_step_summary(files["markdown"]))
    terminal(checks, Console())
    if not checks.holds:
        raise typer.Exit(1)


def _write(path: Path, text: str, *, append: bool = False) -> None:
    from underspec.core.store import Store

    if append:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    else:
        Store(path.parent).write(path.name, text.encode())


def _is_step_summary(path: Path) -> bool:
    """Say whether a file is the one that the steps of a GitHub job share."""
    import os

    shared = os.environ.get("GITHUB_STEP_SUMMARY")
    return bool(shared) and path.resolve() == Path(shared or "").resolve()
