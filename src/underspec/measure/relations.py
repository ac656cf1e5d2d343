"""Whether being good on one probe goes with being good on another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from underspec.core.findings import Interval, Relation
from underspec.measure._protocol import Evidence
from underspec.measure.reading import Reader, kept_ids
from underspec.measure.verdict import LEAST_KEPT
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.relation import Joint, correlate, joint, rank_correlation, spearman

__all__ = ["Together", "relate", "together"]

_FEW = 20
_NOISY = "too noisy: with so few examples the true spread of one of the two is not told from luck"
_SMALL = "too small: one of the two comes from under two clusters"


@dataclass(frozen=True, eq=False)
class Together:
    """The kept variants on all probes at once, for all findings that hold probes side by side.

    Attributes:
        names: of the probes.
        variants: ids of the kept variants.
        usable: which probes are in `moments`, by position.
        moments: of the usable probes, None where there is none, or under 10 kept variants.
    """

    names: tuple[str, ...]
    variants: tuple[str, ...]
    usable: tuple[int, ...]
    moments: Joint | None


def together(evidence: Sequence[Evidence], *, kept: Sequence[str]) -> Together:
    """Return the joint moments of the kept variants.

    Raises:
        UsageError: a kept variant comes twice or is missing from a probe.
    """
    ids, names = kept_ids(kept), tuple(one.name for one in evidence)
    if len(ids) < LEAST_KEPT:
        return Together(names, ids, (), None)
    read = Reader()
    totals = [read(one, ids) for one in evidence]
    usable = tuple(at for at, one in enumerate(totals) if one.resolved)
    moments = joint([totals[at] for at in usable]) if usable else None
    return Together(names, ids, usable, moments)


def relate(
    evidence: Sequence[Evidence], *, kept: Sequence[str], over: Together | None = None
) -> tuple[Relation, ...]:
    """Return the relations of all pairs of probes, in order; none under 10 kept variants.

    The correlation is over kept variants, of their true means: the noise of finite probes is taken
    out, and so is what two probes share because they hold the same images. Correlations of a pool
    that was selected on the holdout say little about the holdout itself.

    Args:
        evidence: of the probes.
        kept: ids of the pool.
        over: what `together` gives of the same, where it is at hand.

    Raises:
        UsageError: a kept variant comes twice or is missing from a probe.
    """
    over = over or together(evidence, kept=kept)
    ids, usable, moments = over.variants, over.usable, over.moments
    if len(ids) < LEAST_KEPT:
        return ()
    pairs = [(a, b) for a in range(len(evidence)) for b in range(a + 1, len(evidence))]
    found: dict[tuple[int, int], Relation] = {}
    few = f"only {len(ids)} variants: read with care" if len(ids) < _FEW else None
    if len(usable) > 1 and moments is not None:
        a, b = np.triu_indices(len(usable), 1)
        got = correlate(moments, a, b)
        ranks = rank_correlation(moments.means)[a, b]
        said = np.isfinite(got.value)
        adjusted = np.full(len(a), np.nan)
        adjusted[said] = benjamini_hochberg(got.p[said])
        rank = spearman(np.stack([got.value, got.low, got.high]))
        for i, (at_a, at_b) in enumerate(zip(a, b, strict=True)):
            pair = usable[at_a], usable[at_b]
            found[pair] = Relation(
                a=evidence[pair[0]].name,
                b=evidence[pair[1]].name,
                pearson=_interval(got.value[i], got.low[i], got.high[i]),
                spearman=_interval(*rank[:, i]),
                raw=_number(got.raw[i]),
                raw_spearman=_number(ranks[i]),
                reliability=_number(got.reliability[i]),
                p=_number(got.p[i]),
                p_adjusted=_number(adjusted[i]),
                note=few if said[i] else _NOISY,
            )
    return tuple(found.get(pair) or _silent(evidence, *pair) for pair in pairs)


def _silent(evidence: Sequence[Evidence], a: int, b: int) -> Relation:
    nothing = Interval(None, None, None)
    names = evidence[a].name, evidence[b].name
    return Relation(*names, nothing, nothing, None, None, None, None, None, _SMALL)


def _interval(value: float, low: float, high: float) -> Interval:
    return Interval(_number(value), _number(low), _number(high))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
