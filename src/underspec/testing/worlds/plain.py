"""The world behind the others: spreads of any size and shape on holdout and probes."""

import math
from dataclasses import dataclass, field

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn, Truth
from underspec.testing.worlds.effects import Effects, effect_gap, effects
from underspec.testing.worlds.matrices import Crowd, study

__all__ = ["Plain"]

# Accuracies are kept this far from 0 and 1; with the spreads of these worlds it never happens.
_EDGE = 1e-3


@dataclass(frozen=True)
class Plain:
    """Accuracies vary over variants, on each probe by itself.

    Attributes:
        spread: true standard deviation on each probe.
        holdout_spread: true standard deviation on the holdout.
        accuracy: mean accuracy on each probe.
        holdout_accuracy: mean accuracy on the holdout.
        shape: of the effects on the probes.
        holdout_shape: of the effects on the holdout.
        alike: correlation of a variant's effect on a probe with that on the holdout, 0 to 1.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        probes: how many.
        parts: whether spread is the right call.
        crowd: sizes and images.
    """

    spread: float
    holdout_spread: float
    accuracy: float = 0.92
    holdout_accuracy: float = 0.92
    shape: Effects = "normal"
    holdout_shape: Effects = "normal"
    alike: float = 0.0
    epsilon: float = 0.005
    max_drop: float = 0.05
    probes: int = 20
    parts: bool = False
    crowd: Crowd = field(default_factory=Crowd)

    def __post_init__(self) -> None:
        normal = self.shape == self.holdout_shape == "normal"
        if not 0 <= self.alike <= 1 or (0 < self.alike < 1 and not normal):
            raise UsageError(
                f"alike must be from 0 to 1, and 0 or 1 for effects that are not normal. Got "
                f"{self.alike} for {self.shape} and {self.holdout_shape}."
            )

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        own = key.child("effects")
        count = self.crowd.variants
        first = effects(self.holdout_shape, count, own.child("holdout").generator())
        names = [f"probe_{i:02d}" for i in range(self.probes)]
        truth = Truth(
            spread=self.spread,
            gap=self.spread * effect_gap(self.shape),
            ratio=self.spread / self.holdout_spread if self.holdout_spread else None,
            drop=self.holdout_accuracy - self.accuracy,
            parts=self.parts,
            mean=self.accuracy,
        )
        gap = self.holdout_spread * effect_gap(self.holdout_shape)
        lab = self.holdout_accuracy
        holdout = Truth(self.holdout_spread, gap, 1.0, 0.0, parts=False, mean=lab)
        probes = {}
        for name in names:
            new = effects(self.shape, count, own.child("probe", name).generator())
            effect = self.alike * first + math.sqrt(1 - self.alike**2) * new
            accuracies = np.clip(self.accuracy + self.spread * effect, _EDGE, 1 - _EDGE)
            probes[name] = accuracies, truth
        accuracies = np.clip(self.holdout_accuracy + self.holdout_spread * first, _EDGE, 1 - _EDGE)
        return study(self.crowd, key.child("images"), (accuracies, holdout), probes)
