"""Synthetic studies whose true disagreement, ambiguity and error consistency are known."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

GRID = 200


@dataclass(frozen=True)
class World:
    """Right or wrong answers: wrong where ``difficulty + skill * effect + luck * noise > 0``.

    Attributes:
        ease: mean difficulty, negative for easy.
        skill: how far variants' effects reach.
        shape: of the effects: normal, exponential or two (85 to 15).
        each: examples of a cluster, which share their difficulty.
        luck: noise of a variant on an example.
        wide: standard deviation of the difficulty.
    """

    ease: float
    skill: float
    shape: str = "normal"
    each: int = 1
    luck: float = 0.5
    wide: float = 2.0

    def draw(self, generator, k, n):
        """Return answers [k, n], 1 for wrong, and clusters [n]."""
        count = n // self.each
        difficulty = np.repeat(self.ease + self.wide * generator.normal(size=count), self.each)
        uniform = generator.random(k)
        latent = difficulty + self.skill * _effects(self.shape, uniform)[:, None]
        answers = latent + self.luck * generator.normal(size=(k, n)) > 0
        return answers.astype(np.int32), np.repeat(np.arange(count), self.each).astype(np.str_)

    @property
    def _chances(self):
        """Return the chance of a wrong answer on a grid, [difficulties, effects]."""
        quantiles = (np.arange(GRID) + 0.5) / GRID
        finer = (np.arange(4001) + 0.5) / 4001
        difficulty = self.ease + self.wide * ndtri(finer)
        effects = _effects(self.shape, quantiles)
        return ndtr((difficulty[:, None] + self.skill * effects) / self.luck)

    def ambiguity(self, size):
        """Return the true chance that `size` variants do not agree; 2 is disagreement."""
        wrong = self._chances.mean(axis=1)
        return float(np.mean(1 - wrong**size - (1 - wrong) ** size))

    def consistency(self):
        """Return the true error consistency, averaged over pairs of variants."""
        wrong = self._chances
        rate = wrong.mean(axis=0)
        both = wrong.T @ wrong / len(wrong)
        observed = 1 - rate[:, None] - rate + 2 * both
        expected = np.outer(rate, rate) + np.outer(1 - rate, 1 - rate)
        return float(((observed - expected) / (1 - expected)).mean())


def _effects(shape, quantiles):
    if shape == "normal":
        return ndtri(quantiles)
    if shape == "exponential":
        return -np.log1p(-quantiles) - 1
    return np.where(quantiles < 0.85, -0.42, 2.38)
