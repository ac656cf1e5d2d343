"""All findings that hold probes against each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from underspec.core.findings import AccuracyLine, HoldoutRank, ProbeGroups, Relation
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.accuracy_line import accuracy_lines
from underspec.measure.contrastive import oriented
from underspec.measure.groups import gather
from underspec.measure.holdout_rank import holdout_ranks
from underspec.measure.relations import Together, relate, together

__all__ = ["SideBySide", "side_by_side"]

_PART = "a group of another probe's examples, and so alike to it by itself"


@dataclass(frozen=True)
class SideBySide:
    """What probes have to do with each other; see the findings of these names."""

    relations: tuple[Relation, ...]
    probe_groups: ProbeGroups | None
    holdout_ranks: tuple[HoldoutRank, ...]
    accuracy_lines: tuple[AccuracyLine, ...]


def side_by_side(
    evidence: Sequence[Evidence], metric: Scaled, *, kept: Sequence[str], seed: int
) -> SideBySide:
    """Return relations, groups, what the holdout foretells, and the line.

    Strata stay out of the groups: they are made of the examples of another probe. Contrastive probes
    have no accuracy to hold against the holdout's, so no rank and no line; in relations and groups
    more of them is better as it is of the metric.

    Args:
        evidence: the holdout first; of all trained variants.
        metric: by which it was made.
        kept: ids of the pool.
        seed: root seed of the study.

    Raises:
        UsageError: a kept variant comes twice or is missing from a probe.
    """
    evidence = [oriented(one, metric) for one in evidence]
    alone = [one for one in evidence if one.kind != "contrastive"]
    over = together(evidence, kept=kept)
    relations = relate(evidence, kept=kept, over=over)
    return SideBySide(
        relations=relations,
        probe_groups=_gathered(evidence, over, kept, seed),
        holdout_ranks=holdout_ranks(alone, relations, kept=kept),
        accuracy_lines=accuracy_lines(alone, metric),
    )


def _gathered(
    evidence: Sequence[Evidence], over: Together, kept: Sequence[str], seed: int
) -> ProbeGroups | None:
    """Return the groups of the whole probes; strata share their examples with these."""
    whole = [one for one in evidence if one.kind != "stratified"]
    if len(whole) == len(evidence):
        return gather(over, seed=seed)
    found = gather(together(whole, kept=kept), seed=seed) if len(whole) > 1 else None
    if found is None:
        return None
    strata = {one.name: _PART for one in evidence if one.kind == "stratified"}
    return replace(found, left_out={**found.left_out, **strata})
