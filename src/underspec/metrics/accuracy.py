"""Share of examples whose answer is the label."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Accuracy"]


@dataclass(frozen=True)
class Accuracy:
    """Share of examples answered rightly; an example contributes 1 or 0."""

    needs: ClassVar[Literal["answer"]] = "answer"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:
        """Return 1.0 where the answer is the label, else 0.0: [variants, examples].

        Args:
            said: class codes [variants, examples].
            labels: class codes [examples].
        """
        right: Floats = np.equal(said, labels).astype(np.float64)
        return right
