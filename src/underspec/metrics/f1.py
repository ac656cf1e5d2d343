"""F1: the harmonic mean of precision and recall."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats

__all__ = ["F1"]

Average: TypeAlias = Literal["binary", "macro"]


@dataclass(frozen=True)
class F1:
    """``2 TP / (2 TP + FP + FN)``, of class 1 or averaged over classes.

    Attributes:
        average: ``binary``: class 1 is the positive one, all others negative. ``macro``: the mean over
            the classes that the examples have, each as the positive one. An answer of a class that no
            example has is a miss of the example's class and nothing more.
    """

    average: Average = "binary"

    needs: ClassVar[Literal["answer"]] = "answer"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True

    @property
    def tasks(self) -> tuple[str, ...]:
        """Which tasks it is for: one of more classes has no positive one."""
        return ("binary",) if self.average == "binary" else ("binary", "classification")

    def __post_init__(self) -> None:
        if self.average not in get_args(Average):
            raise UsageError(one_of("average of f1", self.average, get_args(Average)))

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return F1 of each variant, [variants]; NaN where no example is positive.

        Args:
            said: class codes [variants, examples].
            labels: class codes [examples].
            weights: of the examples.
        """
        counts = self._counts(said, labels, weights)
        if counts is None:
            return np.full(len(said), np.nan)
        mean: Floats = (2 * counts.found / counts.both).mean(axis=1)
        return mean

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the influence function plus the value.

        For one class ``F + (2 tp - F (2 tp + fp + fn)) / mean(2 tp + fp + fn)``, tp, fp and fn of the
        one example.
        """
        counts = self._counts(said, labels, weights)
        if counts is None:
            return np.full(said.shape, np.nan)
        value = 2 * counts.found / counts.both
        # The last column is for classes that are never the positive one.
        inverse, each = np.zeros((2, len(said), value.shape[1] + 1))
        inverse[:, :-1] = counts.size / counts.both
        each[:, :-1] = value * inverse[:, :-1]
        mean = value.mean(axis=1, keepdims=True)
        hit = np.where(counts.said == counts.true, 2 * inverse[:, counts.true], 0)
        lost = each[:, counts.true] + np.take_along_axis(each, counts.said, axis=1)
        pulls: Floats = mean + (hit - lost) / value.shape[1]
        return pulls

    def _counts(
        self, said: NDArray[Any], labels: NDArray[Any], weights: Floats | None
    ) -> "_Counts | None":
        classes = np.unique(labels) if self.average == "macro" else np.array([1])
        size = np.ones(len(labels)) if weights is None else weights
        true, answer = _places(labels, classes), _places(said, classes)
        k, c = len(said), len(classes)
        if not (true < c).any():
            return None
        bins = answer + np.arange(k)[:, None] * (c + 1)

        def counted(each: Floats) -> Floats:
            sums = np.bincount(bins.ravel(), each.ravel(), k * (c + 1)).reshape(k, c + 1)
            return sums[:, :c].astype(np.float64)

        found = counted(np.where(answer == true, size, 0.0))
        both = np.bincount(true, size, c + 1)[:c] + counted(np.broadcast_to(size, said.shape))
        return _Counts(found, both, true, answer, float(size.sum()))


class _Counts(NamedTuple):
    found: Floats
    both: Floats
    true: NDArray[np.intp]
    said: NDArray[np.intp]
    size: float


def _places(codes: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return where each code stands in the sorted classes, behind the last where it is none."""
    at = np.minimum(np.searchsorted(classes, codes), len(classes) - 1)
    places: NDArray[np.intp] = np.where(classes[at] == codes, at, len(classes))
    return places
