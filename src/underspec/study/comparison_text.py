"""A comparison in words: plain text for a terminal, Markdown for a pull request."""

import io
from collections.abc import Iterator

from underspec.report.markdown import safe
from underspec.report.numbers import Units, chance, estimate, number
from underspec.report.shown import plain
from underspec.study.comparison import Compared, Comparison, Side

__all__ = ["comparison_markdown", "comparison_text", "headline"]

_BETTER = {"a": "A", "b": "B", "unknown": "undecided"}


def headline(comparison: Comparison) -> str:
    """Return what was found, in one sentence."""
    probes = comparison.probes
    count = {side: sum(p.better == side for p in probes) for side in ("a", "b")}
    if not count["a"] and not count["b"]:
        many = f"any of {len(probes)} probes" if len(probes) > 1 else "the probe compared"
        return f"A and B are not told apart on {many}."
    parts = [f"{side.upper()} is better on {n}" for side, n in count.items() if n]
    rest = len(probes) - count["a"] - count["b"]
    return f"Of {len(probes)} probes {' and '.join(parts)}; on {rest} they are not told apart."


def _side(letter: str, side: Side, comparison: Comparison) -> str:
    what = "near-equal " if comparison.which == "kept" else ""
    pairs = ", paired by their seeds" if comparison.paired_variants else ""
    return (
        f"{letter} is {plain(side.name)} in {plain(side.folder, 200)}: {side.variants} {what}variants of "
        f"{side.trained} trained{pairs}."
    )


def _row(probe: Compared, units: Units) -> tuple[str, ...]:
    own, other = probe.examples
    return (
        plain(probe.title, 60),
        _BETTER[probe.better],
        units.level(probe.mean[0]),
        units.level(probe.mean[1]),
        str(units.differences(probe.difference)),
        chance(probe.p_adjusted),
        str(estimate(probe.beats, _share)),
        units.bare(probe.detectable),
        f"{own}" if probe.same_examples else f"{own}, {other}",
    )


def _share(value: float | None) -> str:
    return number(value, 2)


_NAMES = ("Probe", "Better", "A", "B", "A − B", "p", "P(A > B)", "Detectable", "Examples")


def _below(comparison: Comparison, units: Units) -> str:
    unit = f"in {units.points.strip()}" if units.points else f"in units of {units.name}"
    turn = "" if comparison.greater_is_better else " Less is better."
    return (
        f"A − B: difference of mean {units.name}, {unit}, 95 % over variants and examples.{turn} p: two-sided, "
        f"adjusted over {len(comparison.probes)} probes (Holm). P(A > B): a random variant of A does "
        "better than one of B. Detectable: the difference found with 80 % power, before adjustment. "
        "Examples: one number where both have the same, which are paired."
    )


def comparison_text(comparison: Comparison, width: int = 120) -> str:
    """Return a comparison as plain text."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    units = Units(comparison.metric)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in _NAMES:
        left = name in ("Probe", "Better")
        table.add_column(name, justify="left" if left else "right", no_wrap=not left)
    for probe in comparison.probes:
        table.add_row(*_row(probe, units))
    paper = io.StringIO()
    console = Console(file=paper, width=width, color_system=None, force_jupyter=False, _environ={})
    for part in (*_head(comparison), "", table, "", _below(comparison, units)):
        console.print(part, markup=False, emoji=False, highlight=False)
    for note in comparison.notes:
        console.print(f"Note: {plain(note, 1000)}", markup=False, emoji=False, highlight=False)
    return "\n".join(line.rstrip() for line in paper.getvalue().splitlines()).strip("\n") + "\n"


def _head(comparison: Comparison) -> Iterator[str]:
    yield headline(comparison)
    yield _side("A", comparison.a, comparison)
    yield _side("B", comparison.b, comparison)


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison in GitHub's Markdown, the Multi-Bootstrap's interval included."""
    units, drawn = Units(comparison.metric), comparison.resamples > 0
    names = [*_NAMES, *(["Multi-Bootstrap"] if drawn else [])]
    rows = [names, ["---" if at < 2 else "---:" for at in range(len(names))]]
    for probe in comparison.probes:
        more = [str(units.differences(probe.multi_bootstrap))] if probe.multi_bootstrap else []
        rows.append([safe(cell) for cell in (*_row(probe, units), *more)])
    first, *sides = _head(comparison)
    parts = [
        f"## {first}",
        " ".join(safe(side, 600) for side in sides),
        "\n".join(f"| {' | '.join(row)} |" for row in rows),
        safe(_below(comparison, units), 2000)
        + (f" Multi-Bootstrap: {comparison.resamples} resamples." if drawn else ""),
        *(f"- {safe(note, 1000)}" for note in comparison.notes),
    ]
    return "\n\n".join(parts) + "\n"
