"""The report as Markdown, for a pull request or a model card."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from underspec.core.errors import UsageError
from underspec.core.findings import Findings, ProbeFinding
from underspec.report._protocol import Dossier
from underspec.report.answer import answer, ships
from underspec.report.attribution import attribution_said
from underspec.report.errors import error_rows
from underspec.report.numbers import Units
from underspec.report.pairs import FLIPS, against, flip_rows, flips_said, level
from underspec.report.rules import told
from underspec.report.shown import SMALLEST_GROUP, Further, Shown, plain, shown, title
from underspec.report.words import VERDICTS, WHOSE_GAIN, ranges, verdict_text

__all__ = ["Markdown", "lines", "safe"]

# Everything that Markdown or the HTML in it would read as more than a letter.
_MARKS = re.compile(r"([\\`*_\[\]|~>$]|^[-+=])")

_LINKS = re.compile(r"[@#]|:(?=//)|www(?=\.)")


@dataclass(frozen=True)
class Markdown:
    """The report in GitHub's Markdown.

    Attributes:
        rows: probes shown at once, gravest first; the others are folded.
        most: probes shown at all, so that a comment stays under what hosts accept.
    """

    rows: int = 12
    most: int = 150

    def __post_init__(self) -> None:
        if not 0 <= self.rows <= self.most:
            raise UsageError(
                f"The report 'markdown' got rows={self.rows} and most={self.most}. Give rows from "
                "0 up to most."
            )

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        return "md"

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the report as Markdown."""
        dossier = told(dossier)
        findings = dossier.findings
        seen, units, said = shown(findings), Units(findings.study.metric), answer(dossier)
        parts = [f"## {VERDICTS[said.verdict].mark} {said.headline}"]
        if dossier.synthetic:
            parts.append(f"> **Synthetic data:** {safe(dossier.synthetic)}.")
        parts.append(" ".join(f"**{topic}.** {safe(text, 2000)}" for topic, text in said.sentences))
        parts += self._verdicts(seen, units)
        parts += [_further(further, self.most) for further in seen.further]
        parts += _flips(findings, seen)
        if sources := attribution_said(dossier, seen):
            parts.append(f"**Sources.** {safe(sources, 2000)}")
        if findings.corruption_errors:
            parts.append(_errors(findings))
        if findings.choices:
            parts += [_choices(dossier, units), WHOSE_GAIN]
        parts += [f"- {safe(note, 1000)}" for note in findings.notes]
        parts.append(_foot(dossier, seen, units))
        return "\n\n".join(parts) + "\n"

    def _verdicts(self, seen: Shown, units: Units) -> list[str]:
        gravity = list(VERDICTS)
        stressed = sorted(seen.stressed, key=lambda p: gravity.index(p.verdict))[: self.most]
        yard = [seen.holdout] if seen.holdout else []
        parts = []
        if yard or stressed:
            parts.append(_table(units, [*yard, *stressed[: self.rows]]))
        rest = stressed[self.rows :]
        if rest:
            parts.append(
                f"<details><summary>{len(rest)} more probes</summary>\n\n{_table(units, rest)}\n\n"
                "</details>"
            )
        left = len(seen.stressed) - len(stressed)
        return [*parts, *([f"{left} more probes are in findings.json."] if left else [])]


def safe(text: object, limit: int = 120) -> str:
    """Return text that Markdown shows as it is: no markup, no tag, no mention of anybody."""
    clean = _MARKS.sub(r"\\\1", plain(text, limit).replace("&", "&amp;").replace("<", "&lt;"))
    # A word joiner, which has no width, keeps `@name`, `#1` and an address from becoming a link.
    return _LINKS.sub("\\g<0>\u2060", clean)


def lines(names: Sequence[str], rows: Iterable[Sequence[str]], left: int) -> str:
    """Return a table; its cells are Markdown already, and the first `left` columns are words."""
    rule = ["---" if at < left else "---:" for at in range(len(names))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (names, rule, *rows))


def _table(units: Units, probes: Sequence[ProbeFinding]) -> str:
    names = ("Stress test", "Verdict", safe(units.heading), "Drop", "Gap", "Spread")
    rows = [
        (
            safe(title(probe)),
            f"{VERDICTS[probe.verdict].mark} {verdict_text(probe)}",
            *_figures(probe),
        )
        for probe in probes
    ]
    return lines(names, rows, left=2)


def _further(further: Further, most: int) -> str:
    """Return what is told under a metric that does not judge, folded under its name."""
    units = Units(further.metric)
    names = ("Stress test", safe(units.heading), "Drop", "Gap", "Spread")
    table = lines(names, [(safe(title(p)), *_figures(p)) for p in further.probes[:most]], left=1)
    return (
        f"<details><summary>Also reported: {safe(units.name)}</summary>\n\n{table}\n\n"
        f"Drop and gap in {safe(units.unit)}; not judged.\n\n</details>"
    )


def _figures(probe: ProbeFinding) -> tuple[str, ...]:
    units, yard = Units(probe.metric), probe.kind == "holdout"
    return (
        str(level(probe)),
        "" if yard else str(units.differences(probe.drop)),
        str(units.differences(probe.gap)),
        str(against(probe)),
    )


def _flips(findings: Findings, seen: Shown) -> list[str]:
    rows = [
        (safe(row.probe), str(row.up), str(row.down), str(row.overlap), row.by_chance)
        for row in flip_rows(findings, seen)
    ]
    if not rows:
        return []
    table = lines(("Stress test", "Up", "Down", "Overlap", "By chance"), rows, left=1)
    return [f"**Flips.** {safe(flips_said(findings, seen), 600)}".rstrip(), table, FLIPS]


def _errors(findings: Findings) -> str:
    rows = [
        (safe(f"{row.suite}. {row.note}", 700), row.unit, str(row.mean), str(row.relative), str(row.gap))
        for row in error_rows(findings)
    ]  # fmt: skip
    return lines(("Corruption error", "In", "Mean", "Relative", "Gap"), rows, left=2)


def _choices(dossier: Dossier, units: Units) -> str:
    rows = []
    for choice in dossier.findings.choices:
        best = choice.rule == dossier.findings.recommended
        rows.append(
            (
                safe(choice.rule) + (" **(recommended)**" if best else ""),
                safe(ships(choice, dossier.findings), 300),
                str(units.differences(choice.gain)),
                str(units.differences(choice.transfer)),
            )
        )
    return lines(("Rule", "Would ship", "Gain over a random pick", "Transfer"), rows, left=2)


def _foot(dossier: Dossier, seen: Shown, units: Units) -> str:
    study = dossier.findings.study
    small = (
        f" Not shown: {seen.suppressed} groups with fewer than {SMALLEST_GROUP} examples."
        if seen.suppressed
        else ""
    )
    return (
        f"Study {safe(study.name)}: {study.variants.kept} kept of {study.variants.trained} "
        f"trained, {study.variants.failed} failed. Drop, gap, gain and transfer in {safe(units.unit)}; near-equal "
        f"is within {units.difference(study.epsilon)}; spread is true spread against that on the "
        f"holdout.{small} {safe(ranges(dossier.findings), 1000)}"
    )
