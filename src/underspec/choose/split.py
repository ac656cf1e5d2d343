"""One way of halving the clusters: the pool that it gives, and what a rule picks from it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.choose._protocol import Ballot, Chooser, Particular, matching
from underspec.choose.tally import Tally
from underspec.core.errors import UsageError, one_of
from underspec.core.streams import Stream

__all__ = ["Positions", "Split", "families", "gradable", "pick"]

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Split:
    """One way of halving, with the pool that its deciding half gives.

    Attributes:
        number: which; 0 is the study's own.
        pool: positions of the variants kept, among all trained.
        ids: of the same.
        probes: tallies of all probes, the holdout first.
    """

    number: int
    pool: Positions
    ids: tuple[str, ...]
    probes: tuple[Tally, ...]


def gradable(split: Split) -> Iterator[Tally]:
    """Yield the probes that the reporting half can grade by, the holdout first."""
    for at, probe in enumerate(split.probes):
        if (at == 0 or probe.may_choose) and not np.isnan(probe.report[split.number]).any():
            yield probe


def families(split: Split) -> list[str]:
    """Return the families of stress probes that the reporting half can grade."""
    home = split.probes[0]
    return list(dict.fromkeys(probe.family for probe in gradable(split) if probe is not home))


def pick(
    name: str, rule: Chooser, split: Split, key: Stream, without: str | None
) -> Positions | None:
    """Return the positions in the pool that a rule picks, shown all families but one.

    None where the rule looks at none of the probes that are left.

    Raises:
        UsageError: the rule picked nothing, or nobody of the pool.
    """
    s, kept = split.number, split.pool
    seen = [
        probe
        for p, probe in enumerate(split.probes)
        if p == 0
        or (probe.may_choose and probe.family != without and not np.isnan(probe.decide[s]).any())
    ]
    names = tuple(probe.name for probe in seen)
    if isinstance(rule, Particular) and not matching(rule.probe, names):
        return None
    ballot = Ballot(
        variants=split.ids,
        merit=np.stack([probe.decide[s, kept] for probe in seen], axis=1),
        disagreement=np.mean([probe.differ[s][np.ix_(kept, kept)] for probe in seen], axis=0),
        key=key if without is None else key.child("without", without),
        names=names,
    )
    picked = rule(ballot)
    if not picked:
        raise UsageError(
            f"The choice rule '{name}' picked nothing: it must return at least one id."
        )
    for variant in picked:
        if variant not in split.ids:
            raise UsageError(
                f"The choice rule '{name}': " + one_of("variant of the pool", variant, split.ids)
            )
    return np.asarray([split.ids.index(variant) for variant in picked], dtype=np.intp)
