"""Average precision: the area under the precision-recall curve, without interpolation."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats
from underspec.metrics.one_vs_rest import one_vs_rest
from underspec.metrics.standing import back, running, standing

__all__ = ["AveragePrecision"]


@dataclass(frozen=True)
class AveragePrecision:
    """Mean over positive examples of the precision among those that score no lower.

    With two classes it is that of the score of class 1. With more, the mean over the classes of each
    one's score against the rest (macro average); undefined where a class has no example. Its level
    hangs on how many positives there are: by chance it is their share.
    """

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("binary", "classification")

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the average precision of each variant, [variants]; NaN where a class is absent.

        Args:
            said: scores [variants, examples, classes].
            labels: class codes [examples].
            weights: of the examples.
        """
        return one_vs_rest(_precision, said, labels, weights)

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the influence function at each example, plus the value.

        With A(s) the share of all examples that are positive and score at least s, B(s) of those that
        score at least s, and AP = E[A/B; positive] / E[positive], the derivative in the direction of
        an example x is ``(y A/B(x) + y U(x) - V(x) - y AP) / E[positive]``, where U and V are the
        means over positives scoring no higher than x (others count 0) of 1/B and of A/B².
        """
        return one_vs_rest(_pulls, said, labels, weights)


def _precision(scores: NDArray[Any], positive: Booleans, size: Floats) -> Floats:
    if not positive.any():
        return np.full(len(scores), np.nan)
    at = standing(-scores)
    own = (size * positive)[at.order]
    found = np.take_along_axis(running(own), at.last, 1)
    asked = np.take_along_axis(running(size[at.order]), at.last, 1)
    precision: Floats = np.einsum("vi,vi->v", own, found / asked) / size[positive].sum()
    return precision


def _pulls(scores: NDArray[Any], positive: Booleans, size: Floats) -> Floats:
    if not positive.any():
        return np.full(scores.shape, np.nan)
    at = standing(-scores)
    is_one, own = positive[at.order], (size * positive)[at.order]
    found = np.take_along_axis(running(own), at.last, 1)
    asked = np.take_along_axis(running(size[at.order]), at.last, 1)
    precision, ones = found / asked, size[positive].sum()
    value = np.einsum("vi,vi->v", own, precision)[:, None] / ones
    lower = [running(own / asked), running(own * precision / asked)]
    u, v = (sums[:, -1:] - np.take_along_axis(sums, at.first, 1) for sums in lower)
    pull = (is_one * (precision + u - value) - v) * (size.sum() / ones) + value
    return back(pull, at)
