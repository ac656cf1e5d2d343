"""How pool and verdicts move with epsilon."""

from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings.probe import Gap

__all__ = ["EpsilonCalls", "EpsilonCurve", "EpsilonPoint"]


@dataclass(frozen=True)
class EpsilonPoint:
    """What the study would have found with another epsilon: of the pool rule and of the gap.

    Attributes:
        epsilon: in the metric's units.
        kept: near-equal variants on the deciding half.
        mean_gap: the typical gap, averaged over the stress tests; None where none has one.
        worst: the stress test with the widest gap, None where none has one.
        worst_gap: its gap. The interval is that of one test alone and knows nothing of its having
            been picked as the widest.
        verdicts: stress tests by word; words that none has are left out.
        note: that too few are kept for a verdict on spread, or None.
    """

    epsilon: float
    kept: int
    mean_gap: float | None
    worst: str | None
    worst_gap: Gap
    verdicts: Mapping[str, int]
    note: str | None


@dataclass(frozen=True)
class EpsilonCalls:
    """At which epsilons of the curve one stress test is called `underspecified` or `both`.

    Attributes:
        probe: its name.
        first: the smallest at which it is called, None where it never is.
        last: the largest at which it is called, None where it never is.
        critical: the next one, from which on it is called no more; None where it never is called,
            and where it still is at the largest.
    """

    probe: str
    first: float | None
    last: float | None
    critical: float | None


@dataclass(frozen=True)
class EpsilonCurve:
    """The study judged again at other epsilons, smallest first, the study's own among them.

    An epsilon that was chosen for what it gives here is chosen with the very data that are judged:
    the verdicts then hold less than they say.

    Attributes:
        own: the study's epsilon.
        points: one an epsilon.
        probes: one a stress test, in their order; contrastive ones are left out.
    """

    own: float
    points: tuple[EpsilonPoint, ...]
    probes: tuple[EpsilonCalls, ...]
