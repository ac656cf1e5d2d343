"""Whether a rule can be used in a study at all; asked before anything is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from underspec.choose._protocol import Chooser, Particular, Together, Weights, matching
from underspec.core.errors import UsageError, one_of

__all__ = ["Offered", "refuse_unfit"]


@dataclass(frozen=True)
class Offered:
    """What rules can know of a probe beforehand.

    Attributes:
        name: of the probe.
        may_choose: whether anything may be tuned on it.
        scored: whether the scores of every class are kept.
        averaged: whether the mean of several models' weights can be asked about it.
    """

    name: str
    may_choose: bool
    scored: bool
    averaged: bool = False


def refuse_unfit(rules: Mapping[str, Chooser], probes: Sequence[Offered]) -> None:
    """Refuse rules that lack what they look at.

    Args:
        rules: name to rule.
        probes: of the study, the holdout first.

    Raises:
        UsageError: a rule looks at a probe that there is not, or that may not be tuned on, or
            averages scores that are not kept, or weights where there are no models to average.
    """
    names = [probe.name for probe in probes]
    free = [probe.name for at, probe in enumerate(probes) if at == 0 or probe.may_choose]
    for name, rule in rules.items():
        if isinstance(rule, Particular):
            named = matching(rule.probe, names)
            if not named:
                raise UsageError(
                    f"The choice rule '{name}': " + one_of("probe in this study", rule.probe, names)
                )
            if not set(named) & set(free):
                raise UsageError(
                    f"The choice rule '{name}' looks at '{named[0]}', on which nothing may be tuned by "
                    f"its licence, a choice included. Name another probe, such as '{free[-1]}'."
                )
        bare = [p.name for p in probes if p.name in free and not p.scored]
        if isinstance(rule, Together) and bare:
            raise UsageError(
                f"The choice rule '{name}' averages the scores of every class, but of the probe "
                f"'{bare[0]}' only answers are kept. Take another rule."
            )
        if isinstance(rule, Weights) and not all(probe.averaged for probe in probes):
            raise UsageError(
                f"The choice rule '{name}' averages the weights of models, which takes a run with a trainer that "
                "can do so, such as torch, and models: keep. Take another rule, such as ensemble."
            )
