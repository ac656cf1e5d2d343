"""Share of positives found, at a threshold that the deciding half of the holdout has set."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.metrics.within import gram

__all__ = ["Sensitivity", "SensitivityAt"]


@dataclass(frozen=True)
class Sensitivity:
    """Share of positives whose score is above the variant's threshold.

    Each variant has its own threshold: the lowest score of a negative in the holdout's deciding half
    at which the share of negatives no higher, the specificity, is at least what is asked for.
    Nothing sets it again: on a probe the specificity is what it comes to.

    Attributes:
        specificity: least share of the deciding half's negatives left alone, above 0 up to 1.
    """

    specificity: float = 0.95

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("binary",)

    def __post_init__(self) -> None:
        if not 0 < self.specificity <= 1:
            raise UsageError(
                f"The specificity must lie above 0 and be at most 1, but is {self.specificity!r}: it is the share "
                "of negatives to be left alone; leave it out for 0.95."
            )

    def fitted(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> "SensitivityAt":
        """Return the metric with the thresholds of these variants.

        Args:
            said: scores of the deciding half, [variants, examples, 2].
            labels: class codes [examples].
            weights: of the examples.

        Raises:
            UsageError: there are no negatives.
        """
        negative = labels != 1
        if not negative.any():
            raise UsageError(
                "sensitivity takes its threshold from the negatives (class 0) of the holdout's deciding half, "
                "but there are none. Give the holdout some."
            )
        scores = said[:, negative, -1]
        size = np.ones(len(labels)) if weights is None else weights
        order = np.argsort(scores, axis=1)
        share = np.cumsum(size[negative][order], axis=1) / size[negative].sum()
        # A hair less, for sums of weights are not exact; the last is always enough.
        enough = share >= self.specificity - 1e-12
        enough[:, -1] = True
        place = np.take_along_axis(order, enough.argmax(axis=1)[:, None], axis=1)
        return SensitivityAt(np.take_along_axis(scores, place, axis=1)[:, 0], self.specificity)


@dataclass(frozen=True, eq=False)
class SensitivityAt:
    """Share of positives above each variant's fixed threshold.

    Attributes:
        thresholds: of the variants, in their order, [variants].
        specificity: what they were set for.
    """

    thresholds: NDArray[Any] = field(repr=False)
    specificity: float

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("binary",)

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the share of positives found, [variants]; NaN without positives.

        Args:
            said: scores [variants, examples, 2], variants as when it was fitted.
            labels: class codes [examples].
            weights: of the examples.
        """
        positive = labels == 1
        if not positive.any():
            return np.full(len(said), np.nan)
        own = None if weights is None else weights[positive]
        found: Floats = np.average(self._above(said)[:, positive], axis=1, weights=own)
        return found

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return ``(found - value) / share of positives + value`` of a positive, the value elsewhere."""
        value = self.value(said, labels, weights)[:, None]
        positive = labels == 1
        share = np.average(positive, weights=weights)
        pulls: Floats = np.where(positive, (self._above(said) - value) / share + value, value)
        return pulls

    def gram(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats | None:
        """Return the matrix of the true variance, thresholds as given; None under two positives."""
        positive = labels == 1
        return gram(self._above(said)[:, positive], labels[positive])

    def _above(self, said: NDArray[Any]) -> NDArray[np.bool_]:
        if len(said) != len(self.thresholds):
            raise UsageError(
                f"The thresholds are of {len(self.thresholds)} variants, but {len(said)} are asked about: "
                "fit the metric on the same ones."
            )
        above: NDArray[np.bool_] = said[:, :, -1] > self.thresholds[:, None]
        return above
