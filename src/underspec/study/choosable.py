"""Choice rules of a study: their names, and whether they suit it, before anything is trained."""

from collections import Counter
from collections.abc import Mapping, Sequence

from underspec import choose
from underspec.choose._protocol import Chooser, Together
from underspec.choose.fits import Offered, refuse_unfit
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.measure.contrastive import judges
from underspec.metrics._protocol import Fitted, Metric
from underspec.study.canonical import describe
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.pairs import Agreement
from underspec.study.probing import ProbeRow
from underspec.study.spec import MemberSpec, made, member

__all__ = ["choosable", "named_rules", "refuse_fitted", "with_baseline"]

_BASELINE = "random_pick"


def with_baseline(
    rules: str | Chooser | Sequence[str | Chooser] | Mapping[str, Chooser],
) -> dict[str, Chooser]:
    """Return choice rules by name, the baseline among them.

    Args:
        rules: a name or a rule, several, or rules by name.

    Raises:
        UsageError: no such rule, or one is given twice.
    """
    if isinstance(rules, Mapping) and all(callable(rule) for rule in rules.values()):
        asked = dict(rules)
    else:
        alone = isinstance(rules, str | Mapping) or callable(rules)
        asked = named_rules([rules] if alone else list(rules))  # type: ignore[list-item,arg-type]
    return {**asked, _BASELINE: choose.get(_BASELINE)}


def named_rules(written: Sequence[MemberSpec | Chooser]) -> dict[str, Chooser]:
    """Return rules by name; one that comes several times is told by its values.

    Args:
        written: names, rules, or what a study file writes.

    Raises:
        UsageError: no such rule, its parameters do not fit, or one is given twice.
    """
    named = [_named(rule) for rule in written]
    times = Counter(name for name, _ in named)
    found: dict[str, Chooser] = {}
    for rule, (short, values) in zip(written, named, strict=True):
        name = " ".join([short, *values]) if times[short] > 1 else short
        if name in found:
            raise UsageError(f"The choice rule '{name}' is given twice. Give it once.")
        found[name] = rule if callable(rule) else made(choose, rule)
    return found


def _named(rule: MemberSpec | Chooser) -> tuple[str, list[str]]:
    """Return a rule's name, and its parameters where these are needed to tell it from another."""
    if not callable(rule):
        name, parameters = member(rule)
        return name, [str(value) for value in parameters.values()]
    described = describe(rule, choose.registry)
    name, parameters = next(iter(described.items()))
    values = parameters.values() if isinstance(parameters, Mapping) else ()
    short = type(rule).__name__.lower() if ":" in name else name
    return short, [str(value) for value in values if value is not None]


def choosable(
    rules: Mapping[str, Chooser],
    metrics: Mapping[str, Metric],
    holdout: Data,
    rows: Sequence[ProbeRow],
    *,
    averaged: bool = False,
) -> None:
    """Refuse rules that this study has not the probes or the scores for.

    Args:
        rules: name to rule.
        metrics: name to metric, the first one first.
        holdout: of the study.
        rows: of its probes, the holdout first.
        averaged: whether models can be averaged.

    Raises:
        UsageError: a rule does not suit.
    """
    refuse_fitted(rules, metrics)
    classes = len(holdout.classes) or int(holdout.labels.max(initial=0)) + 1
    whole = holdout.regression or classes <= WHOLE_SCORES
    name, first = next(iter(metrics.items()))
    pairs = judges(name, first, Agreement(not holdout.regression))
    refuse_unfit(
        rules,
        [
            Offered(r.name, r.may_choose, whole and not r.reads, averaged)
            for r in rows
            if r.kind != "contrastive" or pairs
        ],
    )


def refuse_fitted(rules: Mapping[str, Chooser], metrics: Mapping[str, Metric]) -> None:
    """Refuse rules whose variants answer together under a metric that is fixed for each variant.

    Raises:
        UsageError: there is one.
    """
    name, first = next(iter(metrics.items()))
    together = [rule for rule, made in rules.items() if isinstance(made, Together)]
    if together and isinstance(first, Fitted):
        raise UsageError(
            f"The choice rule '{together[0]}' makes one model of several, but the metric '{name}' is fixed for "
            "each variant beforehand, so it cannot grade that model. Take another rule, or name another "
            "metric first."
        )
