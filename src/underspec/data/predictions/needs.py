"""What every analysis of foreign predictions needs: a holdout of two classes, and two variants."""

from collections.abc import Collection, Sequence

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Answers, Floats
from underspec.data.predictions.texts import natural

__all__ = ["probes_in_order", "two_classes", "two_targets", "variants_in_order"]


def probes_in_order(titles: Collection[str], holdout: str | None) -> list[str]:
    """Return the probes, the holdout first, the others in natural order.

    Raises:
        UsageError: no holdout is named, or an unknown one.
    """
    known = sorted(titles, key=natural)
    if not holdout:
        raise UsageError(
            "No holdout: say which probe the variants were ranked by, with --holdout NAME. "
            f"Probes: {', '.join(known[:12])}."
        )
    if holdout not in known:
        raise UsageError(one_of("probe", holdout, known) + " One of them is the holdout.")
    return [holdout, *(title for title in known if title != holdout)]


def variants_in_order(ids: Collection[str]) -> list[str]:
    """Return the variants in natural order.

    Raises:
        UsageError: there is one only.
    """
    known = sorted(ids, key=natural)
    if len(known) < 2:
        raise UsageError(
            f"There is only one variant, {known[0]!r}: give the predictions of two or more, "
            "trained alike but for what nobody decided."
        )
    return known


def two_classes(holdout: str, labels: Answers, classes: Sequence[str]) -> None:
    """Refuse a holdout of one class.

    Raises:
        UsageError: all its labels are one.
    """
    if (labels == labels[0]).all():
        raise UsageError(
            f"All {len(labels)} examples of the holdout {holdout!r} have one class only, "
            f"{classes[labels[0]]!r}: nothing can be told apart by it."
        )


def two_targets(holdout: str, targets: Floats) -> None:
    """Refuse a holdout of one target.

    Raises:
        UsageError: all are equal.
    """
    if (targets == targets[0]).all():
        raise UsageError(
            f"All {len(targets)} examples of the holdout {holdout!r} have the label {targets[0]:g}: there is "
            "nothing to predict."
        )
