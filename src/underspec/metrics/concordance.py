"""Concordance index: how often the larger target gets the larger prediction."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.metrics.in_order import in_order, pairs_in_order
from underspec.metrics.standing import in_blocks

__all__ = ["Concordance"]


@dataclass(frozen=True)
class Concordance:
    """Harrell's c for targets that are all known.

    Of the pairs of examples with different targets, the share in which the larger target has the
    larger prediction; equal predictions count half.
    """

    needs: ClassVar[Literal["scores"]] = "scores"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    proportion: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("regression",)

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the index of each variant, [variants]; NaN where all targets are the same.

        Args:
            said: predictions [variants, examples, 1].
            labels: targets [examples].
            weights: of the examples; a pair has the product of the two.
        """
        size = np.ones(len(labels)) if weights is None else weights
        unlike = _unlike(labels, size)
        if unlike is None:
            return np.full(len(said), np.nan)
        if weights is None:
            pairs = in_blocks(lambda some: pairs_in_order(some, labels), said[:, :, 0])
            share: Floats = 2 * pairs / unlike.sum()
            return share
        agreed = in_blocks(lambda some: in_order(some, labels, size), said[:, :, 0])
        value: Floats = agreed @ size / (unlike @ size)
        return value

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return ``c + 2 (h - c u) / mean u``: h the mean agreement with others, u the share that differs."""
        size = np.ones(len(labels)) if weights is None else weights
        unlike = _unlike(labels, size)
        if unlike is None:
            return np.full(said.shape[:2], np.nan)
        agreed = in_blocks(lambda some: in_order(some, labels, size), said[:, :, 0])
        mean = unlike @ size / size.sum()
        value = (agreed @ size / (unlike @ size))[:, None]
        pulls: Floats = value + 2 * (agreed - value * unlike) / mean
        return pulls


def _unlike(labels: NDArray[Any], size: Floats) -> Floats | None:
    """Return the weight of examples whose target is not the same, [examples]; None where it is 0."""
    _, codes = np.unique(labels, return_inverse=True)
    alike = np.bincount(codes, size) if len(codes) else np.empty(0)
    if len(alike) < 2:
        return None
    unlike: Floats = size.sum() - alike[codes]
    return unlike
