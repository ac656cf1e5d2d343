"""The findings of a study, as `findings.json` holds them.

Every number stands with its interval; a value that the data cannot resolve, and an end that is
infinite, is None (null). Numbers are for the metric's own units unless said otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from underspec.core.records import Kind

__all__ = [
    "Arbitrariness",
    "Attribution",
    "Choice",
    "CorruptionError",
    "Drop",
    "Findings",
    "Gap",
    "Interval",
    "Intervals",
    "Mean",
    "Needs",
    "Overdispersion",
    "Pool",
    "ProbeFinding",
    "Ratio",
    "Relation",
    "Spread",
    "StudyFacts",
    "VariantCounts",
    "Verdict",
    "YesNo",
]

YesNo: TypeAlias = Literal["yes", "no", "unknown"]
Verdict: TypeAlias = Literal[
    "yardstick", "clean", "structural", "underspecified", "both", "undecided"
]


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its interval."""

    value: float | None
    low: float | None
    high: float | None


Mean = Interval
Drop = Interval


@dataclass(frozen=True)
class Intervals:
    """What every interval of the file means."""

    level: float
    over: str
    method: str


@dataclass(frozen=True)
class Spread:
    """Standard deviation over variants: observed² = true² + noise², exactly.

    Under two variants or two clusters there is no spread to speak of: everything is None.

    Attributes:
        observed: standard deviation of the variants' means on the probe's examples.
        noise: what a finite probe adds to it by itself.
        true: what is left, sqrt(max(0, true_squared)).
        true_squared: observed² - noise², signed and unbiased; may be negative by luck.
        low: lower end for `true`.
        high: upper end for `true`.
        reliability: true_squared / observed², between variants' luck (0) and behaviour (1); 0
            where true_squared is negative, None where the variants' means do not differ at all.
        doubtful: why the interval deserves doubt, or None.
    """

    observed: float | None
    noise: float | None
    true: float | None
    true_squared: float | None
    low: float | None
    high: float | None
    reliability: float | None
    doubtful: str | None


@dataclass(frozen=True)
class Gap:
    """Mean absolute difference between two kept variants, noise taken out (Gini's).

    Attributes:
        value: None under two kept variants or two clusters.
        low: None where `value` is.
        high: None where `value` is, and where no upper end can be given.
        form: how it was computed.
    """

    value: float | None
    low: float | None
    high: float | None
    form: str


@dataclass(frozen=True)
class Ratio:
    """True spread here over true spread on the holdout, and what a common skill alone gives.

    Attributes:
        value: None where the holdout's spread is not resolved: then only `low` can be said.
        low: None where either spread is undefined.
        high: None where it is infinite, and where `low` is None.
        null_ratio: the ratio that one common skill would give, the verdict's yardstick.
        denominator: which variants' spread on the holdout stands below the line.
    """

    value: float | None
    low: float | None
    high: float | None
    null_ratio: float | None
    denominator: str


@dataclass(frozen=True)
class Overdispersion:
    """Test of any spread at all: phi is 1 where variants are equal in truth."""

    phi: float | None
    p: float | None
    p_adjusted: float | None


@dataclass(frozen=True)
class Needs:
    """What would decide an undecided verdict, one at a time; None where nothing feasible does."""

    variants: int | None
    examples: int | None


@dataclass(frozen=True)
class ProbeFinding:
    """Everything that is said about one probe under one metric, from its reported examples.

    All is over the kept variants, but for the ratio's denominator and, in the holdout's own
    finding, the spread: that is the yardstick, over all trained variants. The holdout's gap is over
    the kept ones, and tells how near the near-equal variants are.

    Attributes:
        n: examples reported.
        clusters: clusters these come from.
        drop: how much worse than on the holdout, positive for worse whatever the metric.
        p: one-sided, that the gap is above epsilon and the ratio above its null.
        p_adjusted: over the probes of the study (Benjamini-Hochberg).
        verdict: the word for the two axes.
        other: ``undecided`` where `verdict` names one axis and the other is unknown.
        because: the same in a plain sentence, with the numbers.
        needs: what would settle the axes that are unknown, None where both are known.
        power: chance that this probe would have been called, before adjustment, had its true spread
            been twice what is allowed (the larger of epsilon's and the null ratio's).
    """

    name: str
    title: str
    metric: str
    kind: Kind
    family: str
    severity: float | None
    n: int
    clusters: int
    mean: Mean
    drop: Drop
    spread: Spread
    gap: Gap
    ratio: Ratio
    overdispersion: Overdispersion
    flips: None
    drop_verdict: YesNo
    spread_verdict: YesNo
    p: float | None
    p_adjusted: float | None
    verdict: Verdict
    other: Literal["undecided"] | None
    because: str
    needs: Needs | None
    power: float | None


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
class Arbitrariness:
    """How much of each decision hangs on which kept variant is asked.

    Attributes:
        disagreement: chance that two variants answer one example differently.
        ambiguity: share of examples on which some variant differs from the majority answer.
        discrepancy: largest share of examples that swapping in one variant changes.
        self_consistency: chance that two variants agree, averaged over examples.
        k: variants compared; ambiguity and discrepancy grow with it. Under two, all else is None.
    """

    probe: str
    disagreement: float | None
    ambiguity: float | None
    discrepancy: float | None
    self_consistency: float | None
    k: int


@dataclass(frozen=True)
class Attribution:
    """How much of the spread on a probe one source brings, over all trained variants.

    Attributes:
        probe: its name.
        source: the source, several joined by `` + `` where they move together; of the rest, the
            sources that differ in every variant, or ``interaction``.
        kind: ``source``, or ``rest`` for what no source explains by itself.
        layout: ``one_at_a_time`` where each source varies alone around one base, ``levels`` where
            variants share levels of sources (crossed, nested).
        levels: levels of the source; variants for the rest.
        spread: standard deviation that the source brings, noise of a finite probe taken out.
        variance: its square, signed and unbiased; may be negative by luck.
        share: of the variance of a run that draws every source anew; with ``one_at_a_time`` of the
            sum over the sources.
        icc: the share as observed, noise left in.
        f: on these very examples; against the rest, with ``one_at_a_time`` against their noise.
        df: degrees of freedom of f above the line.
        df_below: below it, None where f is against the noise of the examples.
        p: one-sided, that the source does nothing on these examples.
        p_true: the same of examples like these: f less the luck with these examples that variants
            of one level share.
        p_adjusted: `p_true` over all sources and probes of the study (Benjamini-Hochberg).
        note: what to bear in mind, or why there is no value.
    """

    probe: str
    source: str
    kind: Literal["source", "rest"]
    layout: Literal["one_at_a_time", "levels"]
    levels: int
    spread: Interval
    variance: float | None
    share: Interval
    icc: float | None
    f: float | None
    df: float | None
    df_below: float | None
    p: float | None
    p_true: float | None
    p_adjusted: float | None
    note: str | None


@dataclass(frozen=True)
class Choice:
    """What a rule would ship, and what the rule gains over a random pick.

    Attributes:
        rule: its name.
        variants: its pick on the study's own halving of the examples.
        gain: how much closer to the best the rule's picks come in their worst test than a random
            pick does, on the half that did not choose; averaged over halvings, each with its pick.
        transfer: mean lead over the pool on families of tests that were left out of the choice.
        splits: how many halvings.
    """

    rule: str
    variants: tuple[str, ...]
    gain: Interval
    transfer: Interval
    splits: int


@dataclass(frozen=True)
class CorruptionError:
    """Mean corruption error of a published set (Hendrycks & Dietterich, ICLR 2019, section 4.2).

    Attributes:
        suite: the set, such as ``imagenet_c``; ``-gen`` at its end: made afresh, not comparable
            with published figures.
        baseline: whose errors divide each corruption's, None: the errors are averaged as they are.
        complete: whether all corruptions and severities of the set were there.
        families: error of each corruption over its severities, divided by the baseline's, the mean
            over kept variants.
        mean: over the corruptions (mCE), of the average kept variant.
        relative: the same of the errors added to those on the holdout, where all is there for it.
        gap: how far two kept variants typically differ in the mean, noise taken out.
        note: what the figure leaves out or may not be held against, None where nothing.
    """

    suite: str
    baseline: str | None
    complete: bool
    families: Mapping[str, float]
    mean: Interval
    relative: Interval
    gap: Gap
    note: str | None


@dataclass(frozen=True)
class Pool:
    """The near-equal variants, and each other one with the reason it was dropped."""

    kept: tuple[str, ...]
    dropped: Mapping[str, str]
    holdout_spread_after_selection: float | None
    note: str | None = None


@dataclass(frozen=True)
class VariantCounts:
    """How many variants were asked for, trained, failed and kept."""

    asked: int
    trained: int
    failed: int
    kept: int


@dataclass(frozen=True)
class StudyFacts:
    """What the study was about.

    Attributes:
        smallest_margin: the least epsilon by which a variant of this study could be certified
            near-equal (two one-sided tests at 5 %, 80 % power), None under two variants.
    """

    name: str
    task: str
    metric: str
    epsilon: float
    max_drop: float | None
    smallest_margin: float | None
    variants: VariantCounts


@dataclass(frozen=True)
class Findings:
    """The content of `findings.json`."""

    schema: int
    intervals: Intervals
    study: StudyFacts
    pool: Pool
    probes: tuple[ProbeFinding, ...]
    relations: tuple[Relation, ...] = ()
    arbitrariness: tuple[Arbitrariness, ...] = ()
    attribution: tuple[Attribution, ...] = ()
    choices: tuple[Choice, ...] = ()
    recommended: str | None = None
    corruption_errors: tuple[CorruptionError, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
