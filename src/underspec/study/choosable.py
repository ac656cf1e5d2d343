"""Choice rules of a study: their names, and whether they suit it, before anything is trained."""

from collections import Counter
from collections.abc import Mapping, Sequence

from underspec import choose
from underspec.choose._protocol import Chooser, Together
from underspec.choose.fits import Offered, refuse_unfit
from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.metrics._protocol import Fitted, Metric
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.probing import ProbeRow
from underspec.study.spec import MemberSpec, made, member

__all__ = ["choosable", "named_rules", "refuse_fitted"]


def named_rules(written: Sequence[MemberSpec]) -> dict[str, Chooser]:
    """Return the rules of a study file by name; one that comes several times is told by its values.

    Raises:
        UsageError: no such rule, its parameters do not fit, or one is given twice.
    """
    times = Counter(member(rule)[0] for rule in written)
    found: dict[str, Chooser] = {}
    for rule in written:
        name, parameters = member(rule)
        if times[name] > 1:
            name = " ".join([name, *(str(value) for value in parameters.values())])
        if name in found:
            raise UsageError(f"The choice rule '{name}' is given twice. Give it once.")
        found[name] = made(choose, rule)
    return found


def choosable(
    rules: Mapping[str, Chooser],
    metrics: Mapping[str, Metric],
    holdout: Data,
    rows: Sequence[ProbeRow],
) -> None:
    """Refuse rules that this study has not the probes or the scores for.

    Args:
        rules: name to rule.
        metrics: name to metric, the first one first.
        holdout: of the study.
        rows: of its probes, the holdout first.

    Raises:
        UsageError: a rule does not suit.
    """
    refuse_fitted(rules, metrics)
    classes = len(holdout.classes) or int(holdout.labels.max(initial=0)) + 1
    whole = holdout.regression or classes <= WHOLE_SCORES
    refuse_unfit(rules, [Offered(r.name, r.may_choose, whole and not r.reads) for r in rows])


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
