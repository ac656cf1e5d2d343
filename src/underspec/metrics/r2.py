"""R²: the share of the targets' variance that predictions account for."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["R2"]


@dataclass(frozen=True)
class R2:
    """``1 - mean squared error / variance of the targets``; below 0 where their mean does better."""

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (float("-inf"), 1.0)
    proportion: ClassVar[bool] = False
    tasks: ClassVar[tuple[str, ...]] = ("regression",)

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return R² of each variant, [variants]; NaN where all targets are the same.

        Args:
            said: predictions [variants, examples, 1].
            labels: targets [examples].
            weights: of the examples.
        """
        around = _around(labels, weights)
        if around is None:
            return np.full(len(said), np.nan)
        error = (said[:, :, 0].astype(np.float64) - labels) ** 2
        value: Floats = 1 - np.average(error, axis=1, weights=weights) / np.average(
            around, weights=weights
        )
        return value

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return ``1 - (e² - (1 - R²)(d² - mean d²)) / mean d²``, d the target less the mean target."""
        around = _around(labels, weights)
        if around is None:
            return np.full(said.shape[:2], np.nan)
        middle = np.average(around, weights=weights)
        error = (said[:, :, 0].astype(np.float64) - labels) ** 2
        unexplained = np.average(error, axis=1, weights=weights)[:, None] / middle
        pulls: Floats = 1 - (error - unexplained * (around - middle)) / middle
        return pulls


def _around(labels: NDArray[Any], weights: Floats | None) -> Floats | None:
    targets = labels.astype(np.float64)
    if not len(targets) or (targets == targets[0]).all():
        return None
    around: Floats = (targets - np.average(targets, weights=weights)) ** 2
    return around
