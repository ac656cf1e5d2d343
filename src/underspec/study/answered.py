"""One probe with what the variants said of it."""

from dataclasses import dataclass

from underspec.core.records import Predictions
from underspec.study.probing import ProbeRow
from underspec.study.tables import Examples

__all__ = ["Answered"]


@dataclass(frozen=True, eq=False)
class Answered:
    """One probe with what all trained variants said of it."""

    row: ProbeRow
    examples: Examples
    predictions: Predictions
