"""The holdout, measured once, and each probe held against it, before adjustment."""

from dataclasses import dataclass, replace

from underspec.core.errors import UsageError
from underspec.core.findings import Gap, Interval, ProbeFinding
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.contrastive import contrast, judges, own_metric
from underspec.measure.gap import NO_GAP, gap_finding
from underspec.measure.mean import NOTHING, drop_estimate, drop_fit, mean_finding
from underspec.measure.overdispersion import overdispersion_finding
from underspec.measure.ratio import no_ratio, ratio_finding
from underspec.measure.reading import Reader
from underspec.measure.spread import NO_SPREAD, misshapen, spread_finding
from underspec.measure.verdict import LEAST_KEPT, p_spread
from underspec.stats.gap import GapFit, fit_gap
from underspec.stats.mean import MeanEnds
from underspec.stats.planning import power
from underspec.stats.ratio import null_ratio
from underspec.stats.spread import SpreadFit, fit_spread
from underspec.stats.totals import Totals

__all__ = ["Draft", "Yardstick"]


@dataclass(frozen=True)
class Draft:
    """What is said of a probe by itself, with the fits from which `needs` is reckoned.

    Attributes:
        finding: without adjusted p-values and without verdict.
        gap: None where too little is there for one.
        drop: None where `gap` is.
        judged: False of a contrastive probe that the metric's margins are not meant for.
    """

    finding: ProbeFinding
    gap: GapFit | None = None
    drop: MeanEnds | None = None
    judged: bool = True


class Yardstick:
    """A study's holdout.

    Attributes:
        trained: spread of all trained variants, None under two variants or clusters.
        gap: between kept variants.
    """

    def __init__(
        self,
        holdout: Evidence,
        kept: tuple[str, ...],
        metric_name: str,
        metric: Scaled,
        epsilon: float,
        *,
        middle: bool = True,
    ) -> None:
        self._holdout, self._kept, self._epsilon = holdout, kept, epsilon
        self._metric_name, self._metric = metric_name, metric
        self._read = Reader()
        everyone = self._read(holdout, holdout.variants)
        self._everyone, self._middle = everyone, middle
        self._totals = everyone.only(holdout.rows(kept))
        self._mean = mean_finding(self._totals, metric, everyone, middle=middle)
        self.trained: SpreadFit | None = (
            fit_spread(everyone, metric.range) if everyone.resolved else None
        )
        self.gap: Gap = NO_GAP
        if self._totals.resolved:
            fit = fit_gap(self._totals, fit_spread(self._totals, metric.range))
            self.gap = gap_finding(fit, metric)

    @property
    def steady(self) -> bool:
        """Whether the holdout's spread is not the work of a few variants."""
        return self.trained is not None and not misshapen(self.trained)

    def finding(self, because: str) -> ProbeFinding:
        """Return the holdout's own finding: its spread is over all trained variants."""
        spread, ratio = NO_SPREAD, no_ratio(1.0)
        if self.trained is not None:
            spread = spread_finding(self.trained, len(self._totals.sizes), self._metric)
            if self.trained.true > 0:
                ratio = replace(ratio, value=1.0, low=1.0, high=1.0)
        return replace(
            self._blank(self._holdout, self._totals, self._everyone),
            drop=NOTHING if self._mean.value is None else Interval(0.0, 0.0, 0.0),
            spread=spread,
            gap=self.gap,
            ratio=ratio,
            verdict="yardstick",
            because=because,
        )

    def draft(self, probe: Evidence) -> Draft:
        """Return what can be said of a probe by itself.

        Raises:
            UsageError: its variants are not the holdout's.
        """
        self._check(probe)
        everyone = self._read(probe, self._holdout.variants)
        totals = everyone.only(self._holdout.rows(self._kept))
        blank = self._blank(probe, totals, everyone)
        if probe.scale is not None:
            return self._contrast(probe, blank, totals, everyone)
        if blank.mean.value is None or self._mean.value is None:
            return Draft(blank)
        null = self._null(totals)
        if not totals.resolved or self.trained is None:
            drop = drop_estimate(self._mean, blank.mean, self._metric)
            return Draft(replace(blank, drop=drop, ratio=no_ratio(null)))
        spread = fit_spread(totals, self._metric.range)
        gap = fit_gap(totals, spread)
        fallen = drop_fit(
            self._totals, totals, self._metric, (self._everyone, everyone), middle=self._middle
        )
        p = p_spread(gap, self.trained, self._epsilon, null) if totals.k >= LEAST_KEPT else None
        finding = replace(
            blank,
            drop=Interval(fallen.value, fallen.low, fallen.high),
            spread=spread_finding(spread, len(totals.sizes), self._metric),
            gap=gap_finding(gap, self._metric),
            ratio=ratio_finding(spread, self.trained, null),
            p=p,
            power=power(spread, self.trained, self._epsilon, null),
        )
        return Draft(finding, gap, fallen)

    def _contrast(
        self, probe: Evidence, blank: ProbeFinding, totals: Totals, everyone: Totals
    ) -> Draft:
        """Return what is said of a contrastive probe, which is held to no spread on the holdout."""
        assert probe.scale is not None  # noqa: S101 - asked for by the caller
        said = contrast(
            probe,
            blank,
            totals,
            everyone,
            kept=self._kept,
            epsilon=self._epsilon,
            middle=self._middle,
        )
        if judges(self._metric_name, self._metric, probe.scale):
            return Draft(said.finding, said.gap, said.drop)
        told = replace(said.finding, metric=own_metric(probe.scale), p=None, power=None)
        return Draft(told, judged=False)

    def _check(self, probe: Evidence) -> None:
        if set(probe.variants) != set(self._holdout.variants):
            raise UsageError(
                f"The probe '{probe.name}' has {len(probe.variants)} variants that are not the "
                f"holdout's {len(self._holdout.variants)}: predict every trained variant on both."
            )

    def _null(self, totals: Totals) -> float:
        if not self._metric.proportion:
            return 1.0
        # Of all trained, as is the spread that stands below the line: skewed effects lose their tail
        # to the selection.
        here, holdout = float(totals.means.mean()), float(self._everyone.means.mean())
        return null_ratio(here, holdout, n_here=totals.n, n_holdout=self._everyone.n)

    def _blank(self, evidence: Evidence, totals: Totals, everyone: Totals) -> ProbeFinding:
        return ProbeFinding(
            name=evidence.name,
            title=evidence.title,
            metric=self._metric_name,
            kind=evidence.kind,
            family=evidence.family,
            severity=evidence.severity,
            n=len(evidence.clusters),
            clusters=len(totals.sizes),
            mean=mean_finding(
                totals, evidence.scale or self._metric, everyone, middle=self._middle
            ),
            drop=NOTHING,
            spread=NO_SPREAD,
            gap=NO_GAP,
            ratio=no_ratio(None),
            overdispersion=overdispersion_finding(evidence.name, totals),
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
