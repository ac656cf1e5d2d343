"""A few images carry all the spread."""

import math
from dataclasses import dataclass, field

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Floats
from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn, Truth
from underspec.testing.worlds.matrices import Crowd, study

__all__ = ["Pocket"]


@dataclass(frozen=True)
class Pocket:
    """Variants part on a small share of the images and are equal in truth on all others.

    Which images these are is drawn anew, so a study of few images holds more or fewer of them by
    luck: this is where an interval that forgets the choice of images falls short. A variant's
    accuracy within the pocket is uniform on [0, 1], independently on each probe and the holdout.

    Attributes:
        share: of the images that lie in the pocket.
        accuracy: of every variant on the others.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    share: float = 0.05
    accuracy: float = 0.93
    probes: int = 1
    epsilon: float = 0.005
    max_drop: float = 0.05
    crowd: Crowd = field(default_factory=Crowd)

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise UsageError(f"share must be between 0 and 1. Got {self.share}.")

    @property
    def mean(self) -> float:
        """Mean accuracy over variants, the same everywhere."""
        return (1 - self.share) * self.accuracy + self.share / 2

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        # Of a uniform draw: standard deviation 1/sqrt(12), mean difference of two 1/3.
        spread, gap = self.share / math.sqrt(12), self.share / 3
        truth = Truth(spread, gap, 1.0, 0.0, parts=False, mean=self.mean)
        names = [f"probe_{number:02d}" for number in range(self.probes)]
        probes = {name: (self._accuracies(name, key), truth) for name in names}
        holdout = self._accuracies("holdout", key)
        return study(self.crowd, key.child("images"), (holdout, truth), probes)

    def _accuracies(self, name: str, key: Stream) -> Floats:
        """Return the accuracy of each variant on each example, [variants, examples]."""
        crowd = self.crowd
        images = "holdout" if crowd.shared else name
        pocket: Booleans = key.child("pocket", images).generator().random(crowd.images) < self.share
        inside = key.child("effects", name).generator().random((crowd.variants, 1))
        return np.where(np.repeat(pocket, crowd.rows), inside, self.accuracy)
