"""Area under the ROC curve: the chance that a positive example scores above a negative one."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats
from underspec.core.streams import stream
from underspec.metrics.one_vs_rest import one_vs_rest
from underspec.metrics.standing import back, running, standing

__all__ = ["Auc"]

_PAIRS = 200_000
_CHUNK = 20_000


@dataclass(frozen=True)
class Auc:
    """Area under the ROC curve; ties count half.

    With two classes it is that of the score of class 1. With more, the mean over the classes of each
    one's score against the rest (macro average), as scikit-learn's `roc_auc_score` with
    ``multi_class="ovr"``; undefined where a class has no example.
    """

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("binary", "classification")

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the area of each variant, [variants]; NaN where a class is absent.

        Args:
            said: scores [variants, examples, classes].
            labels: class codes [examples].
            weights: of the examples.
        """
        return one_vs_rest(_area, said, labels, weights)

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return ``(n/m1)(V10 - AUC) + AUC`` of a positive, ``(n/m0)(V01 - AUC) + AUC`` of a negative.

        V10 and V01 are placements: the share of the other class that the example stands on the
        right side of (DeLong, DeLong and Clarke-Pearson, Biometrics 1988).
        """
        return one_vs_rest(_pulls, said, labels, weights)

    def gram(self, said: NDArray[Any], labels: NDArray[Any], /) -> Floats | None:
        """Return the matrix whose quadratic form is the true variance; None under two of a class.

        The mean over pairs of pairs that share no example, of the covariance over variants:
        ``(m1 m0 S² - m0 v10 - m1 v01 + v11) / ((m1 - 1)(m0 - 1))``, v10 and v01 the mean variance of
        placements, v11 that of single pairs, of which a fixed 200,000 are taken where there are more.
        Each term is a quadratic form over variants. With more than two classes None.
        """
        positive = labels == 1
        m1, m0 = int(positive.sum()), int((~positive).sum())
        if said.shape[2] != 2 or min(m1, m0) < 2:
            return None
        scores = said[:, :, 1]
        up = one_vs_rest(_placements, said, labels, None)
        high, low = up[:, positive], up[:, ~positive]
        # So that the pairs drawn hang on no order of examples or variants.
        first = np.flatnonzero(positive)[_by_content(np.rint(2 * m0 * high))]
        second = np.flatnonzero(~positive)[_by_content(np.rint(2 * m1 * low))]
        area = high.mean(axis=1)
        area, high, low = (part - part.mean(axis=0) for part in (area, high, low))
        total = m1 * m0 * np.outer(area, area) - high @ high.T * (m0 / m1) - low @ low.T * (m1 / m0)
        gram: Floats = (total + _paired(scores, first, second)) / ((m1 - 1) * (m0 - 1))
        return gram


def _placements(scores: NDArray[Any], positive: Booleans, size: Floats) -> Floats:
    """Return for each example the share of the other class on its right side, ties half."""
    at = standing(scores)
    one, other = size * positive, size * ~positive
    out = np.empty(scores.shape)
    for part, rows, sign in ((other, positive, 1), (one, ~positive, -1)):
        below = running(part[at.order])
        half = back(
            (np.take_along_axis(below, at.first, 1) + np.take_along_axis(below, at.last, 1)) / 2, at
        )
        share = half[:, rows] / part.sum()
        out[:, rows] = share if sign > 0 else 1 - share
    return out


def _area(scores: NDArray[Any], positive: Booleans, size: Floats) -> Floats:
    if not positive.any() or positive.all():
        return np.full(len(scores), np.nan)
    at = standing(scores)
    below = running((size * ~positive)[at.order])
    half = np.take_along_axis(below, at.first, 1) + np.take_along_axis(below, at.last, 1)
    pairs = 2 * size[positive].sum() * size[~positive].sum()
    area: Floats = np.einsum("vi,vi->v", half, (size * positive)[at.order]) / pairs
    return area


def _pulls(scores: NDArray[Any], positive: Booleans, size: Floats) -> Floats:
    if not positive.any() or positive.all():
        return np.full(scores.shape, np.nan)
    placed = _placements(scores, positive, size)
    area = np.average(placed[:, positive], axis=1, weights=size[positive])[:, None]
    share = size[positive].sum() / size.sum()
    pulls: Floats = (placed - area) / np.where(positive, share, 1 - share) + area
    return pulls


def _by_content(counts: Floats) -> NDArray[np.intp]:
    """Return an order of examples that hangs on how often each stands where, and in which variant.

    Variants are told apart by their sums, not by their places.
    """
    own = _mixed(counts.sum(axis=1, keepdims=True).astype(np.uint64))
    key = _mixed(counts.astype(np.uint64) + own).sum(axis=0)
    order: NDArray[np.intp] = np.argsort(key, kind="stable")
    return order


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift in (30, 27):
        numbers = numbers * np.uint64(0x9E3779B97F4A7C15)
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(0xBF58476D1CE4E5B9)
    return numbers


def _paired(scores: NDArray[Any], first: NDArray[np.intp], second: NDArray[np.intp]) -> Floats:
    """Return the mean over pairs of what each two variants' orders of it have in common.

    An order is 1/2 where the positive is above, -1/2 where it is below, 0 for a tie.
    """
    m1, m0 = len(first), len(second)
    if m1 * m0 <= _PAIRS:
        pairs = np.arange(m1 * m0)
    else:
        pairs = stream(0, "metrics", "auc", "pairs").generator().integers(m1 * m0, size=_PAIRS)
    total = np.zeros((len(scores), len(scores)))
    for start in range(0, len(pairs), _CHUNK):
        some = pairs[start : start + _CHUNK]
        high = np.take(scores, first[some // m0], axis=1)
        low = np.take(scores, second[some % m0], axis=1)
        order = np.greater(high, low).astype(np.float32) - np.less(high, low)
        total += order @ order.T  # whole numbers that float32 holds exactly
    mean: Floats = total / (4 * len(pairs))
    return mean
