"""Whether being good on one probe goes with being good on another."""

from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings.interval import Interval

__all__ = [
    "AccuracyLine",
    "GroupRelation",
    "HoldoutRank",
    "OffLine",
    "ProbeGroup",
    "ProbeGroups",
    "RankAgreement",
    "Relation",
    "Transfer",
]


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


@dataclass(frozen=True)
class ProbeGroup:
    """Probes on which the same variants are good.

    Attributes:
        probes: their names, like beside like.
        correlation: mean corrected correlation of the pairs within; None for one probe.
        least: the smallest of them; None for one probe.
        stability: how much of the group comes out again when variants are resampled: the largest
            Jaccard overlap with a group of the resample, averaged.
        sure: whether the stability is .75 or more and each pair's adjusted p at most .05; None for
            one probe, which is no group.
    """

    probes: tuple[str, ...]
    correlation: float | None
    least: float | None
    stability: float
    sure: bool | None


@dataclass(frozen=True)
class GroupRelation:
    """Corrected correlation of the mean merit on two groups of probes.

    Attributes:
        a: the one's number in `ProbeGroups.groups`, from 0.
        b: the other's.
        pearson: None where too noisy to say.
        p_adjusted: two-sided, that it is 0, over all pairs of groups (Benjamini-Hochberg).
    """

    a: int
    b: int
    pearson: Interval
    p_adjusted: float | None


@dataclass(frozen=True)
class ProbeGroups:
    """Which probes go together, over kept variants.

    Average linkage on 1 - corrected correlation, cut where the mean correlation between two groups
    falls under `threshold`.

    Attributes:
        order: probes in the order of the tree's leaves.
        groups: in the same order.
        between: each pair of groups.
        left_out: probes that were not grouped, with the reason.
        threshold: of the mean correlation.
        resamples: for the stability.
        note: what to bear in mind.
    """

    order: tuple[str, ...]
    groups: tuple[ProbeGroup, ...]
    between: tuple[GroupRelation, ...]
    left_out: Mapping[str, str]
    threshold: float
    resamples: int
    note: str | None


@dataclass(frozen=True)
class RankAgreement:
    """Whether the better on the holdout is the better on a probe, noise taken out.

    Attributes:
        variants: how many it is over.
        spearman: rank correlation of the true means; None where too noisy to say.
        chance: that of two variants the truly better on the holdout is truly better on the probe;
            .5 where the holdout says nothing.
        raw_spearman: the rank correlation as observed.
        reliability: the smaller of the holdout's and the probe's.
        p: two-sided, that the correlation is 0.
        p_adjusted: over the probes of the study (Benjamini-Hochberg).
        note: what to bear in mind, or why there is no value.
    """

    variants: int
    spearman: Interval
    chance: Interval
    raw_spearman: float | None
    reliability: float | None
    p: float | None
    p_adjusted: float | None
    note: str | None


@dataclass(frozen=True)
class HoldoutRank:
    """Whether rank on the holdout predicts rank on a probe.

    Attributes:
        probe: its name.
        trained: over all trained variants: whether the holdout tells good ones from bad ones.
        kept: over the kept ones, whom the holdout has already called equal; selection leaves little
            of its spread. None under 10.
    """

    probe: str
    trained: RankAgreement
    kept: RankAgreement | None


@dataclass(frozen=True)
class Transfer:
    """How far the best variant on one probe leads on another.

    Attributes:
        chosen_on: the probe whose deciding half chose among the kept variants.
        used_on: the probe whose reporting half graded.
        lead: mean merit less the pool's, positive for better; over the examples, for these picks.
        p_adjusted: two-sided, that there is no lead, over all pairs (Benjamini-Hochberg); None where
            the grading probe comes from too few clusters to say.
        splits: halvings averaged.
        note: why nothing is said, or what to bear in mind.
    """

    chosen_on: str
    used_on: str
    lead: Interval
    p_adjusted: float | None
    splits: int
    note: str | None = None


@dataclass(frozen=True)
class OffLine:
    """A variant that is not where the line says.

    Attributes:
        variant: its id.
        points: accuracy above the line, negative below it.
        z: height above the line on the probit scale, in standard errors from the examples alone.
        p_adjusted: that it is on the line, over all variants and probes (Benjamini-Hochberg).
    """

    variant: str
    points: float
    z: float
    p_adjusted: float


@dataclass(frozen=True)
class AccuracyLine:
    """Probit accuracy on a probe as a straight line of that on the holdout, over trained variants.

    Attributes:
        probe: its name.
        variants: how many.
        slope: None where the spread on the holdout is too noisy.
        intercept: height of the line at accuracy .5 on the holdout, in probits.
        determination: share of the true variance on the probe that the line accounts for (R²).
        residual: standard deviation about the line, in probits, noise taken out.
        reliability: of the holdout's spread on the probit scale.
        z: variant to its height above the line, in standard errors from the examples alone.
        off: the variants off the line, adjusted p at most .05.
        note: what to bear in mind, or why there is no line.
    """

    probe: str
    variants: int
    slope: Interval
    intercept: Interval
    determination: Interval
    residual: Interval
    reliability: float | None
    z: Mapping[str, float]
    off: tuple[OffLine, ...]
    note: str | None
