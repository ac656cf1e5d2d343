"""Judges the probes of a study one at a time against its holdout."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.findings import Interval, ProbeFinding
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.because import Words
from underspec.measure.gap import NO_GAP, gap_finding
from underspec.measure.needs import needs
from underspec.measure.overdispersion import overdispersion_finding
from underspec.measure.ratio import no_ratio, ratio_finding
from underspec.measure.reading import Reader, kept_ids
from underspec.measure.spread import NO_SPREAD, misshapen, spread_finding
from underspec.measure.verdict import LEAST_KEPT, drop_axis, p_spread, spread_axis, word
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.gap import GapFit, fit_gap
from underspec.stats.mean import MeanEnds, drop_ends, mean_ends
from underspec.stats.planning import power
from underspec.stats.ratio import null_ratio
from underspec.stats.spread import SpreadFit, fit_spread
from underspec.stats.totals import Totals

__all__ = ["judge"]

_NOTHING = Interval(None, None, None)


def judge(
    holdout: Evidence,
    probes: Iterable[Evidence],
    *,
    kept: Sequence[str],
    metric_name: str,
    metric: Scaled,
    epsilon: float,
    max_drop: float | None,
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

    Raises:
        UsageError: a margin is not a number of 0 or more, a kept variant is missing somewhere, the
            evidence is malformed, or a probe is contrastive, which is not judged by its mean.
    """
    for name, value in (("epsilon", epsilon), ("max_drop", max_drop)):
        if value is not None and not 0 <= value < np.inf:
            raise UsageError(f"{name} must be a finite number of 0 or more. Got {value}.")
    bench = _Bench(holdout, kept_ids(kept), metric_name, metric, epsilon, max_drop)
    drafts = [bench.draft(probe) for probe in probes]
    tested = [draft for draft in drafts if draft.finding.p is not None]
    spread_p = _adjusted([draft.finding.p for draft in drafts])
    any_p = _adjusted([draft.finding.overdispersion.p for draft in drafts])
    return (
        bench.yardstick(),
        *(
            bench.final(draft, adjusted, any_adjusted, len(tested))
            for draft, adjusted, any_adjusted in zip(drafts, spread_p, any_p, strict=True)
        ),
    )


@dataclass(frozen=True)
class _Draft:
    """A finding before adjustment, with what `needs` is reckoned from."""

    finding: ProbeFinding
    gap: GapFit | None = None
    drop: MeanEnds | None = None


class _Bench:
    """The holdout, measured once, and what probes are held against."""

    def __init__(
        self,
        holdout: Evidence,
        kept: tuple[str, ...],
        metric_name: str,
        metric: Scaled,
        epsilon: float,
        max_drop: float | None,
    ) -> None:
        self.holdout, self.kept, self.metric_name, self.metric = holdout, kept, metric_name, metric
        self.epsilon, self.max_drop = epsilon, max_drop
        self.words = Words(metric_name, metric.proportion, epsilon, max_drop)
        self.read = Reader()
        everyone = self.read(holdout, holdout.variants)
        self.totals = everyone.only(holdout.rows(kept))
        self.trained: SpreadFit | None = None
        if everyone.resolved:
            self.trained = fit_spread(everyone, metric.range)
        self.gap = NO_GAP
        if self.totals.resolved:
            fit = fit_gap(self.totals, fit_spread(self.totals, metric.range))
            self.gap = gap_finding(fit, metric)

    def yardstick(self) -> ProbeFinding:
        """Return the holdout's own finding: its spread is over all trained variants."""
        clusters = len(self.totals.sizes)
        unmoved = Interval(0.0, 0.0, 0.0) if self._mean(self.totals).value is not None else _NOTHING
        ratio = no_ratio(1.0)
        if self.trained is not None and self.trained.true > 0:
            ratio = replace(ratio, value=1.0, low=1.0, high=1.0)
        blank = self._blank(self.holdout, self.totals)
        return replace(
            blank,
            drop=unmoved,
            spread=NO_SPREAD
            if self.trained is None
            else spread_finding(self.trained, clusters, self.metric),
            gap=self.gap,
            ratio=ratio,
            verdict="yardstick",
            because=self.words.yardstick(len(self.kept), self.gap),
        )

    def draft(self, probe: Evidence) -> _Draft:
        """Return what can be said of a probe by itself."""
        if probe.kind == "contrastive":
            raise UsageError(
                f"The probe '{probe.name}' is contrastive: agreement within pairs has no drop from "
                "the holdout's mean. Leave it out; this version judges stratified and shifted ones."
            )
        if set(probe.variants) != set(self.holdout.variants):
            raise UsageError(
                f"The probe '{probe.name}' has {len(probe.variants)} variants that are not the "
                f"holdout's {len(self.holdout.variants)}: predict every trained variant on both."
            )
        totals = self.read(probe, self.kept)
        blank = self._blank(probe, totals)
        if blank.mean.value is not None and self.totals.n > 0:
            blank = replace(blank, ratio=no_ratio(self._null(totals)))
        if not totals.resolved or self.trained is None:
            return _Draft(replace(blank, drop=self._plain_drop(totals)))
        spread = fit_spread(totals, self.metric.range)
        gap = fit_gap(totals, spread)
        null = self._null(totals)
        drop = drop_ends(self.totals, totals, self.metric.range, self._sign)
        return _Draft(
            replace(
                blank,
                drop=Interval(drop.value, drop.low, drop.high),
                spread=spread_finding(spread, len(totals.sizes), self.metric),
                gap=gap_finding(gap, self.metric),
                ratio=ratio_finding(spread, self.trained, null),
                p=p_spread(gap, self.trained, self.epsilon, null)
                if totals.k >= LEAST_KEPT
                else None,
                power=power(spread, self.trained, self.epsilon, null),
            ),
            gap,
            drop,
        )

    def final(
        self, draft: _Draft, adjusted: float | None, any_adjusted: float | None, tests: int
    ) -> ProbeFinding:
        """Return the finding with adjusted p-values, and the words that hang on them."""
        found = draft.finding
        steady = self.trained is not None and not misshapen(self.trained)
        spread = spread_axis(adjusted, found.gap, found.ratio, self.epsilon, steady=steady)
        drop = drop_axis(found.drop, self.max_drop)
        verdict, other = word(drop, spread)
        wanted = None
        if self.trained is not None and draft.gap is not None and draft.drop is not None:
            wanted = needs(
                gap=draft.gap,
                holdout=self.trained,
                drop=draft.drop,
                n=found.n,
                epsilon=self.epsilon,
                null=found.ratio.null_ratio or 1.0,
                max_drop=self.max_drop,
                spread_verdict=spread,
                drop_verdict=drop,
            )
        return replace(
            found,
            overdispersion=replace(found.overdispersion, p_adjusted=any_adjusted),
            drop_verdict=drop,
            spread_verdict=spread,
            p_adjusted=adjusted,
            verdict=verdict,
            other=other,
            because=self.words.verdict(
                kept=len(self.kept),
                gap=found.gap,
                lab=self.gap,
                drop=found.drop,
                p=found.p,
                tests=tests,
                spread_verdict=spread,
                drop_verdict=drop,
            ),
            needs=wanted,
        )

    @property
    def _sign(self) -> float:
        return 1.0 if self.metric.greater_is_better else -1.0

    def _null(self, totals: Totals) -> float:
        if not self.metric.proportion:
            return 1.0
        return null_ratio(
            float(totals.means.mean()),
            float(self.totals.means.mean()),
            n_here=totals.n,
            n_holdout=self.totals.n,
        )

    def _mean(self, totals: Totals) -> Interval:
        if totals.n == 0 or totals.k == 0:
            return _NOTHING
        if not totals.resolved:
            return Interval(float(totals.means.mean()), None, None)
        mean = mean_ends(totals, self.metric.range)
        low, high = self.metric.range
        return Interval(mean.value, max(low, mean.low), min(high, mean.high))

    def _plain_drop(self, totals: Totals) -> Interval:
        here, there = self._mean(totals).value, self._mean(self.totals).value
        if here is None or there is None:
            return _NOTHING
        return Interval(self._sign * (there - here), None, None)

    def _blank(self, evidence: Evidence, totals: Totals) -> ProbeFinding:
        over = overdispersion_finding(evidence.name, totals)
        return ProbeFinding(
            name=evidence.name,
            title=evidence.title,
            metric=self.metric_name,
            kind=evidence.kind,
            family=evidence.family,
            severity=evidence.severity,
            n=len(evidence.clusters),
            clusters=len(totals.sizes),
            mean=self._mean(totals),
            drop=_NOTHING,
            spread=NO_SPREAD,
            gap=NO_GAP,
            ratio=no_ratio(None),
            overdispersion=over,
            flips=None,
            drop_verdict="unknown",
            spread_verdict="unknown",
            p=None,
            p_adjusted=None,
            verdict="undecided",
            other=None,
            because="",
            needs=None,
            power=None,
        )


def _adjusted(p: list[float | None]) -> list[float | None]:
    """Return p-values adjusted over those that are there."""
    known = [value for value in p if value is not None]
    adjusted = iter(benjamini_hochberg(np.array(known)).tolist())
    return [None if value is None else next(adjusted) for value in p]
