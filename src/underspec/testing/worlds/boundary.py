"""Spread that just misses being underspecification: where a verdict errs if it errs at all."""

from dataclasses import dataclass, field
from typing import Literal

from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn
from underspec.testing.worlds.effects import Effects, effect_gap
from underspec.testing.worlds.matrices import Crowd
from underspec.testing.worlds.plain import Plain

__all__ = ["Boundary"]

# φ(Φ⁻¹(.80)) / φ(Φ⁻¹(.92)): what one skill makes of a spread at .92 where accuracy is .80.
_HOLDOUT, _PROBE, _NULL_RATIO = 0.92, 0.80, 1.8831575
_HOLDOUT_SPREAD = 0.01


@dataclass(frozen=True)
class Boundary:
    """The spread of each probe lies on the edge of what is allowed, its effects unlike the lab's.

    On the edge of the *ratio*, spread is exactly what a common skill would make of the holdout's
    (though here no skill is common), and far more than epsilon; on that of the *gap*, the gap is
    exactly epsilon and the ratio far more than its null. No call of spread is right.

    Attributes:
        edge: which of the two conditions is just missed.
        shape: of the effects on the probes.
        holdout_shape: of the effects on the holdout.
        probes: how many.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    edge: Literal["ratio", "gap"]
    shape: Effects = "normal"
    holdout_shape: Effects = "normal"
    probes: int = 20
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    @property
    def epsilon(self) -> float:
        """A third of the gap at the ratio's edge; the gap itself at the gap's."""
        gap = self._spread * effect_gap(self.shape)
        return gap / 3 if self.edge == "ratio" else gap

    @property
    def _spread(self) -> float:
        return _HOLDOUT_SPREAD * _NULL_RATIO

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        return Plain(
            spread=self._spread,
            # A third as much in the lab makes the ratio three times its null.
            holdout_spread=_HOLDOUT_SPREAD / (1 if self.edge == "ratio" else 3),
            accuracy=_PROBE,
            holdout_accuracy=_HOLDOUT,
            shape=self.shape,
            holdout_shape=self.holdout_shape,
            probes=self.probes,
            crowd=self.crowd,
        ).draw(key)
