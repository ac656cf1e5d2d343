"""Mean over the classes of the share answered rightly."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.metrics.within import gram, within

__all__ = ["BalancedAccuracy"]


@dataclass(frozen=True)
class BalancedAccuracy:
    """Recall of each class, averaged over the classes that the examples have."""

    needs: ClassVar[Literal["answer"]] = "answer"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the mean recall of each variant, [variants]; NaN without examples.

        Args:
            said: class codes [variants, examples].
            labels: class codes [examples].
            weights: of the examples.
        """
        if not len(labels):
            return np.full(len(said), np.nan)
        mean: Floats = within(said == labels, labels, weights).means.mean(axis=1)
        return mean

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return ``(right - recall) / (classes x share of the class) + value``."""
        right = said == labels
        means, codes, share = within(right, labels, weights)
        factor = 1 / (len(share) * share)
        pulls: Floats = (right - means[:, codes]) * factor[codes] + means.mean(axis=1)[:, None]
        return pulls

    def gram(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats | None:
        """Return the matrix of the true variance; None where a class has a single example."""
        return gram(said == labels, labels)
