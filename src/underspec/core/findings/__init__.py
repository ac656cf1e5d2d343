"""The findings of a study, as `findings.json` holds them.

Every number stands with its interval; a value that the data cannot resolve, and an end that is
infinite, is None (null). Numbers are for the metric's own units unless said otherwise.
"""

from underspec.core.findings.arbitrariness import Arbitrariness
from underspec.core.findings.attribution import Attribution
from underspec.core.findings.choice import Choice
from underspec.core.findings.corruption_error import CorruptionError
from underspec.core.findings.interval import Interval, Intervals
from underspec.core.findings.probe import (
    Drop,
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
from underspec.core.findings.relation import Relation
from underspec.core.findings.study import Pool, StudyFacts, VariantCounts
from underspec.core.findings.whole import Findings

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
