"""What was counted off by design, as strata of a probe's examples."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Data
from underspec.stats.strata import of_clusters
from underspec.stats.totals import group

__all__ = ["Listed", "carried", "listed", "strata", "told_apart"]


class Listed(NamedTuple):
    """What tells the strata of examples: labels, clusters and groups, each [examples]."""

    labels: NDArray[Any]
    clusters: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.str_]]


def listed(data: Data) -> Listed:
    """Return what tells the strata of examples."""
    return Listed(data.labels, data.clusters, data.groups)


def strata(
    counted: str, labels: NDArray[Any], groups: Mapping[str, NDArray[np.str_]]
) -> NDArray[np.intp]:
    """Return the stratum of each example, the same code for the same class or group in any probe.

    Args:
        counted: ``label`` or one of the groups.
        labels: class codes [examples].
        groups: column to the group of each example.
    """
    if counted == "label":
        return labels.astype(np.intp)
    names, at = np.unique(groups[counted], return_inverse=True)
    # A probe may lack some of the groups: numbers in their order would not be the same elsewhere.
    return np.array([_code(str(name)) for name in names], dtype=np.intp)[at]


def told_apart(codes: NDArray[np.intp], clusters: NDArray[np.str_]) -> bool:
    """Say whether each cluster lies in one stratum."""
    grouping = group(clusters)
    return of_clusters(codes, grouping.order, grouping.starts) is not None


def carried(counted: str, own: Listed, holdout: Listed) -> str:
    """Return what still is counted off in a probe made of data in which it was.

    A part of the holdout that some rule has picked, such as dark images, has as many of a class as
    happened. It counts as counted off only with the holdout's shares; one stratum alone and
    examples from elsewhere stay as they are declared.

    Args:
        counted: ``label`` or one of the groups, or empty.
        own: the probe.
        holdout: what it may be a part of.

    Returns:
        The same, or nothing.
    """
    if not counted:
        return ""
    kinds, counts = _counts(counted, own)
    if len(kinds) < 2 or set(holdout.clusters.tolist()).isdisjoint(own.clusters.tolist()):
        return counted
    if counted != "label" and counted not in holdout.groups:
        return ""
    known, design = _counts(counted, holdout)
    same = np.array_equal(kinds, known) and np.array_equal(
        counts * len(holdout.labels), design * len(own.labels)
    )
    return counted if same else ""


def _counts(counted: str, of: Listed) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    kinds, counts = np.unique(strata(counted, of.labels, of.groups), return_counts=True)
    return kinds, counts


def _code(name: str) -> int:
    text = name.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1
