"""How far variants truly part on a probe, as a standard deviation."""

import math
from collections.abc import Sequence

from underspec.core.findings import Spread
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.reading import Reader, kept_ids
from underspec.stats.spread import SpreadFit, fit_spread, spread_ends

__all__ = ["NO_SPREAD", "doubts", "misshapen", "spread_finding", "spread_of"]

NO_SPREAD = Spread(None, None, None, None, None, None, None, None)

# A rounding beyond the round figure: small probes hit it exactly, and must not waver.
_HEAVY, _DOMINANT, _RELIABLE = 2 + 1e-9, 0.4 + 1e-9, 0.5 - 1e-9
_FEW_VARIANTS, _FEW_CLUSTERS = 20, 20


def spread_of(evidence: Evidence, variants: Sequence[str], metric: Scaled) -> Spread:
    """Return the spread of some variants on a probe; all None under two variants or clusters.

    Raises:
        UsageError: a variant comes twice or is not in the evidence.
    """
    totals = Reader()(evidence, kept_ids(variants))
    if not totals.resolved:
        return NO_SPREAD
    fit = fit_spread(totals, metric.range)
    return spread_finding(fit, len(totals.sizes), metric)


def spread_finding(fit: SpreadFit, clusters: int, metric: Scaled) -> Spread:
    """Return the record of a fitted spread."""
    low, high = spread_ends(fit)
    true = math.sqrt(max(0.0, fit.true))
    widest = max((metric.range[1] - metric.range[0]) / 2, true)
    return Spread(
        observed=math.sqrt(fit.observed),
        noise=math.sqrt(fit.noise),
        true=true,
        true_squared=fit.true,
        low=math.sqrt(max(0.0, low)),
        high=min(math.sqrt(max(0.0, high)), widest),
        reliability=max(0.0, fit.true) / fit.observed if fit.observed > 0 else None,
        doubtful="; ".join(doubts(fit, clusters)) or None,
    )


def doubts(fit: SpreadFit, clusters: int) -> list[str]:
    """Return what speaks against trusting the interval of a spread."""
    found = []
    if fit.dominance > _DOMINANT:
        found.append(f"one variant holds {fit.dominance:.0%} of the observed variance")
    elif fit.kurtosis > _HEAVY:
        found.append("a few variants lie far out")
    if fit.true < _RELIABLE * fit.observed:
        found.append("more than half of the observed variance is noise")
    if fit.k < _FEW_VARIANTS:
        found.append(f"only {fit.k} variants")
    if clusters < _FEW_CLUSTERS:
        found.append(f"only {clusters} clusters")
    return found


def misshapen(fit: SpreadFit) -> bool:
    """Say whether a few variants carry the spread: no yardstick for anything else."""
    return fit.dominance > _DOMINANT or fit.kurtosis > _HEAVY
