"""Whether the holdout's ranking of variants predicts theirs on a probe."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from underspec.core.findings import HoldoutRank, Interval, RankAgreement, Relation
from underspec.core.records import Floats
from underspec.measure._protocol import Evidence
from underspec.measure.reading import Reader
from underspec.measure.verdict import LEAST_KEPT
from underspec.stats.concordance import concordance
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.paired import paired
from underspec.stats.relation import correlate, rank_correlation, spearman
from underspec.stats.totals import Totals

__all__ = ["holdout_ranks"]

_FEW = 20
_NOISY = "too noisy: with so few examples the true spread of one of the two is not told from luck"
_SMALL = "too small: one of the two comes from under two clusters"
_NOTHING = Interval(None, None, None)


def holdout_ranks(
    evidence: Sequence[Evidence], relations: Sequence[Relation], *, kept: Sequence[str]
) -> tuple[HoldoutRank, ...]:
    """Return for each probe whether the better on the holdout is the better there.

    Over all trained variants it asks whether the holdout tells good from bad at all. The kept ones
    were chosen for being near-equal on it, which takes away what could predict: what it says of
    them is given beside, from the relations.

    Args:
        evidence: the holdout first; of all trained variants.
        relations: of all pairs of these, over the kept variants.
        kept: ids of the pool.

    Returns:
        One a probe, none under 10 trained variants.
    """
    if len(evidence) < 2 or len(evidence[0].variants) < LEAST_KEPT:
        return ()
    holdout, probes = evidence[0], evidence[1:]
    trained = _adjusted(_trained(holdout, probes))
    known = {one.b: one for one in relations if one.a == holdout.name}
    among: list[RankAgreement | None] = [None] * len(probes)
    if len(kept) >= LEAST_KEPT and all(one.name in known for one in probes):
        among = [*_adjusted([_kept(known[one.name], len(kept)) for one in probes])]
    return tuple(
        HoldoutRank(probe.name, of_all, of_kept)
        for probe, of_all, of_kept in zip(probes, trained, among, strict=True)
    )


def _trained(holdout: Evidence, probes: Sequence[Evidence]) -> Iterator[RankAgreement]:
    read = Reader()
    yard = read(holdout, holdout.variants)
    for probe in probes:
        yield _agreement(yard, read(probe, holdout.variants))


def _agreement(holdout: Totals, probe: Totals) -> RankAgreement:
    k = holdout.k
    if not (holdout.resolved and probe.resolved):
        return RankAgreement(k, _NOTHING, _NOTHING, None, None, None, None, _SMALL)
    moments = paired(holdout, probe)
    got = correlate(moments, np.array([0]), np.array([1]))
    rho = np.array([got.value[0], got.low[0], got.high[0]])
    return RankAgreement(
        variants=k,
        spearman=_interval(spearman(rho)),
        chance=_interval(concordance(rho)),
        raw_spearman=_number(rank_correlation(moments.means)[0, 1]),
        reliability=_number(got.reliability[0]),
        p=_number(got.p[0]),
        p_adjusted=None,
        note=_said(k, known=bool(np.isfinite(got.value[0]))),
    )


def _kept(one: Relation, k: int) -> RankAgreement:
    ends = (one.pearson.value, one.pearson.low, one.pearson.high)
    rho = np.array([math.nan if end is None else end for end in ends])
    return RankAgreement(
        variants=k,
        spearman=one.spearman,
        chance=_interval(concordance(rho)),
        raw_spearman=one.raw_spearman,
        reliability=one.reliability,
        p=one.p,
        p_adjusted=None,
        note=one.note,
    )


def _adjusted(ranks: Iterable[RankAgreement]) -> list[RankAgreement]:
    every = list(ranks)
    tested = [at for at, one in enumerate(every) if one.p is not None]
    p = benjamini_hochberg(np.array([every[at].p for at in tested], dtype=np.float64))
    for at, value in zip(tested, p, strict=True):
        every[at] = replace(every[at], p_adjusted=float(value))
    return every


def _said(k: int, *, known: bool) -> str | None:
    if not known:
        return _NOISY
    return f"only {k} variants: read with care" if k < _FEW else None


def _interval(ends: Floats) -> Interval:
    return Interval(*(_number(end) for end in ends))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
