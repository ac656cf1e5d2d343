"""What is said of a contrastive probe in a plain sentence, with the numbers."""

from dataclasses import dataclass

from underspec.core.findings import Drop, Gap, ProbeFinding, YesNo
from underspec.core.metric_words import spoken
from underspec.measure.verdict import ALPHA, LEAST_KEPT

__all__ = ["PairWords"]


@dataclass(frozen=True)
class PairWords:
    """Says findings of a contrastive probe in words.

    Attributes:
        share: whether answers are classes, and figures shares of pairs; otherwise they are numbers.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed, None where none was set.
    """

    share: bool
    epsilon: float
    max_drop: float | None

    def verdict(self, one: ProbeFinding, kept: int, tests: int, spread: YesNo, drop: YesNo) -> str:
        """Return why a probe has its verdict.

        Args:
            one: what is said of it.
            kept: near-equal variants.
            tests: probes that the adjustment of p-values is over.
            spread: verdict of that axis.
            drop: verdict of that axis.
        """
        if one.drop.value is None:
            return "No near-equal model was kept, so there is nothing to tell."
        part = self._spread(kept, one.gap, one.p, tests, spread)
        return f"{self._change(one.drop)}{self._limit(one.drop, drop)}; {part}."

    def reported(self, metric: str, one: ProbeFinding) -> str:
        """Return what is told of a probe that the study's metric does not judge."""
        drop, gap = one.drop, one.gap
        why = (
            f"{spoken(metric)} is no share of examples, so the study's margins are not meant for shares of pairs"
            if self.share
            else f"the study's margins are for {spoken(metric)}, not for a difference between two answers"
        )
        if drop.value is None:
            return f"Not judged: {why}."
        typical = "" if gap.value is None else f"; {self._typical(gap)}"
        return f"{self._change(drop)}{typical}. Not judged: {why}."

    def _change(self, drop: Drop) -> str:
        ends = ""
        if drop.low is not None and drop.high is not None:
            ends = f" ({self._number(max(0.0, drop.low))} to {self._level(drop.high)})"
        value = self._level(drop.value or 0.0)
        if self.share:
            return f"Near-equal models change their answer for {value} of the pairs{ends}"
        return (
            f"Near-equal models move their answer by {value} between the two sides of a pair{ends}"
        )

    def _limit(self, drop: Drop, verdict: YesNo) -> str:
        if self.max_drop is None or drop.low is None:
            return ""
        limit = self._level(self.max_drop, short=True)
        if verdict == "yes":
            return f", more than the {limit} allowed"
        return f", within the {limit} allowed" if verdict == "no" else f", and whether that is more than {limit} is open"  # fmt: skip

    def _spread(self, kept: int, gap: Gap, p: float | None, tests: int, verdict: YesNo) -> str:
        if kept < LEAST_KEPT:
            were = "1 was" if kept == 1 else f"{kept} were"
            return (
                f"only {were} kept, under the {LEAST_KEPT} that it takes to judge how far they part"
            )
        if gap.value is None or gap.low is None:
            return "the probe is too small to tell how far they part"
        if verdict == "yes":
            return self._typical(gap)
        if verdict == "no":
            return (
                f"two of them differ in how {self._many} by {self._amount(gap.high or 0.0)} at most, within the "
                f"{self._number(self.epsilon)} asked for"
            )
        if p is not None and p <= ALPHA:
            return f"{self._typical(gap)}, which can happen by chance among {tests} probes"
        more = f"more than {self._number(self.epsilon)} can be neither shown nor ruled out"
        return f"{self._typical(gap)}, and {more}"

    def _typical(self, gap: Gap) -> str:
        low = self._number(gap.low or 0.0)
        ends = f"{low} or more" if gap.high is None else f"{low} to {self._number(gap.high)}"
        value = self._amount(gap.value or 0.0)
        return f"two of them typically differ in how {self._many} by {value} ({ends})"

    @property
    def _many(self) -> str:
        return "many" if self.share else "much"

    def _level(self, value: float, *, short: bool = False) -> str:
        return self._number(value, short=short) + (" %" if self.share else "")

    def _amount(self, value: float) -> str:
        number = self._number(value)
        if not self.share:
            return number
        return "1 point" if number == "1" else f"{number} points"

    def _number(self, value: float, *, short: bool = False) -> str:
        if not self.share:
            return f"{value + 0.0:.3g}"
        points = 100 * value
        if 0 < abs(points) < 0.095:
            return f"{points:.1g}"
        number = f"{points + 0.0:.1f}"
        return number.removesuffix(".0") if short else number
