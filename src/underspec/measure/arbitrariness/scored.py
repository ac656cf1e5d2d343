"""How far apart the scores of one example lie: viable prediction range and Rashomon capacity."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import ScoreRange
from underspec.core.records import Booleans, Floats, Scores
from underspec.core.streams import stream
from underspec.measure.arbitrariness.asked import Asked, interval
from underspec.stats.capacity import capacity
from underspec.stats.shares import Clustered, quantile, share

__all__ = ["MOST_EXAMPLES", "Capacities", "Ranges", "capacities", "label_ranges", "viable_range"]

MOST_EXAMPLES = 1000
"""The capacity is worked out for about so many examples."""

_HIGH = 0.9


class Ranges(NamedTuple):
    """Largest less smallest score of one class.

    Attributes:
        values: [examples].
        of: whose class.
    """

    values: Floats
    of: str


class Capacities(NamedTuple):
    """The capacity, or None, and why or from what."""

    found: ScoreRange | None
    notes: tuple[str, ...]


def label_ranges(
    said: Asked,
    labels: NDArray[np.int32] | None,
    scores: Scores | None,
    label_scores: Scores | None,
) -> Ranges | None:
    """Return the viable prediction range of each example (Watson-Daniels, Parkes and Ustun 2023).

    It is that of the label's score; without labels of the majority answer's. With two classes it is
    the same for either class.
    """
    if label_scores is None and scores is None:
        return None
    of = "majority" if labels is None and label_scores is None else "label"
    if label_scores is None and scores is not None:
        codes = said.votes.majority if labels is None else labels
        if int(codes.max()) >= scores.shape[2] or int(codes.min()) < 0:
            # The scores are of other classes than the probe's.
            return None
        label_scores = scores[:, np.arange(len(codes)), codes]
    if label_scores is None or not np.isfinite(label_scores).all():
        return None
    return Ranges(np.ptp(label_scores, axis=0).astype(np.float64), of)


def viable_range(ranges: Ranges, said: Asked) -> ScoreRange:
    """Return the range of scores over examples."""
    return ScoreRange(
        mean=interval(share(ranges.values, said.clustered)),
        high=interval(quantile(ranges.values, said.clustered, _HIGH)),
        examples=len(ranges.values),
        of=ranges.of,
        k=said.votes.k,
    )


def capacities(said: Asked, scores: Scores | None, clusters: NDArray[np.str_] | None) -> Capacities:
    """Return the Rashomon capacity over examples.

    Of more than `MOST_EXAMPLES` examples about so many are taken, whole clusters, by a hash of the
    clusters' names (of positions where there are none): the same in every probe.
    """
    if scores is None or scores.shape[2] < 2:
        return Capacities(None, ())
    total = scores.sum(axis=2, dtype=np.float64)
    if not (np.abs(total - 1) <= 1e-3).all() or float(scores.min()) < -1e-6:
        return Capacities(
            None, ("There is no Rashomon capacity: the scores are no probabilities.",)
        )
    n, clustered = scores.shape[1], said.clustered
    notes: tuple[str, ...] = ()
    if n > MOST_EXAMPLES:
        rows = _drawn(clustered, clusters, MOST_EXAMPLES)
        scores, clustered = scores[:, rows], clustered.only(rows)
        notes = (f"The Rashomon capacity is of {scores.shape[1]} of the {n} examples.",)
    bits = capacity(scores)
    top = math.log2(min(scores.shape[0], scores.shape[2]))
    return Capacities(
        ScoreRange(
            mean=interval(share(bits, clustered, top=top)),
            high=interval(quantile(bits, clustered, _HIGH)),
            examples=len(bits),
            of="all",
            k=said.votes.k,
        ),
        notes,
    )


@lru_cache(maxsize=1 << 17)
def _lot(name: str) -> int:
    # Most probes hold the same clusters.
    return stream(0, "measure", "capacity", name).seed()


def _drawn(clustered: Clustered, clusters: NDArray[np.str_] | None, most: int) -> Booleans:
    """Return clusters by the order of their hashes until `most` examples are reached."""
    names = np.empty(clustered.count, dtype=object)
    names[clustered.codes] = clustered.codes if clusters is None else clusters
    lots = np.array([_lot(str(name)) for name in names], dtype=np.uint64)
    order = np.argsort(lots, kind="stable")
    enough = int(np.searchsorted(np.cumsum(clustered.sizes[order]), most)) + 1
    chosen = np.zeros(clustered.count, dtype=np.bool_)
    chosen[order[:enough]] = True
    rows: Booleans = chosen[clustered.codes]
    return rows
