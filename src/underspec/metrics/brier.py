"""Squared error of the class probabilities."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Brier"]


@dataclass(frozen=True)
class Brier:
    """Brier score: squared error of the class probabilities, summed over the classes.

    From three classes on it is the sum over all classes (Brier 1950), between 0 and 2. With two
    classes that sum counts the same error twice, so half of it is taken: the squared error of the
    probability of class 1, between 0 and 1. scikit-learn's `brier_score_loss` does the same.
    """

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = False
    range: ClassVar[tuple[float, float]] = (0.0, 2.0)
    proportion: ClassVar[bool] = False

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:
        """Return the squared error of each answer: [variants, examples].

        Args:
            said: probabilities [variants, examples, classes].
            labels: class codes [examples].
        """
        # |p - e_y|² = |p|² - 2 p_y + 1, without a float64 copy of all scores.
        square: Floats = np.einsum("vic,vic->vi", said, said, dtype=np.float64)
        true = said[:, np.arange(len(labels)), labels].astype(np.float64)
        total = np.maximum(square - 2 * true + 1, 0.0)
        return total / 2 if said.shape[2] == 2 else total
