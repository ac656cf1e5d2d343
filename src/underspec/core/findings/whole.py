"""All findings of a study."""

from dataclasses import dataclass, field

from underspec.core.findings.arbitrariness import Arbitrariness
from underspec.core.findings.attribution import Attribution
from underspec.core.findings.choice import Advice, Choice
from underspec.core.findings.corruption_error import CorruptionError
from underspec.core.findings.epsilon import EpsilonCurve
from underspec.core.findings.interval import Intervals
from underspec.core.findings.probe import ProbeFinding
from underspec.core.findings.relation import (
    AccuracyLine,
    HoldoutRank,
    ProbeGroups,
    Relation,
    Transfer,
)
from underspec.core.findings.study import Pool, StudyFacts

__all__ = ["Findings"]


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
    advice: Advice | None = None
    corruption_errors: tuple[CorruptionError, ...] = ()
    epsilon_curve: EpsilonCurve | None = None
    probe_groups: ProbeGroups | None = None
    holdout_ranks: tuple[HoldoutRank, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    accuracy_lines: tuple[AccuracyLine, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
