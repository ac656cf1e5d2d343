"""How metrics are told, in sentences and in tables alike: by which name, and in which units."""

__all__ = ["is_share", "spoken"]

# Metrics that are shares of examples: told in per cent, their differences in points. Any other
# metric, a third party's included, is told in its own units.
_SHARES = frozenset({"accuracy", "agreement", "balanced_accuracy", "error", "sensitivity", "top5"})

_SHORT = {"auc": "AUC", "f1": "F1", "r2": "R²"}


def is_share(metric: str) -> bool:
    """Return whether a metric is a share of examples.

    Args:
        metric: its name, with or without parameters, such as ``sensitivity specificity=0.8``.
    """
    return metric.partition(" ")[0] in _SHARES


def spoken(metric: str) -> str:
    """Return the name of a metric as readers see it, parameters in brackets."""
    name, _, parameters = metric.partition(" ")
    words = _SHORT.get(name, name.replace("_", " "))
    return f"{words} ({parameters.replace('_', ' ')})" if parameters else words
