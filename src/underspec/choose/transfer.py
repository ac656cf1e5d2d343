"""How far the best on one probe leads on another, examples that chose apart from those that grade."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from underspec.choose.sure import free, reach, stretch
from underspec.choose.tally import Tally
from underspec.core.errors import UsageError
from underspec.core.findings import Interval, Transfer
from underspec.core.records import Floats
from underspec.stats.few import FEWEST

__all__ = ["transfer"]

# Under so many kept variants nothing is said, as with relations.
_LEAST_KEPT = 10
_ROUNDING = 1e-6


def transfer(tallies: Sequence[Tally], pools: Sequence[NDArray[np.intp]]) -> tuple[Transfer, ...]:
    """Return the lead on probe B of the variant that is best on probe A, for all pairs, A by A.

    In each split the best of the pool on A is found on the deciding half, and its merit on B less
    the pool's mean is taken on the reporting half: the same clusters decide in every probe, so a
    lucky image helps nobody twice. Variants that tie for best count alike. Averaged over the
    splits. The interval is over the clusters of the reporting halves (Bayesian bootstrap, picks held)
    and over the halvings, by the two variances' sum, with the t quantile of half of B's clusters less
    one; it is for these variants. Of under 20 clusters no p is given.

    Args:
        tallies: of all probes, the holdout first, with the same splits.
        pools: positions of the kept variants, for each split; those under 10 do not count.

    Returns:
        Leads in the metric's units, positive where the pick is better than the pool; None where a
        half of B is empty in every split. A probe that may not be tuned on is no A. Empty where
        the pool of split 0, the study's own, holds under 10.

    Raises:
        UsageError: there is not one pool a split.
    """
    if any(len(one.decide) != len(pools) for one in tallies):
        raise UsageError(
            f"Got {len(pools)} pools for tallies of {[len(one.decide) for one in tallies][:3]} "
            "splits: give one pool a split."
        )
    if not pools or len(pools[0]) < _LEAST_KEPT:
        return ()
    choosing = [one for one in tallies if one.may_choose]
    used = [s for s, pool in enumerate(pools) if len(pool) >= _LEAST_KEPT]
    # [splits used, choosing probes, pool of that split]
    picks = [np.stack([_best(one.decide[s, pools[s]]) for one in choosing]) for s in used]
    graded = [_leads(one, used, pools, picks) for one in tallies]
    # [choosing probes, probes]
    value: Floats = np.stack([one[0] for one in graded], axis=1)
    error: Floats = np.stack([one[1] for one in graded], axis=1)
    splits = np.stack([one[2] for one in graded], axis=1)
    clusters = np.array([one.clusters for one in tallies])
    adjusted = _adjusted(value, error, clusters)
    return tuple(
        Transfer(
            chosen_on=a.name,
            used_on=b.name,
            lead=_interval(value[i, j], error[i, j], b.clusters),
            p_adjusted=None if np.isnan(adjusted[i, j]) else float(adjusted[i, j]),
            splits=int(splits[i, j]),
            note=_few(b.clusters),
        )
        for i, a in enumerate(choosing)
        for j, b in enumerate(tallies)
    )


def _best(merit: Floats) -> Floats:
    """Return the weight of each variant: shared among those that tie; NaN where unknown."""
    if np.isnan(merit).any():
        return np.full(len(merit), np.nan)
    top = merit == merit.max()
    weights: Floats = top / top.sum()
    return weights


def _leads(
    graded: Tally, used: Sequence[int], pools: Sequence[NDArray[np.intp]], picks: Sequence[Floats]
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return the lead on one probe, its standard error and the splits, by choosing probe."""
    per_split = []
    for s, weights in zip(used, picks, strict=True):
        merit = np.concatenate([graded.report[s, :, None], graded.resampled[s]], axis=1)[pools[s]]
        # float64: small leads of large merits.
        per_split.append(weights @ (merit - merit.mean(axis=0)))
    every = np.stack(per_split)
    known = np.isfinite(every[:, :, 0])
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.where(known[:, :, None], every, 0.0).sum(axis=0) / count[:, None]
    apart = np.where(known, every[:, :, 0] - mean[:, 0], 0.0)
    # Over the clusters, and over which of them decided.
    halving = np.square(apart).sum(axis=0) / np.maximum(count * (count - 1), 1)
    error = np.sqrt(stretch(graded.clusters) * mean[:, 1:].var(axis=1, ddof=1) + halving)
    # Resamples are kept in float32: what is left of equal ones is a rounding.
    error[error <= _ROUNDING * np.abs(np.nan_to_num(graded.report)).max()] = 0.0
    return mean[:, 0], error, count


def _few(clusters: float) -> str | None:
    if clusters >= FEWEST:
        return None
    return f"about {clusters:.0f} clusters: too few to tell a lead from luck"


def _interval(value: float, error: float, clusters: float) -> Interval:
    if np.isnan(value):
        return Interval(None, None, None)
    if free(clusters) < 1 or not np.isfinite(error):
        return Interval(float(value), None, None)
    width = reach(clusters) * error
    return Interval(float(value), float(value - width), float(value + width))


def _adjusted(value: Floats, error: Floats, clusters: Floats) -> Floats:
    """Return p-values of no lead, adjusted over all pairs (Benjamini-Hochberg); NaN where unknown.

    Args:
        value: leads, [choosing probes, probes].
        error: of the same.
        clusters: of the probes that grade, [probes].
    """
    from scipy.special import ndtr, stdtr

    from underspec.stats.evidence import benjamini_hochberg

    adjusted = np.full(value.shape, np.nan)
    # No error at all: all picks of B are one with the pool, or it has no examples to speak of.
    known = np.isfinite(value) & (error > 0) & (clusters >= FEWEST)
    score = -np.abs(value[known]) / error[known]
    df = np.broadcast_to([free(float(one)) for one in clusters], value.shape)[known]
    p = np.where(np.isinf(df), ndtr(score), stdtr(np.where(np.isinf(df), 1.0, df), score))
    adjusted[known] = benjamini_hochberg(2 * p)
    return adjusted
