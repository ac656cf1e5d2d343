"""How pool and verdicts move with epsilon: the stress tests judged again with other pools."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Drop, EpsilonCalls, EpsilonCurve, EpsilonPoint, Gap, Ratio
from underspec.measure._protocol import Evidence, Scaled
from underspec.measure.gap import NO_GAP, gap_finding
from underspec.measure.mean import NOTHING, drop_fit
from underspec.measure.ratio import no_ratio, ratio_finding
from underspec.measure.reading import Reader, kept_ids
from underspec.measure.spread import misshapen
from underspec.measure.verdict import LEAST_KEPT, drop_axis, p_spread, spread_axis, word
from underspec.stats.evidence import benjamini_hochberg
from underspec.stats.gap import GapFit, fit_gap
from underspec.stats.mean import MeanEnds
from underspec.stats.ratio import null_ratio
from underspec.stats.spread import SpreadFit, fit_spread
from underspec.stats.totals import Totals

__all__ = ["EpsilonSweep"]

CALLED = ("underspecified", "both")

# The holdout's totals of all pools are held up to this size, beyond it made again for each probe.
_HELD = 2**27


@dataclass(frozen=True)
class _Reading:
    """One probe at one epsilon, before adjustment; as it stands, where too little is there."""

    p: float | None = None
    gap: Gap = NO_GAP
    ratio: Ratio = no_ratio(None)  # noqa: RUF009 - a frozen record
    drop: Drop = NOTHING


class EpsilonSweep:
    """Judges probes at several epsilons, each seen once and not held.

    Words, gaps and p-values are those that `judge` gives with the same pool and epsilon.
    """

    def __init__(
        self,
        holdout: Evidence,
        pools: Sequence[tuple[float, Sequence[str]]],
        *,
        own: float,
        metric: Scaled,
        max_drop: float | None,
        middle: bool = True,
    ) -> None:
        """Read the holdout.

        Args:
            holdout: the yardstick.
            pools: an epsilon and the ids that it keeps, smallest first; none for no curve.
            own: the study's epsilon.
            metric: its scale.
            max_drop: the largest drop allowed, None for no limit.
            middle: whether pools are cut around the middle of all variants, not around the best.

        Raises:
            UsageError: a pool names a variant twice, or one that the holdout lacks.
        """
        self._own, self._metric, self._max_drop, self._middle = own, metric, max_drop, middle
        self._variants = holdout.variants
        self._epsilons = [epsilon for epsilon, _ in pools]
        self._rows = [holdout.rows(kept_ids(tuple(kept))) for _, kept in pools]
        self._read = Reader()
        self._lab = self._read(holdout, holdout.variants) if pools else None
        resolved = self._lab is not None and self._lab.resolved
        self._trained = fit_spread(self._lab, metric.range) if self._lab and resolved else None
        self._held: dict[bytes, Totals] = {}
        self._names: list[str] = []
        self._readings: list[list[_Reading]] = []

    def take(self, probe: Evidence) -> Evidence:
        """Read a probe, the holdout and contrastive ones left aside, and return it.

        Raises:
            UsageError: it lacks a variant of the holdout.
        """
        if self._epsilons and probe.kind not in ("holdout", "contrastive"):
            totals = self._read(probe, self._variants)
            fitted: dict[bytes, _Fits | None] = {}
            readings = []
            for epsilon, rows in zip(self._epsilons, self._rows, strict=True):
                key = rows.tobytes()
                if key not in fitted:
                    fitted[key] = self._fit(totals, rows)
                readings.append(self._reading(fitted[key], epsilon))
            self._names.append(probe.name)
            self._readings.append(readings)
        return probe

    def finding(self) -> EpsilonCurve | None:
        """Return the curve over all probes taken; None without pools."""
        if not self._epsilons:
            return None
        words = [self._words(at) for at in range(len(self._epsilons))]
        points = tuple(self._point(at, said) for at, said in enumerate(words))
        calls = tuple(
            self._calls(name, [said[row] in CALLED for said in words])
            for row, name in enumerate(self._names)
        )
        return EpsilonCurve(self._own, points, calls)

    def _fit(self, everyone: Totals, rows: NDArray[np.intp]) -> "_Fits | None":
        totals = everyone.only(rows)
        if not totals.resolved or self._trained is None or self._lab is None:
            return None
        lab = self._pool_in_lab(rows)
        gap = fit_gap(totals, fit_spread(totals, self._metric.range))
        null = 1.0
        if self._metric.proportion:
            here, there = float(totals.means.mean()), float(self._lab.means.mean())
            null = null_ratio(here, there, n_here=totals.n, n_holdout=self._lab.n)
        drop = drop_fit(lab, totals, self._metric, (self._lab, everyone), middle=self._middle)
        return _Fits(totals.k, gap, self._trained, drop, null)

    def _pool_in_lab(self, rows: NDArray[np.intp]) -> Totals:
        assert self._lab is not None  # noqa: S101 - there are pools
        key = rows.tobytes()
        if key in self._held:
            return self._held[key]
        totals = self._lab.only(rows)
        if sum(one.values.nbytes for one in self._held.values()) + totals.values.nbytes <= _HELD:
            self._held[key] = totals
        return totals

    def _reading(self, fits: "_Fits | None", epsilon: float) -> _Reading:
        if fits is None:
            return _Reading()
        p = None
        if fits.k >= LEAST_KEPT:
            p = p_spread(fits.gap, fits.trained, epsilon, fits.null)
        return _Reading(
            p=p,
            gap=gap_finding(fits.gap, self._metric),
            ratio=ratio_finding(fits.gap.spread, fits.trained, fits.null),
            drop=Drop(fits.drop.value, fits.drop.low, fits.drop.high),
        )

    def _words(self, at: int) -> list[str]:
        """Return the verdicts of all probes at one epsilon."""
        readings = [row[at] for row in self._readings]
        known = [one.p for one in readings if one.p is not None]
        adjusted = iter(benjamini_hochberg(np.array(known)).tolist())
        steady = self._trained is not None and not misshapen(self._trained)
        said: list[str] = []
        for one in readings:
            p = None if one.p is None else next(adjusted)
            spread = spread_axis(p, one.gap, one.ratio, self._epsilons[at], steady=steady)
            said.append(word(drop_axis(one.drop, self._max_drop), spread).verdict)
        return said

    def _point(self, at: int, said: Sequence[str]) -> EpsilonPoint:
        kept = len(self._rows[at])
        gaps = [
            (row[at].gap.value, row[at].gap, name)
            for name, row in zip(self._names, self._readings, strict=True)
        ]
        known = [(value, gap, name) for value, gap, name in gaps if value is not None]
        _, gap, worst = max(known, key=lambda one: one[0], default=(None, NO_GAP, None))
        note = None
        if kept < LEAST_KEPT:
            note = f"Under {LEAST_KEPT} are kept: how far they part is not judged."
        return EpsilonPoint(
            epsilon=self._epsilons[at],
            kept=kept,
            mean_gap=float(np.mean([value for value, _, _ in known])) if known else None,
            worst=worst,
            worst_gap=gap,
            verdicts=dict(sorted(Counter(said).items())),
            note=note,
        )

    def _calls(self, name: str, called: Sequence[bool]) -> EpsilonCalls:
        at = [epsilon for epsilon, yes in zip(self._epsilons, called, strict=True) if yes]
        if not at:
            return EpsilonCalls(name, None, None, None)
        after = [epsilon for epsilon in self._epsilons if epsilon > at[-1]]
        return EpsilonCalls(name, at[0], at[-1], after[0] if after else None)


@dataclass(frozen=True)
class _Fits:
    """One pool on one probe: all that its verdict needs but epsilon."""

    k: int
    gap: GapFit
    trained: SpreadFit
    drop: MeanEnds
    null: float
