"""A source within a source: variants of one pretraining are alike, and by how much is known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from underspec import vary
from underspec.core.errors import UsageError
from underspec.core.records import Floats, Variant
from underspec.core.streams import Stream
from underspec.testing.worlds._protocol import Drawn, Truth
from underspec.testing.worlds.effects import Effects, effect_gap, effects
from underspec.testing.worlds.matrices import Crowd, study

__all__ = ["Nested"]

_OUTER, _INNER = "pretrain", "init"
_LAB = 0.92
_EDGE = 1e-3


@dataclass(frozen=True)
class Nested:
    """Groups of variants share one level of an outer source; another source differs in each.

    The effects of both are independent draws on every probe and on the holdout; what they bring to
    the spread of a probe is `components`. Variants of one group are alike, so that a gap or a spread
    taken over all pairs is not that of two independent runs: the truths are of the latter.

    Attributes:
        share: of the variance on each probe that the outer source brings, 0 to 1.
        inner: variants in a group.
        spread: true standard deviation on each probe over runs that draw both sources anew.
        holdout_spread: the same on the holdout.
        accuracy: mean accuracy on each probe.
        shape: of the effects of both sources.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        crowd: sizes and images.
    """

    share: float = 0.6
    inner: int = 5
    spread: float = 0.02
    holdout_spread: float = 0.01
    accuracy: float = 0.85
    shape: Effects = "normal"
    probes: int = 3
    epsilon: float = 0.005
    max_drop: float = 0.1
    crowd: Crowd = field(default_factory=Crowd)

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise UsageError(f"share must be from 0 to 1. Got {self.share}.")

    @property
    def components(self) -> Mapping[str, float]:
        """The true variance on a probe that each source brings."""
        return {
            _OUTER: self.share * self.spread**2,
            _INNER: (1 - self.share) * self.spread**2,
        }

    def assigned(self) -> tuple[Variant, ...]:
        """Return the variants with the seeds that say which group each is of."""
        design = vary.get(
            "nested", sources={_OUTER: None, _INNER: None}, outer=_OUTER, inner=self.inner
        )
        return tuple(design(self.crowd.variants, 0))

    def draw(self, key: Stream) -> Drawn:
        """Return one study."""
        seeds = [variant.seeds[_OUTER] for variant in self.assigned()]
        group = np.unique(seeds, return_inverse=True)[1]
        own = key.child("effects")
        truth = self._truth(self.spread, self.accuracy, self.spread / self.holdout_spread)
        probes = {}
        for number in range(self.probes):
            name = f"probe_{number:02d}"
            effect = self._effects(group, own.child("probe", name))
            probes[name] = _accuracies(self.accuracy + self.spread * effect), truth
        lab = self._effects(group, own.child("holdout"))
        holdout = _accuracies(_LAB + self.holdout_spread * lab)
        lab_truth = self._truth(self.holdout_spread, _LAB, 1.0)
        return study(self.crowd, key.child("images"), (holdout, lab_truth), probes)

    def _effects(self, group: np.ndarray[tuple[int], np.dtype[np.intp]], key: Stream) -> Floats:
        outer = effects(self.shape, int(group.max()) + 1, key.child(_OUTER).generator())[group]
        inner = effects(self.shape, len(group), key.child(_INNER).generator())
        both: Floats = math.sqrt(self.share) * outer + math.sqrt(1 - self.share) * inner
        return both

    def _truth(self, spread: float, mean: float, ratio: float) -> Truth:
        # Sums of normal effects are normal; of other shapes only one alone has a known gap.
        known = self.shape == "normal" or self.share in (0, 1)
        gap = spread * effect_gap(self.shape) if known else math.nan
        return Truth(spread, gap, ratio, _LAB - mean, parts=False, mean=mean)


def _accuracies(values: Floats) -> Floats:
    return np.clip(values, _EDGE, 1 - _EDGE)
