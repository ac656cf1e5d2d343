"""Whether to ship, and whose pick: the best rule that surely gains, or none."""

import math
from collections.abc import Iterable, Sequence

from underspec.choose.sure import reach
from underspec.core.findings import Advice, Choice, ProbeFinding
from underspec.stats.few import FEWEST

__all__ = ["advise", "recommended"]

_BASELINE = "random_pick"


def recommended(choices: Iterable[Choice]) -> str | None:
    """Return the rule with the largest gain among those that surely gain, if any.

    Sure is a gain whose interval, widened for the number of rules compared (Bonferroni, 5 % in all,
    two-sided), is above 0, and a transfer whose interval is not below 0: a rule that does worse
    than a random pick on stress tests it did not see has learnt these tests, not robustness. No
    gain of few clusters is sure: their intervals hold on average, not where one is odd.
    """
    compared = [c for c in choices if c.rule != _BASELINE]
    sure = [
        (-(c.gain.value or 0.0), c.rule)
        for c in compared
        if _gains(c, len(compared)) and (c.transfer.high is None or c.transfer.high >= 0)
    ]
    return min(sure)[1] if sure else None


def _gains(choice: Choice, compared: int) -> bool:
    gain, clusters = choice.gain, math.inf if choice.clusters is None else choice.clusters
    if gain.value is None or gain.low is None or clusters < FEWEST:
        return False
    wider = reach(clusters, 0.025 / compared) / reach(clusters)
    return gain.value - wider * (gain.value - gain.low) > 0


def advise(
    kept: Sequence[str],
    probes: Sequence[ProbeFinding],
    choices: Sequence[Choice],
    rule: str | None,
) -> Advice:
    """Return whether to ship; "specify more" is an answer.

    Args:
        kept: ids of the pool.
        probes: findings under the metric that chose.
        choices: what the rules would ship.
        rule: the one recommended, if any.
    """
    stressed = [probe for probe in probes if probe.kind != "holdout"]
    parting = sum(probe.spread_verdict == "yes" for probe in stressed)
    still = sum(probe.spread_verdict == "unknown" for probe in stressed)
    falling = sum(p.drop_verdict == "yes" and p.spread_verdict == "no" for p in stressed)
    of = f"of {len(stressed)} stress test{'s' if len(stressed) != 1 else ''}"
    fall = f" On {falling} {of} all variants fall alike by more than is allowed, which no choice among them mends."  # fmt: skip
    fall *= bool(falling)
    if not kept:
        return Advice("nothing", "No variant was kept, so there is nothing to ship.")
    if rule is not None:
        return Advice(
            "ship",
            f"Ship the pick of '{rule}': that rule surely gains over a random pick from the pool.{fall}",
        )
    if not any(choice.rule != _BASELINE for choice in choices):
        return Advice("not_graded", "No rule for choosing among the kept variants was tried.")
    if not stressed:
        return Advice(
            "undecided",
            "Nothing was stress-tested, so nothing tells which of the kept variants to ship.",
        )
    fall += _few(probes, choices)
    if parting:
        return Advice(
            "specify_more",
            f"Do not ship before you have specified more: the kept variants part on {parting} {of}, and no "
            f"rule tried is safe to choose among them by.{fall}",
        )
    if still:
        return Advice(
            "undecided",
            f"No pick is to be preferred, and whether the kept variants part stays open on {still} {of}: "
            f"decide that, or specify more, before you ship.{fall}",
        )
    return Advice(
        "any",
        f"Any of the kept variants will do as far as these tests tell: they part on none {of}, so that "
        f"there is nothing to choose by.{fall}",
    )


def _few(probes: Sequence[ProbeFinding], choices: Sequence[Choice]) -> str:
    """Return why nothing can be recommended where clusters are few, as a sentence of its own."""
    counts = [c.clusters for c in choices if c.rule != _BASELINE and c.clusters is not None]
    if not counts or max(counts) >= FEWEST:
        return ""
    least = min(probes, key=lambda probe: probe.clusters)
    return (
        f" No rule is recommended whatever it gained: rules were graded on the like of {max(counts):.0f} "
        f"clusters of one size, and under {FEWEST:.0f} a gain is not told from luck. '{least.name}' has the "
        f"fewest, {least.clusters}: give it more, or leave it out."
    )
