"""Squared error of a predicted number."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["SquaredError"]


@dataclass(frozen=True)
class SquaredError:
    """Squared difference between prediction and target, in the square of the target's units."""

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = False
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    proportion: ClassVar[bool] = False
    tasks: ClassVar[tuple[str, ...]] = ("regression",)

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:
        """Return the squared error of each prediction: [variants, examples].

        Args:
            said: predictions [variants, examples, 1].
            labels: targets [examples].
        """
        error: Floats = (said[:, :, 0].astype(np.float64) - labels) ** 2
        return error
