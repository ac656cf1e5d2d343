"""What is said of one probe."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from underspec.core.findings.interval import Interval
from underspec.core.records import Kind

__all__ = [
    "Drop",
    "Flips",
    "Gap",
    "Mean",
    "Needs",
    "Overdispersion",
    "ProbeFinding",
    "Ratio",
    "Spread",
    "Verdict",
    "YesNo",
]


YesNo: TypeAlias = Literal["yes", "no", "unknown"]
Verdict: TypeAlias = Literal[
    "yardstick", "clean", "structural", "underspecified", "both", "undecided", "reported"
]
Mean = Interval
Drop = Interval


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
class Flips:
    """Which pairs of a contrastive probe kept variants flip: those whose two sides they answer differently.

    Attributes:
        up: mean share of pairs that flip up: with two classes from the first to the second (the
            positive one), with more from a wrong answer to the right one; then None without labels.
        down: the same, the other way.
        jaccard: how alike the flipped sets of two variants are, ``|A and B| / |A or B|``, mean over
            pairs of variants that flip something; all its parts None under two of these.
        by_chance: what it would be on average for sets of these sizes that were drawn at random.
        variants: kept variants that flip something.
    """

    up: Interval | None
    down: Interval | None
    jaccard: Interval
    by_chance: float | None
    variants: int


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

    A contrastive probe is read pair by pair: its mean is the share of pairs whose two sides a
    variant answers alike (for regression, minus the mean difference), its drop what that lacks of
    all, and no spread on the holdout is like its own.

    Attributes:
        metric: the one that it is told under. A contrastive probe has the judging one where it is
            judged beside that; otherwise ``agreement`` or, for regression, ``closeness``.
        n: examples reported; of a contrastive probe, pairs.
        clusters: clusters these come from.
        drop: how much worse than on the holdout, positive for worse whatever the metric.
        flips: of a contrastive probe; None of any other, and for regression.
        p: one-sided, that the gap is above epsilon and the ratio above its null; of a contrastive
            probe, that the gap is.
        p_adjusted: over the probes of the study (Benjamini-Hochberg).
        verdict: the word for the two axes.
        other: ``undecided`` where `verdict` names one axis and the other is unknown.
        because: the same in a plain sentence, with the numbers.
        needs: what would settle the axes that are unknown, None where both are known.
        power: chance that this probe would have been called, before adjustment, had its true spread
            been twice what is allowed (the larger of epsilon's and the null ratio's; epsilon's alone
            where it is contrastive).
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
    flips: Flips | None
    drop_verdict: YesNo
    spread_verdict: YesNo
    p: float | None
    p_adjusted: float | None
    verdict: Verdict
    other: Literal["undecided"] | None
    because: str
    needs: Needs | None
    power: float | None
