"""What of a dossier is shown to readers, and in which order; small groups are left out."""

from collections.abc import Iterable
from dataclasses import dataclass

from underspec.core.findings import Findings, ProbeFinding

__all__ = [
    "SMALLEST_GROUP",
    "Family",
    "Further",
    "Shown",
    "listed",
    "plain",
    "shown",
    "title",
]

SMALLEST_GROUP = 10

# Controls, and marks that turn the direction of writing and so can disguise a name.
_UNSEEN = {
    code: " "
    for codes in (range(32), range(127, 160), range(0x202A, 0x202F), range(0x2066, 0x206A))
    for code in codes
}
_UNSEEN |= dict.fromkeys((0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF), " ")
_UNSEEN |= dict.fromkeys(range(0xD800, 0xE000), "�")


@dataclass(frozen=True)
class Family:
    """The probes of one stress test, mildest first."""

    name: str
    probes: tuple[ProbeFinding, ...]

    @property
    def worst(self) -> ProbeFinding:
        """The severest probe; where there are no degrees, the one with the widest gap."""
        return max(self.probes, key=lambda p: (_degree(p), p.gap.value or 0.0))


@dataclass(frozen=True)
class Further:
    """What is told under a metric that does not judge, the holdout first."""

    metric: str
    probes: tuple[ProbeFinding, ...]


@dataclass(frozen=True)
class Shown:
    """The findings that readers see.

    Attributes:
        holdout: the yardstick, under the first metric; None where the findings lack it.
        families: stress tests under the first metric.
        others: all findings under further metrics.
        names: of all probes that may be shown.
        suppressed: groups left out because they hold fewer than `SMALLEST_GROUP` examples.
    """

    holdout: ProbeFinding | None
    families: tuple[Family, ...]
    others: tuple[ProbeFinding, ...]
    names: frozenset[str]
    suppressed: int

    @property
    def stressed(self) -> tuple[ProbeFinding, ...]:
        """All stress tests under the first metric, in the order of families."""
        return tuple(probe for family in self.families for probe in family.probes)

    @property
    def strata(self) -> int:
        """How many stress tests are groups of the examples of another probe."""
        return sum(probe.kind == "stratified" for probe in self.stressed)

    @property
    def further(self) -> tuple[Further, ...]:
        """The findings under further metrics, metric by metric."""
        found: dict[str, list[ProbeFinding]] = {}
        for probe in self.others:
            found.setdefault(probe.metric, []).append(probe)
        return tuple(
            Further(metric, tuple(sorted(probes, key=lambda p: p.kind != "holdout")))
            for metric, probes in found.items()
        )

    @property
    def titles(self) -> dict[str, str]:
        """Probe name to title."""
        known = (self.holdout, *self.stressed, *self.others)
        return {probe.name: title(probe) for probe in known if probe is not None}

    def worst(self, limit: int) -> tuple[ProbeFinding, ...]:
        """Return one probe a family, at most `limit`: then those with the most true spread."""
        one_each = [family.worst for family in self.families]
        ranked = sorted(one_each, key=lambda p: -(p.spread.true or 0.0))[:limit]
        return tuple(probe for probe in one_each if probe in ranked)


def shown(findings: Findings) -> Shown:
    """Return what readers see of the findings."""
    small = {p.name for p in findings.probes if p.kind == "stratified" and p.n < SMALLEST_GROUP}
    probes = [probe for probe in findings.probes if probe.name not in small]
    first = [probe for probe in probes if probe.metric == findings.study.metric]
    families: dict[str, list[ProbeFinding]] = {}
    for probe in first:
        if probe.kind != "holdout":
            families.setdefault(probe.family, []).append(probe)
    return Shown(
        holdout=next((probe for probe in first if probe.kind == "holdout"), None),
        families=tuple(
            Family(name, tuple(sorted(members, key=_degree))) for name, members in families.items()
        ),
        others=tuple(probe for probe in probes if probe.metric != findings.study.metric),
        names=frozenset(probe.name for probe in probes),
        suppressed=len(small),
    )


def title(probe: ProbeFinding) -> str:
    """Return how readers see a probe called."""
    return plain(probe.title or probe.name, 100)


def plain(text: object, limit: int = 240) -> str:
    """Return text from outside without unseen characters, cut where it is unduly long."""
    clean = str(text).translate(_UNSEEN)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _degree(probe: ProbeFinding) -> float:
    return probe.severity if probe.severity is not None else 0.0
