"""What to ship."""

from dataclasses import dataclass

from underspec.core.findings.interval import Interval

__all__ = ["Choice"]


@dataclass(frozen=True)
class Choice:
    """What a rule would ship, and what the rule gains over a random pick.

    Attributes:
        rule: its name.
        variants: its pick on the study's own halving of the examples.
        gain: how much closer to the best the rule's picks come in their worst test than a random
            pick does, on the half that did not choose; averaged over halvings, each with its pick.
        transfer: mean lead over the pool on families of tests that were left out of the choice.
        splits: how many halvings.
    """

    rule: str
    variants: tuple[str, ...]
    gain: Interval
    transfer: Interval
    splits: int
