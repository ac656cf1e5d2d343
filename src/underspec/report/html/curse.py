"""The winner's curse as a table: what a pick looks like to who chose it, and what it is worth."""

from dataclasses import dataclass

from underspec.core.findings import Findings
from underspec.report.numbers import Estimate, Units
from underspec.report.shown import Shown, plain

__all__ = ["CurseRow", "curse_rows"]


@dataclass(frozen=True)
class CurseRow:
    """One rule on one probe."""

    rule: str
    title: str
    decided: Estimate
    reported: Estimate
    optimism: Estimate


def curse_rows(findings: Findings, seen: Shown, units: Units) -> list[CurseRow]:
    """Return the rows of the table: for each rule the holdout, and where the variants do worst."""
    return [
        CurseRow(
            rule=plain(choice.rule, 60),
            title=seen.titles[told.probe],
            decided=units.levels(told.decided),
            reported=units.levels(told.reported),
            optimism=units.differences(told.optimism),
        )
        for choice in findings.choices
        for told in choice.winners_curse
        if told.probe in seen.titles
    ]
