"""All variants are equal in truth."""

from dataclasses import dataclass, field

from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn
from underspec.testing.worlds.matrices import Crowd
from underspec.testing.worlds.plain import Plain

__all__ = ["Null"]


@dataclass(frozen=True)
class Null:
    """No variant differs from another in truth, on the holdout or on any probe; nothing drops.

    Whatever spread is seen is the luck of finite probes.

    Attributes:
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    probes: int = 20
    epsilon: float = 0.005
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        return Plain(0.0, 0.0, probes=self.probes, crowd=self.crowd).draw(key)
