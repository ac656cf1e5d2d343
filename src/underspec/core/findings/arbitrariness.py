"""How much of each decision hangs on which near-equal variant is asked."""

from dataclasses import dataclass

from underspec.core.findings.interval import Interval

__all__ = [
    "Abstention",
    "AmbiguityAt",
    "Arbitrariness",
    "ArbitrarinessEnds",
    "GroupArbitrariness",
    "ScoreRange",
    "SelectiveEnsemble",
]


@dataclass(frozen=True)
class ArbitrarinessEnds:
    """The four measures with their intervals.

    Attributes:
        disagreement: over variants and examples.
        ambiguity: over examples (clusters) only, for these k variants.
        discrepancy: likewise; the value is the largest observed, which luck makes too large.
        self_consistency: over variants and examples.
    """

    disagreement: Interval
    ambiguity: Interval
    discrepancy: Interval
    self_consistency: Interval


@dataclass(frozen=True)
class AmbiguityAt:
    """Ambiguity that a study of fewer variants would have found on average, exactly.

    Attributes:
        k: variants.
        share: of examples on which k of them, drawn at random, do not all agree; over variants and
            examples where k is at most half of those at hand, else over examples only.
        over_variants: whether the interval is over variants too.
    """

    k: int
    share: Interval
    over_variants: bool


@dataclass(frozen=True)
class ScoreRange:
    """A measure of how far apart the scores of one example lie, over examples.

    Attributes:
        mean: over examples; the interval over examples only, for these k variants.
        high: the 90th percentile over examples, likewise.
        examples: how many it is from; fewer than the probe has where a subset was taken.
        of: whose score: ``label``, the majority's answer (``majority``), or all classes (``all``).
        k: variants; both figures grow with it.
    """

    mean: Interval
    high: Interval
    examples: int
    of: str
    k: int


@dataclass(frozen=True)
class Abstention:
    """Answering only where enough variants agree.

    Attributes:
        agree: least share of the k variants that must give the majority's answer; 0 answers all.
        coverage: share of examples answered.
        accuracy: of the majority's answer there; None without labels.
        disagreement: chance that two variants differ on an example that is answered.
    """

    agree: float
    coverage: Interval
    accuracy: Interval | None
    disagreement: Interval


@dataclass(frozen=True)
class SelectiveEnsemble:
    """Answering only where a test tells the majority's answer from the runner-up's.

    Attributes:
        alpha: at most the chance, at any example, of answering otherwise than the training
            procedure mostly does.
        coverage: share of examples answered.
        accuracy: there; None without labels.
        votes: of the k, if all others went to one other answer, that it takes; None where not even
            all of them suffice.
    """

    alpha: float
    coverage: Interval
    accuracy: Interval | None
    votes: int | None


@dataclass(frozen=True)
class GroupArbitrariness:
    """The measures on one group of a probe's examples; intervals as of the whole, unadjusted.

    Attributes:
        column: what groups them; ``class`` is the label.
        group: which.
        n: examples.
        clusters: of them.
        disagreement: over variants and examples.
        ambiguity: over examples only.
        discrepancy: likewise.
        viable_range: mean of the range of scores, likewise; None without scores.
    """

    column: str
    group: str
    n: int
    clusters: int
    disagreement: Interval
    ambiguity: Interval
    discrepancy: Interval
    viable_range: Interval | None


@dataclass(frozen=True)
class Arbitrariness:
    """How much of each decision hangs on which kept variant is asked.

    Attributes:
        disagreement: chance that two variants answer one example differently.
        ambiguity: share of examples on which some variant differs from the majority answer.
        discrepancy: largest share of examples that swapping in one variant changes.
        self_consistency: chance that two variants agree, averaged over examples.
        k: variants compared; ambiguity and discrepancy grow with it. Under two, all else is None.
        ends: the same with intervals.
        error_consistency: Cohen's kappa of the variants' errors, averaged over pairs, over variants
            and examples; None without labels or under three variants.
        ambiguity_at: what fewer variants would have found, so that studies can be compared.
        viable_range: largest less smallest score of one class; None where no scores were kept.
        capacity: Rashomon capacity in bits; None where not all scores were kept.
        groups: by label class and by whatever else is known.
        suppressed: groups of under 10 examples, of which nothing is told.
        abstention: from always answering to answering only where all agree.
        selective: the selective ensemble.
        notes: what to bear in mind.
    """

    probe: str
    disagreement: float | None
    ambiguity: float | None
    discrepancy: float | None
    self_consistency: float | None
    k: int
    ends: ArbitrarinessEnds | None = None
    error_consistency: Interval | None = None
    ambiguity_at: tuple[AmbiguityAt, ...] = ()
    viable_range: ScoreRange | None = None
    capacity: ScoreRange | None = None
    groups: tuple[GroupArbitrariness, ...] = ()
    suppressed: int = 0
    abstention: tuple[Abstention, ...] = ()
    selective: SelectiveEnsemble | None = None
    notes: tuple[str, ...] = ()
