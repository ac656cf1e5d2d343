"""What to ship."""

from dataclasses import dataclass
from typing import Literal

from underspec.core.findings.interval import Interval

__all__ = ["Advice", "Choice", "WinnersCurse"]


@dataclass(frozen=True)
class WinnersCurse:
    """What a rule's picks look like to who chose them, and what they are worth.

    Attributes:
        probe: on which: the holdout, or the stress test on which the variants do worst on the whole.
        decided: the metric of the picks on the half that chose them, as is usually reported;
            averaged over halvings, each with its pick.
        reported: the same on the half that did not choose.
        optimism: by how much the first is too good, positive for too good whatever the metric.
        splits: halvings that these are from: those whose halves both define the metric of the picks.
    """

    probe: str
    decided: Interval
    reported: Interval
    optimism: Interval
    splits: int | None = None


@dataclass(frozen=True)
class Choice:
    """What a rule would ship, and what the rule gains over a random pick.

    Attributes:
        rule: its name.
        variants: its pick on the study's own halving of the examples.
        gain: how much closer to the best the rule's picks come in their worst test than a random
            pick does, on the half that did not choose; averaged over halvings, each with its pick.
        transfer: mean lead over the pool on families of tests that were left out of the choice.
        splits: how many halvings the gain is from.
        together: whether several variants answer together, by the mean of their scores; otherwise
            they are a lottery.
        weights: whether it is one model instead, by the mean of their weights; `together` is true too.
        winners_curse: on the holdout, and on the stress test on which the variants do worst.
        clusters: behind the gain, as many as do as well if all were of one size; under 20 no gain is
            told from luck and the rule is not recommended. None where the gain has no error.
        transfer_splits: how many halvings the transfer is from.
    """

    rule: str
    variants: tuple[str, ...]
    gain: Interval
    transfer: Interval
    splits: int
    together: bool = False
    winners_curse: tuple[WinnersCurse, ...] = ()
    clusters: float | None = None
    transfer_splits: int | None = None
    weights: bool = False


@dataclass(frozen=True)
class Advice:
    """Whether to ship.

    Attributes:
        code: ``ship`` the pick of the rule recommended; ``any`` of the pool, as far as these tests
            tell; ``specify_more``, and do not ship before; ``undecided``; ``not_graded``, as no
            rule was tried; ``nothing`` to ship, as no variant was kept.
        sentence: the same in plain words.
    """

    code: Literal["ship", "any", "specify_more", "undecided", "not_graded", "nothing"]
    sentence: str
