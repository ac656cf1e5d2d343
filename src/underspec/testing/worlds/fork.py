"""Two kinds of model that only the field tells apart."""

import math
from dataclasses import dataclass, field

import numpy as np

from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn, Truth
from underspec.testing.worlds.effects import effects
from underspec.testing.worlds.matrices import Crowd, study

__all__ = ["Fork"]


@dataclass(frozen=True)
class Fork:
    """Half the variants have learnt another rule: as good in the lab, worse on each probe.

    Attributes:
        fall: how much less accurate the second kind is on the probes.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    fall: float = 0.15
    probes: int = 5
    epsilon: float = 0.01
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        own, lab = 0.003, 0.92
        count = self.crowd.variants
        kind = key.child("kind").generator().random(count) < 0.5
        drop = self.fall / 2
        # Pairs of one kind differ by their own effects alone, pairs of two by the fall.
        gap = 0.5 * (2 * own / math.sqrt(math.pi)) + 0.5 * self.fall
        spread = math.hypot(own, self.fall / 2)
        truth = Truth(spread, gap, spread / own, drop, parts=True, mean=lab - drop)
        holdout = lab + own * effects("normal", count, key.child("lab").generator())
        probes = {}
        for i in range(self.probes):
            name = f"probe_{i:02d}"
            effect = own * effects("normal", count, key.child("field", name).generator())
            probes[name] = np.where(kind, lab - self.fall, lab) + effect, truth
        lab_gap = own * 2 / math.sqrt(math.pi)
        lab_truth = Truth(own, lab_gap, 1.0, 0.0, parts=False, mean=lab)
        return study(self.crowd, key.child("images"), (holdout, lab_truth), probes)
