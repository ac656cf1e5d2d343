"""Predictions of a regression in the exchange format: one value a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from underspec.core.records import Floats, Predictions, Scores
from underspec.data.predictions.index import Index, Place
from underspec.data.predictions.numbers import as_floats, check_numbers
from underspec.data.predictions.spill import Spill

__all__ = ["Valued", "said"]


class Valued:
    """Predictions given as values."""

    def __init__(self) -> None:
        self.spill = Spill(np.dtype(np.float32), 1)
        self._targets: Floats = np.empty(0)

    def add(
        self,
        table: Any,
        index: Index,  # noqa: ARG002
        place: Place,
        columns: Sequence[Any],
        begin: int,
    ) -> None:
        """Take the next rows of a file.

        Raises:
            UsageError: one of them has no number.
        """
        given = as_floats(columns[0], "'score'", table.file)
        check_numbers(given, "the column 'score'", table.file, begin)
        values = given.astype(np.float32)[:, None]
        self.spill.add(place.probe, place.unit, place.variant, values)

    def settle(self, index: Index, file: str) -> tuple[str, ...]:  # noqa: ARG002
        """Take the targets; there are no classes."""
        self._targets = index.targets
        return ()

    def predictions(self, index: Index, code: int, span: slice) -> Predictions:
        """Return the predictions of one probe."""
        values = np.empty((len(index.variants), span.stop - span.start), np.float32)
        for rows in self.spill.rows(code):
            at = index.variant_place[rows.variant], index.unit_place[rows.unit] - span.start
            values[at] = rows.values[:, 0]
        return said(tuple(v.id for v in index.variants), self._targets[span], values)


def said(variants: tuple[str, ...], targets: Floats, values: Scores) -> Predictions:
    """Return the predictions of a regression.

    Args:
        variants: ids.
        targets: [examples].
        values: [variants, examples].
    """
    return Predictions(variants, targets, values, None, values[:, :, None])
