"""The verdict in a plain sentence, with the numbers."""

from dataclasses import dataclass

from underspec.core.findings import Drop, Gap, YesNo
from underspec.core.metric_words import is_share, spoken
from underspec.measure.verdict import ALPHA, LEAST_KEPT

__all__ = ["Words"]


@dataclass(frozen=True)
class Words:
    """Says findings in words.

    Attributes:
        metric: name of the metric; differences of a share are told in points, hundredths.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed, None where none was set.
    """

    metric: str
    epsilon: float
    max_drop: float | None

    def verdict(
        self,
        *,
        kept: int,
        gap: Gap,
        lab: Gap,
        drop: Drop,
        p: float | None,
        tests: int,
        spread_verdict: YesNo,
        drop_verdict: YesNo,
    ) -> str:
        """Return why a probe has its verdict.

        Args:
            kept: near-equal variants.
            gap: on the probe.
            lab: the gap on the holdout.
            drop: from the holdout.
            p: of the spread, before adjustment for `tests`.
            tests: probes that the adjustment is over.
            spread_verdict: of the spread axis.
            drop_verdict: of the drop axis.
        """
        spread = self._spread(kept, gap, lab, p, tests, spread_verdict)
        return f"{spread}; {self._drop(drop, drop_verdict)}."

    def yardstick(self, kept: int, gap: Gap) -> str:
        """Return what the holdout is there for."""
        if gap.value is None:
            return f"The yardstick; {_count(kept)} kept, too few to say how far they differ."
        return (
            f"The yardstick: the {kept} near-equal models typically differ by "
            f"{self._amount(gap.value)} here ({self._ends(gap)}); "
            f"{self._number(self.epsilon)} was asked for."
        )

    def _spread(
        self, kept: int, gap: Gap, lab: Gap, p: float | None, tests: int, verdict: YesNo
    ) -> str:
        if kept < LEAST_KEPT:
            return (
                f"{_count(kept)} kept, under the {LEAST_KEPT} "
                "that it takes to judge how far they part"
            )
        if gap.value is None or gap.low is None:
            return "The probe is too small to tell how far near-equal models part"
        typical = (
            f"Near-equal models typically differ by {self._amount(gap.value)} here "
            f"({self._ends(gap)})"
        )
        if verdict == "yes":
            beside = "" if lab.value is None else f" against {self._number(lab.value)} in the lab"
            return typical + beside
        if verdict == "no":
            if gap.high is not None and gap.high <= self.epsilon:
                return (
                    f"Near-equal models differ by {self._amount(gap.high)} at most here, "
                    f"within the {self._number(self.epsilon)} asked for"
                )
            return f"{typical}, no more than one common skill would make of their spread in the lab"
        if p is not None and p <= ALPHA:
            return f"{typical}, which can happen by chance among {tests} probes"
        if gap.low > self.epsilon:
            return f"{typical}, not shown to be more than their spread in the lab would make of it"
        return (
            f"{typical}; more than {self._number(self.epsilon)} can be neither shown nor ruled out"
        )

    def _drop(self, drop: Drop, verdict: YesNo) -> str:
        if drop.value is None:
            return "the drop cannot be told"
        size = self._amount(abs(drop.value), short=True)
        fall = f"the drop of {size}" if drop.value >= 0 else f"the rise of {size}"
        if drop.low is None or drop.high is None:
            return f"{fall} has no interval"
        if self.max_drop is None:
            return f"{fall} stands against no limit, since none was set"
        limit = self._number(self.max_drop, short=True)
        if verdict == "yes":
            return f"{fall} is beyond {limit}"
        if verdict == "no":
            return f"{fall} is within {limit}" if drop.value >= 0 else f"{fall} is no drop"
        low, high = (self._number(end, short=True) for end in (drop.low, drop.high))
        return f"whether the drop of {low} to {high} is beyond {limit} is open"

    def _ends(self, gap: Gap) -> str:
        low = self._number(gap.low or 0.0)
        return f"{low} or more" if gap.high is None else f"{low} to {self._number(gap.high)}"

    def _amount(self, value: float, *, short: bool = False) -> str:
        number = self._number(value, short=short)
        if not is_share(self.metric):
            return f"{number} in {spoken(self.metric)}"
        return "1 point" if number == "1" else f"{number} points"

    def _number(self, value: float, *, short: bool = False) -> str:
        if not is_share(self.metric):
            return f"{value:.3g}"
        points = 100 * value
        if 0 < abs(points) < 0.095:
            return f"{points:.1g}"
        number = f"{points + 0.0:.1f}"
        return number.removesuffix(".0") if short else number


def _count(kept: int) -> str:
    if kept == 0:
        return "No near-equal model was"
    return "Only 1 near-equal model was" if kept == 1 else f"Only {kept} near-equal models were"
