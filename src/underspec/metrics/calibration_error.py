"""Expected calibration error: how far confidence is from accuracy, over bins of confidence."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats
from underspec.metrics.standing import back, in_blocks, running, standing

__all__ = ["CalibrationError"]

Cut: TypeAlias = Literal["equal_width", "equal_mass"]


@dataclass(frozen=True)
class CalibrationError:
    """Mean over bins, by their examples, of the distance between accuracy and mean confidence.

    Confidence is the score of the answer, the class with the largest one (Guo et al., ICML 2017).
    Of few examples a bin the figure is too large, for chance looks like miscalibration.

    Attributes:
        bins: how many.
        cut: ``equal_width``: bins of equal width from 0 to 1. ``equal_mass``: each variant's own
            confidences in bins of equal weight; equal confidences stay together.
    """

    bins: int = 15
    cut: Cut = "equal_width"

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = False
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = False

    def __post_init__(self) -> None:
        bins = vars(self)["bins"]  # whatever was given
        if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
            raise UsageError(f"calibration_error needs 1 bin or more, got {bins!r}.")
        if self.cut not in get_args(Cut):
            raise UsageError(one_of("cut of calibration_error", self.cut, get_args(Cut)))

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the error of each variant, [variants]; NaN without examples.

        Args:
            said: probabilities [variants, examples, classes].
            labels: class codes [examples].
            weights: of the examples.
        """
        if not len(labels):
            return np.full(len(said), np.nan)
        size = np.ones(len(labels)) if weights is None else weights

        def work(some: NDArray[Any]) -> Floats:
            gap, bins = self._gaps(some, labels, size)
            error: Floats = np.abs(self._sums(gap, bins, size)).sum(axis=1) / size.sum()
            return error

        return in_blocks(work, said)

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return accuracy less confidence, turned round where a bin's mean of it is below 0.

        Bins of equal mass are taken as they are; that an example moves their limits is left out.
        """
        size = np.ones(len(labels)) if weights is None else weights

        def work(some: NDArray[Any]) -> Floats:
            gap, bins = self._gaps(some, labels, size)
            sign = np.sign(self._sums(gap, bins, size))
            turned: Floats = gap * np.take_along_axis(sign, bins, axis=1)
            return turned

        return in_blocks(work, said)

    def _gaps(
        self, said: NDArray[Any], labels: NDArray[Any], size: Floats
    ) -> tuple[Floats, NDArray[np.intp]]:
        answer, confidence = said.argmax(axis=2), said.max(axis=2).astype(np.float64)
        gap: Floats = (answer == labels) - confidence
        if self.cut == "equal_width":
            at = np.ceil(confidence * self.bins) - 1
        else:
            place = standing(confidence)
            sums = running(size[place.order])
            ends = np.take_along_axis(sums, place.first, 1) + np.take_along_axis(
                sums, place.last, 1
            )
            at = np.floor(back(ends, place) / (2 * size.sum()) * self.bins)
        return gap, np.clip(at, 0, self.bins - 1).astype(np.intp)

    def _sums(self, gap: Floats, bins: NDArray[np.intp], size: Floats) -> Floats:
        places = bins + np.arange(len(gap))[:, None] * self.bins
        sums = np.bincount(places.ravel(), (gap * size).ravel(), len(gap) * self.bins)
        return sums.reshape(len(gap), self.bins).astype(np.float64)
