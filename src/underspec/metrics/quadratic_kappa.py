"""Cohen's kappa with quadratic weights: agreement on ordered grades beyond chance."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["QuadraticKappa"]


@dataclass(frozen=True)
class QuadraticKappa:
    """``1 - E[(answer - label)²] / E[(another's answer - label)²]``, class codes being the grades.

    An answer that the probe has no class for has no place among the grades: undefined.
    """

    needs: ClassVar[Literal["answer"]] = "answer"
    greater_is_better: ClassVar[bool] = True
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    proportion: ClassVar[bool] = False

    def value(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return kappa of each variant, [variants].

        NaN where label and answers are all of one and the same class, and where an answer is none of
        the probe's classes.

        Args:
            said: class codes [variants, examples].
            labels: class codes [examples].
            weights: of the examples.
        """
        if not len(labels):
            return np.full(len(said), np.nan)
        answers, grades = said.astype(np.float64), labels.astype(np.float64)
        apart = np.average((answers - grades) ** 2, axis=1, weights=weights)
        by_chance = _by_chance(answers, grades, weights)
        sound = (by_chance > 0) & (said >= 0).all(axis=1)
        kappa: Floats = 1 - np.divide(apart, by_chance, out=np.full(len(said), np.nan), where=sound)
        return kappa

    def pulls(
        self, said: NDArray[Any], labels: NDArray[Any], /, weights: Floats | None = None
    ) -> Floats:
        """Return the influence function plus the value."""
        value = self.value(said, labels, weights)[:, None]
        answers, grades = said.astype(np.float64), labels.astype(np.float64)
        by_chance = _by_chance(answers, grades, weights)[:, None]
        theirs = np.average(answers, axis=1, weights=weights)[:, None]
        own = np.average(grades, weights=weights)
        # What the example expects of another's answer, and its answer of another's label.
        chance = (
            _variance(grades, weights)
            + _variance(answers, weights)[:, None]
            + (grades - theirs) ** 2
            + (answers - own) ** 2
        )
        pull = (answers - grades) ** 2 - (1 - value) * (chance - 2 * by_chance)
        pulls: Floats = 1 - np.divide(
            pull, by_chance, out=np.full(said.shape, np.nan), where=np.isfinite(value)
        )
        return pulls


def _variance(codes: Floats, weights: Floats | None) -> Floats:
    mean = np.average(codes, axis=-1, weights=weights)
    square: Floats = np.average((codes - np.expand_dims(mean, -1)) ** 2, axis=-1, weights=weights)
    return square


def _by_chance(answers: Floats, grades: Floats, weights: Floats | None) -> Floats:
    gap = np.average(answers, axis=1, weights=weights) - np.average(grades, weights=weights)
    both: Floats = _variance(answers, weights) + _variance(grades, weights) + gap**2
    return both
