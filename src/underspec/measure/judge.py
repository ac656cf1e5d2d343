"""Judges the probes of a study one at a time against its holdout."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.findings import Needs, ProbeFinding, YesNo
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.because import Words
from underspec.measure.needs import needs
from underspec.measure.pair_words import PairWords
from underspec.measure.reading import kept_ids
from underspec.measure.verdict import drop_axis, gap_axis, spread_axis, word
from underspec.measure.yardstick import Draft, Yardstick
from underspec.stats.evidence import benjamini_hochberg

__all__ = ["judge"]


def judge(
    holdout: Evidence,
    probes: Iterable[Evidence],
    *,
    kept: Sequence[str],
    metric_name: str,
    metric: Scaled,
    epsilon: float,
    max_drop: float | None,
    middle: bool = True,
) -> tuple[ProbeFinding, ...]:
    """Return the finding of the holdout, then of each probe in the order given.

    Probes are taken one at a time and not held. Nothing that is said of one hangs on the others
    but the adjusted p-values, and with them the spread axis, the verdict's words and `needs`.

    Args:
        holdout: the yardstick; its verdict is ``yardstick``.
        probes: the others, with the variants of the holdout.
        kept: ids of the near-equal variants, any number.
        metric_name: how the metric is called.
        metric: its scale.
        epsilon: the largest gap that counts as near-equal, in the metric's units.
        max_drop: the largest drop allowed, None for no limit: then that axis stays unknown.
        middle: whether the pool was cut around the middle of all variants, not around the best.

    Raises:
        UsageError: a margin is not a number of 0 or more, a kept variant is missing somewhere, the
            evidence is malformed.
    """
    for name, value in (("epsilon", epsilon), ("max_drop", max_drop)):
        if value is not None and not 0 <= value < math.inf:
            raise UsageError(f"{name} must be a finite number of 0 or more. Got {value}.")
    ids = kept_ids(kept)
    words = Words(metric_name, epsilon, max_drop)
    yardstick = Yardstick(holdout, ids, metric_name, metric, epsilon, middle=middle)
    drafts = [yardstick.draft(probe) for probe in probes]
    spread_p = _adjusted([draft.finding.p for draft in drafts])
    any_p = _adjusted([draft.finding.overdispersion.p for draft in drafts])
    tests = sum(p is not None for p in spread_p)
    found = [yardstick.finding(words.yardstick(len(ids), yardstick.gap))]
    for draft, p_adjusted, any_adjusted in zip(drafts, spread_p, any_p, strict=True):
        one = draft.finding
        pairs = PairWords(one.flips is not None, epsilon, max_drop)
        if not draft.judged:
            found.append(
                replace(
                    one,
                    overdispersion=replace(one.overdispersion, p_adjusted=any_adjusted),
                    verdict="reported",
                    because=pairs.reported(metric_name, one),
                )
            )
            continue
        drop = drop_axis(one.drop, max_drop)
        if one.kind == "contrastive":
            spread = gap_axis(p_adjusted, one.gap, epsilon)
        else:
            spread = spread_axis(p_adjusted, one.gap, one.ratio, epsilon, steady=yardstick.steady)
        verdict, other = word(drop, spread)
        if one.kind == "contrastive":
            because = pairs.verdict(one, len(ids), tests, spread, drop)
        else:
            because = words.verdict(
                kept=len(ids),
                gap=one.gap,
                lab=yardstick.gap,
                drop=one.drop,
                p=one.p,
                tests=tests,
                spread_verdict=spread,
                drop_verdict=drop,
            )
        found.append(
            replace(
                one,
                overdispersion=replace(one.overdispersion, p_adjusted=any_adjusted),
                drop_verdict=drop,
                spread_verdict=spread,
                p_adjusted=p_adjusted,
                verdict=verdict,
                other=other,
                because=because,
                needs=_needs(draft, yardstick, epsilon, max_drop, spread, drop),
            )
        )
    return tuple(found)


def _needs(
    draft: Draft,
    yardstick: Yardstick,
    epsilon: float,
    max_drop: float | None,
    spread: YesNo,
    drop: YesNo,
) -> Needs | None:
    pairs = draft.finding.kind == "contrastive"
    if draft.gap is None or draft.drop is None or (yardstick.trained is None and not pairs):
        return None
    return needs(
        gap=draft.gap,
        holdout=None if pairs else yardstick.trained,
        drop=draft.drop,
        n=draft.finding.n,
        epsilon=epsilon,
        null=draft.finding.ratio.null_ratio or 1.0,
        max_drop=max_drop,
        spread_verdict=spread,
        drop_verdict=drop,
    )


def _adjusted(p: list[float | None]) -> list[float | None]:
    """Return p-values adjusted over those that are there."""
    known = [value for value in p if value is not None]
    adjusted = iter(benjamini_hochberg(np.array(known)).tolist())
    return [None if value is None else next(adjusted) for value in p]
