"""Corruption errors as readers see them, the same in every format."""

from dataclasses import dataclass

from underspec.core.findings import CorruptionError, Findings
from underspec.report.numbers import Estimate, Units, estimate, number
from underspec.report.shown import plain

__all__ = ["ErrorRow", "error_rows"]


@dataclass(frozen=True)
class ErrorRow:
    """One published set.

    Attributes:
        suite: its name.
        unit: what its figures are in.
        mean: mean corruption error.
        relative: the same of what is added to the errors on the holdout.
        gap: between two kept variants.
        families: each corruption with its error, worst first.
        note: what the figure may not be held against.
    """

    suite: str
    unit: str
    mean: Estimate
    relative: Estimate
    gap: Estimate
    families: tuple[tuple[str, str], ...]
    note: str


def error_rows(findings: Findings) -> tuple[ErrorRow, ...]:
    """Return what reports say of corruption errors, per cent throughout."""
    return tuple(_row(one) for one in findings.corruption_errors)


def _row(one: CorruptionError) -> ErrorRow:
    worst = sorted(one.families.items(), key=lambda item: (-item[1], item[0]))
    return ErrorRow(
        suite=plain(one.suite, 60).replace("_", " ").replace("-gen", " (gen)"),
        unit="per cent of AlexNet's errors" if one.baseline else "per cent of examples",
        mean=estimate(one.mean, _per_cent),
        relative=estimate(one.relative, _per_cent),
        gap=Units("accuracy").differences(one.gap),
        families=tuple((plain(c, 40).replace("_", " "), _per_cent(e)) for c, e in worst),
        note=plain(one.note or "", 600),
    )


def _per_cent(value: float | None) -> str:
    return number(value, 1, 100)
