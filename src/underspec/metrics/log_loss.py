"""Mean negative log of the probability given to the true class."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats

__all__ = ["LogLoss"]


@dataclass(frozen=True)
class LogLoss:
    """Mean negative natural log of the probability given to the true class, in nats.

    Attributes:
        floor: probabilities below it count as it, so that one sure and wrong answer costs
            ``-log(floor)`` and not infinity. The default, 2**-23, is the resolution of the float32
            in which scores are stored and what scikit-learn uses for float32 scores; an example
            costs 15.94 at most.
    """

    floor: float = 2.0**-23

    needs: ClassVar[Literal["label_score"]] = "label_score"
    greater_is_better: ClassVar[bool] = False
    proportion: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0 < self.floor < 1:
            raise UsageError(
                f"The floor of log_loss must lie between 0 and 1, but is {self.floor!r}: "
                "it is the least probability that counts; leave it out for 2**-23."
            )

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest possible value."""
        return 0.0, -math.log(self.floor)

    def __call__(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats:  # noqa: ARG002
        """Return the loss of each answer: [variants, examples].

        Args:
            said: probability given to the true class [variants, examples].
            labels: class codes [examples]; not needed beyond what `said` holds of them.
        """
        # The sum, not `abs`, turns the -0.0 of a sure and right answer into 0.0.
        return -np.log(np.clip(said.astype(np.float64), self.floor, 1.0)) + 0.0
