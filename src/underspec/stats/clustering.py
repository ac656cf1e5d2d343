"""Probes that go together, by the corrected correlations of the variants' means."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.relation import Joint

__all__ = [
    "GATHERED",
    "RELIABLE",
    "Grouped",
    "chances",
    "combined",
    "correlations",
    "group_probes",
    "reliable",
]

RELIABLE = 0.3
"""Reliability under which a probe's correlations are not looked at, as in `correlate`."""

GATHERED = 0.5
"""Mean correlation from which two sets of probes become one group."""


class Grouped(NamedTuple):
    """Groups of probes, in an order that puts like beside like.

    Attributes:
        order: positions of the probes that were grouped, [probes].
        groups: the same, group by group.
        stability: of each group, [groups]: the largest Jaccard overlap with a group of a resample,
            averaged over resamples (Hennig 2007); 1 where it always comes out the same.
    """

    order: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    stability: Floats


def reliable(moments: Joint) -> NDArray[np.intp]:
    """Return the positions of the probes whose spread is told from noise well enough."""
    observed, true = np.diag(moments.observed), np.diag(moments.true)
    kept: NDArray[np.intp] = np.flatnonzero((true > 0) & (true >= RELIABLE * observed))
    return kept


def correlations(observed: Floats, noise: Floats) -> Floats:
    """Return corrected correlations [..., probes, probes] within -1 and 1.

    An estimate beyond 1 counts as 1. A variance that noise would leave under 3 tenths, which only
    a resample does, is held there: a correlation with what hardly varies is not blown up.

    Args:
        observed: covariances of the means, [..., probes, probes].
        noise: what finite probes and shared examples bring of them, [probes, probes].
    """
    true = observed - noise
    raw = np.diagonal(observed, axis1=-2, axis2=-1)
    root = np.sqrt(np.maximum(np.diagonal(true, axis1=-2, axis2=-1), RELIABLE * raw))
    outer = root[..., :, None] * root[..., None, :]
    # A resample of a few variants that are alike has no variance and no correlation.
    rho: Floats = np.clip(np.divide(true, outer, out=np.zeros_like(true), where=outer > 0), -1, 1)
    at = np.arange(rho.shape[-1])
    rho[..., at, at] = 1.0
    return rho


def group_probes(
    moments: Joint, variants: Sequence[str], key: Stream, *, resamples: int = 200
) -> Grouped:
    """Return the groups of the reliable probes, by average linkage on 1 - ρ, cut at 1 - `GATHERED`.

    How sure the groups are comes from the Bayesian bootstrap over variants (Rubin 1981): each
    variant has its own stream of weights, so that their order moves nothing. The noise to take out
    is held at its estimate.

    Args:
        moments: of all probes, over `variants`.
        variants: ids, the order of axis 1 of the means.
        key: stream of the weights.
        resamples: how many.
    """
    at = reliable(moments)
    if len(at) == 0:
        return Grouped((), (), np.zeros(0))
    means, observed = moments.means[at], moments.observed[np.ix_(at, at)]
    noise = observed - moments.true[np.ix_(at, at)]
    labels, order = _cut(correlations(observed, noise))
    # Numbered as the leaves meet them.
    number = {name: at for at, name in enumerate(dict.fromkeys(labels[order].tolist()))}
    labels = np.array([number[name] for name in labels.tolist()], dtype=np.intp)
    stability = np.zeros(len(number))
    for weights in _weights(variants, key, resamples):
        apart = means - (means @ weights)[:, None]
        k = len(weights)
        drawn = (apart * weights) @ apart.T * ((k + 1) / (k - 1))
        other, _ = _cut(correlations(drawn, noise), arrange=False)
        stability += _overlaps(labels, other)
    return Grouped(
        order=tuple(int(p) for p in at[order]),
        groups=tuple(
            tuple(int(p) for p in at[order[labels[order] == name]]) for name in range(len(number))
        ),
        stability=stability / max(resamples, 1),
    )


def chances(observed: Floats, noise: Floats, k: int) -> Floats:
    """Return two-sided p-values of no true covariance, [probes, probes], adjusted over all pairs.

    Fisher's z of the raw correlation against that of the noise which two probes share, whatever
    their reliabilities; Benjamini-Hochberg. The diagonal is 0.

    Args:
        observed: covariances of the means of four variants or more, [probes, probes].
        noise: what shared examples bring of them; only off the diagonal.
        k: variants.
    """
    from scipy.special import ndtr

    root = np.sqrt(np.diag(observed))
    edge = 1 - 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        raw, luck = (np.clip(one / np.outer(root, root), -edge, edge) for one in (observed, noise))
    a, b = np.triu_indices(len(root), 1)
    score = (np.arctanh(raw[a, b]) - np.arctanh(luck[a, b])) * np.sqrt(k - 3)
    p = np.zeros_like(observed)
    p[a, b] = p[b, a] = benjamini_hochberg(2 * ndtr(-np.abs(np.nan_to_num(score))))
    return p


def combined(moments: Joint, groups: Sequence[Sequence[int]]) -> Joint:
    """Return the joint moments of the groups' mean merit: each probe of a group counts the same."""
    share = np.zeros((len(groups), len(moments.means)))
    for row, members in enumerate(groups):
        share[row, list(members)] = 1 / len(members)
    observed = share @ moments.observed @ share.T
    true = share @ moments.true @ share.T
    at = np.arange(len(groups))
    true[at, at] = np.minimum(true[at, at], observed[at, at])
    return Joint(share @ moments.means, observed, true)


def _cut(rho: Floats, *, arrange: bool = True) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return each probe's group, and the probes in the order of the tree's leaves."""
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage

    count = len(rho)
    if count == 1:
        return np.zeros(1, np.intp), np.zeros(1, np.intp)
    apart = (1 - rho)[np.triu_indices(count, 1)]
    tree = linkage(apart, "average", optimal_ordering=arrange)
    labels = fcluster(tree, 1 - GATHERED, "distance").astype(np.intp)
    return labels, leaves_list(tree).astype(np.intp)


def _weights(variants: Sequence[str], key: Stream, resamples: int) -> Floats:
    drawn = np.stack([key.example(v).standard_exponential(resamples) for v in variants], axis=1)
    weights: Floats = drawn / drawn.sum(axis=1, keepdims=True)
    return weights


def _overlaps(labels: NDArray[np.intp], others: NDArray[np.intp]) -> Floats:
    """Return the largest Jaccard overlap of each group with any of the other grouping's, [groups]."""
    a, b = (np.unique(one, return_inverse=True)[1] for one in (labels, others))
    common = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(common, (a, b), 1)
    either = common.sum(axis=1)[:, None] + common.sum(axis=0) - common
    largest: Floats = (common / either).max(axis=1)
    return largest
