"""Puts a study of known truth through the product: halves, pool, verdicts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from underspec import select
from underspec.core.errors import UsageError
from underspec.core.findings import ProbeFinding
from underspec.core.records import Booleans
from underspec.core.streams import Stream, deciding
from underspec.measure import Evidence, Scale, judge
from underspec.select._protocol import Evidence as Deciding
from underspec.testing.worlds._protocol import Drawn, World

__all__ = ["Audited", "audit"]


@dataclass(frozen=True, eq=False)
class Audited:
    """The findings of a study, and the study it was.

    Attributes:
        drawn: the study; its probes have been used up.
        kept: ids of the pool.
        findings: the holdout's, then the probes'.
    """

    drawn: Drawn
    kept: tuple[str, ...]
    findings: tuple[ProbeFinding, ...]

    @property
    def false_calls(self) -> int:
        """Probes called ``underspecified`` or ``both`` that are not so in truth."""
        return sum(
            one.spread_verdict == "yes" and not self.drawn.truths[one.name].parts
            for one in self.findings[1:]
        )


def audit(world: World, key: Stream, *, selection: bool = True) -> Audited:
    """Draw a study and judge it by accuracy, or by what the world measures.

    Args:
        world: where the study comes from.
        key: stream of the study; also of its halves.
        selection: whether half the holdout's images decide who is near-equal (`margin` around the
            median) and the other half is reported. If not, every variant and image is used.

    Raises:
        UsageError: selection in a world of a metric that is no mean, whose halves would have to be
            measured by themselves.
    """
    drawn = world.draw(key)
    holdout, kept, probes = drawn.holdout, drawn.holdout.variants, drawn.probes
    if selection:
        if holdout.truth is not None:
            raise UsageError(f"The world {world!r} is for whole studies: use selection=False.")
        root = key.seed()
        decide = deciding(root, holdout.clusters)
        kept = select.get("margin", epsilon=world.epsilon)(
            Deciding(holdout.variants, holdout.contributions[:, decide], holdout.clusters[decide])
        ).kept
        holdout, probes = _only(holdout, ~decide), _reported(drawn.holdout, probes, ~decide)
    findings = judge(
        holdout,
        probes,
        kept=kept,
        metric_name="accuracy",
        metric=Scale(),
        epsilon=world.epsilon,
        max_drop=world.max_drop,
    )
    return Audited(drawn, kept, findings)


def _reported(
    holdout: Evidence, probes: Iterator[Evidence], report: Booleans
) -> Iterator[Evidence]:
    """Yield probes; of those with the holdout's images only the reported half."""
    for probe in probes:
        same = np.array_equal(probe.clusters, holdout.clusters)
        yield _only(probe, report) if same else probe


def _only(evidence: Evidence, rows: Booleans) -> Evidence:
    return replace(
        evidence,
        contributions=evidence.contributions[:, rows],
        clusters=evidence.clusters[rows],
    )
