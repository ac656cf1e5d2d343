"""Probes that are the holdout over again."""

from dataclasses import dataclass, field, replace
from typing import Literal

from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn
from underspec.testing.worlds.matrices import Crowd
from underspec.testing.worlds.plain import Plain

__all__ = ["Mirror"]


@dataclass(frozen=True)
class Mirror:
    """Variants differ in truth, but just as much and in the same order everywhere.

    A probe is a second *sample* of the holdout, or the same images lightly *changed*. The gap is
    above epsilon; what tells that nothing new is seen is the ratio, which is 1.

    Attributes:
        of: whether probes are a new sample or the same images changed.
        spread: true standard deviation everywhere.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images; whether images are shared hangs on `of`.
    """

    of: Literal["sample", "changed"] = "sample"
    spread: float = 0.012
    probes: int = 20
    epsilon: float = 0.006
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        crowd = replace(self.crowd, shared=self.of == "changed", same=0.8)
        world = Plain(self.spread, self.spread, alike=1.0, probes=self.probes, crowd=crowd)
        return world.draw(key)
