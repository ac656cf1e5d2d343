"""One pass over the probes of a study: tallies of all, and the pool of each halving."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.choose.curse import watched
from underspec.choose.fits import Offered
from underspec.choose.tally import Candidate, Counted, Halves, Tally, tally
from underspec.core.errors import UsageError
from underspec.core.records import Booleans

__all__ = ["Tallied", "tallied"]


@dataclass(frozen=True, eq=False)
class Tallied:
    """What one pass over the probes leaves.

    Attributes:
        seed: root seed of the study.
        halves: who decides in each split.
        tallies: of all probes, the holdout first.
        pools: positions of the variants kept, for each split; split 0 is the study's own.
        offered: what rules can know of the probes.
        watched: on which probes the winner's curse is told.
    """

    seed: int
    halves: Halves
    tallies: tuple[Tally, ...]
    pools: tuple[NDArray[np.intp], ...]
    offered: tuple[Offered, ...]
    watched: tuple[str, ...]


def tallied(
    probes: Iterable[Candidate],
    pool: Callable[[Booleans], Sequence[int]],
    *,
    seed: int,
    splits: int = 10,
    draws: int = 400,
    whole: bool = False,
) -> Tallied:
    """Tally all probes, one held at a time.

    Args:
        probes: the holdout first.
        pool: given which examples of the holdout decide, [examples], the positions of the
            variants kept.
        seed: root seed of the study.
        splits: how many halvings.
        draws: resamples for the intervals.
        whole: whether the deciding half's resamples are kept for all probes, not only for the two
            of the winner's curse.

    Raises:
        UsageError: a half of the holdout is empty, or does not define the metric, in split 0. In
            other splits the pool is empty then.
    """
    halves = Halves(seed, splits, draws)
    tallies: list[Tally] = []
    pools: list[NDArray[np.intp]] = []
    offered: list[Offered] = []
    overall: dict[str, float] = {}
    used: list[int] = []
    for probe in probes:
        one, counted = tally(probe, halves)
        if not tallies:
            defined = _defined(probe, counted)
            kept = [
                pool(half) if fine else [] for half, fine in zip(counted.mask, defined, strict=True)
            ]
            pools = [np.asarray(positions, dtype=np.intp) for positions in kept]
            used = [s for s, positions in enumerate(pools) if len(positions)]
        overall[probe.name] = float(np.sort(counted.overall).mean())
        scored = probe.scores is not None and probe.rescored is not None
        offered.append(Offered(probe.name, probe.may_choose, scored, probe.averaged is not None))
        tallies.append(one)
        if not whole:
            keep = watched(tallies, overall, used)
            tallies = [t if t.name in keep else replace(t, decided=None) for t in tallies]
    return Tallied(
        seed, halves, tuple(tallies), tuple(pools), tuple(offered), watched(tallies, overall, used)
    )


def _defined(holdout: Candidate, counted: Counted) -> Booleans:
    """Return in which splits both halves of the holdout define the metric; the study's own must."""
    halves = np.stack([counted.decide, counted.report])
    defined: Booleans = np.asarray(np.isfinite(halves).all(axis=(0, 2)))
    if not defined[0]:
        why = "too few to halve" if holdout.value is None else "too few for the metric when halved"
        raise UsageError(
            f"The holdout has {len(np.unique(holdout.clusters))} clusters, {why}: "
            "a choice is made on one half and graded on the other."
        )
    return defined
