"""Whether being good on one probe goes with being good on another."""

from dataclasses import dataclass

from underspec.core.findings.interval import Interval

__all__ = ["Relation"]


@dataclass(frozen=True)
class Relation:
    """Correlation over kept variants between two probes, noise and shared examples taken out.

    Attributes:
        a: name of one probe.
        b: name of the other.
        pearson: None where too noisy to say.
        spearman: what `pearson` means for ranks, under normal effects.
        raw: Pearson's correlation as observed, noise and shared examples left in.
        raw_spearman: the rank correlation as observed.
        reliability: the smaller of the two probes' reliabilities.
        p: two-sided, that the corrected correlation is 0.
        p_adjusted: over the relations of the study (Benjamini-Hochberg).
        note: what to bear in mind, or why there is no value.
    """

    a: str
    b: str
    pearson: Interval
    spearman: Interval
    raw: float | None
    raw_spearman: float | None
    reliability: float | None
    p: float | None
    p_adjusted: float | None
    note: str | None
