"""The findings of a study, as `findings.json` holds them.

Every number stands with its interval; a value that the data cannot resolve, and an end that is
infinite, is None (null). Numbers are for the metric's own units unless said otherwise.
"""

from underspec.core.findings.arbitrariness import (
    Abstention,
    AmbiguityAt,
    Arbitrariness,
    ArbitrarinessEnds,
    GroupArbitrariness,
    ScoreRange,
    SelectiveEnsemble,
)
from underspec.core.findings.attribution import Attribution
from underspec.core.findings.choice import Advice, Choice, WinnersCurse
from underspec.core.findings.corruption_error import CorruptionError
from underspec.core.findings.epsilon import EpsilonCalls, EpsilonCurve, EpsilonPoint
from underspec.core.findings.interval import Interval, Intervals
from underspec.core.findings.probe import (
    Drop,
    Flips,
    Gap,
    Mean,
    Needs,
    Overdispersion,
    ProbeFinding,
    Ratio,
    Spread,
    Verdict,
    YesNo,
)
from underspec.core.findings.relation import (
    AccuracyLine,
    GroupRelation,
    HoldoutRank,
    OffLine,
    ProbeGroup,
    ProbeGroups,
    RankAgreement,
    Relation,
    Transfer,
)
from underspec.core.findings.study import Pool, StudyFacts, VariantCounts
from underspec.core.findings.whole import Findings

__all__ = [
    "Abstention",
    "AccuracyLine",
    "Advice",
    "AmbiguityAt",
    "Arbitrariness",
    "ArbitrarinessEnds",
    "Attribution",
    "Choice",
    "CorruptionError",
    "Drop",
    "EpsilonCalls",
    "EpsilonCurve",
    "EpsilonPoint",
    "Findings",
    "Flips",
    "Gap",
    "GroupArbitrariness",
    "GroupRelation",
    "HoldoutRank",
    "Interval",
    "Intervals",
    "Mean",
    "Needs",
    "OffLine",
    "Overdispersion",
    "Pool",
    "ProbeFinding",
    "ProbeGroup",
    "ProbeGroups",
    "RankAgreement",
    "Ratio",
    "Relation",
    "ScoreRange",
    "SelectiveEnsemble",
    "Spread",
    "StudyFacts",
    "Transfer",
    "VariantCounts",
    "Verdict",
    "WinnersCurse",
    "YesNo",
]
