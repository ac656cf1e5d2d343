"""Everything gets worse alike."""

from dataclasses import dataclass, field

from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn
from underspec.testing.worlds.matrices import Crowd
from underspec.testing.worlds.plain import Plain

__all__ = ["Drift"]


@dataclass(frozen=True)
class Drift:
    """All variants fall by the same from lab to field, and do not part there.

    Attributes:
        fall: how much less accurate they are on the probes.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    fall: float = 0.15
    probes: int = 5
    epsilon: float = 0.015
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        return Plain(
            spread=0.0,
            holdout_spread=0.003,
            accuracy=0.92 - self.fall,
            probes=self.probes,
            crowd=self.crowd,
        ).draw(key)
