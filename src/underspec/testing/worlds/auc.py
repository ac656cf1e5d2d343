"""Binary scores whose AUC, and whose spread of it, has a closed form."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec import metrics
from underspec.core.errors import UsageError
from underspec.core.records import Floats, Predictions
from underspec.core.streams import Stream
from underspec.measure import Evidence
from underspec.metrics.measured import Undefined, measured
from underspec.testing.worlds._protocol import Drawn, Truth
from underspec.testing.worlds.effects import Effects, effect_gap, effects

__all__ = ["Auc", "Scored", "ScoredStudy"]

_EDGE = 1e-3


@dataclass(frozen=True, eq=False)
class Scored:
    """One probe of binary scores.

    Attributes:
        name: of the probe.
        scores: probability of the positive class, [variants, examples].
        labels: 0 or 1, [examples].
        clusters: a name an example: each is its own cluster.
        truth: what is true of the AUC here.
    """

    name: str
    scores: Floats
    labels: NDArray[np.intp]
    clusters: NDArray[np.str_]
    truth: Truth


@dataclass(frozen=True, eq=False)
class ScoredStudy:
    """One synthetic study of scores, not yet put through a metric.

    Attributes:
        variants: ids, axis 0 of the scores.
        holdout: the yardstick.
        probes: the others by name.
    """

    variants: tuple[str, ...]
    holdout: Scored
    probes: Mapping[str, Scored]


@dataclass(frozen=True)
class Auc:
    """The binormal world: a variant of separation d has an AUC of exactly Φ(d / √2).

    Before it is brought to (0, 1) by Φ, which moves no rank, a score is ``d y + √same z + √(1 - same)
    u`` with label y, z an example's own and u the variant's luck with it, both standard normal. So
    every variant's scores are N(d, 1) among positives and N(0, 1) among negatives whatever `same` is:
    that says how much alike the variants rank, not how good they are. ``d = √2 Φ⁻¹(A)`` for a variant
    that is to have the true AUC A, and A varies as asked: no sample is needed to know the truth.

    Attributes:
        spread: true standard deviation over variants of the AUC on each probe.
        holdout_spread: the same on the holdout.
        mean: mean AUC on each probe.
        holdout_mean: mean AUC on the holdout.
        positives: chance that an example is positive.
        same: correlation of two variants' scores within a class; near 1 they are near-identical.
        shape: of the effects.
        probes: how many.
        epsilon: what counts as near-equal.
        max_drop: the largest drop allowed.
        variants: variants trained.
        images: examples a probe.
    """

    spread: float
    holdout_spread: float
    mean: float = 0.85
    holdout_mean: float = 0.85
    positives: float = 0.1
    same: float = 0.9
    shape: Effects = "normal"
    probes: int = 1
    epsilon: float = 0.005
    max_drop: float = 0.05
    variants: int = 50
    images: int = 2000

    def __post_init__(self) -> None:
        if not 0 < self.positives < 1 or not 0 <= self.same <= 1:
            raise UsageError(
                f"positives must be between 0 and 1, and same from 0 to 1. Got {self.positives} "
                f"and {self.same}."
            )

    def draw(self, key: Stream) -> Drawn:
        """Return one study, measured by the package's own AUC."""
        study = self.scored(key)
        probes = study.probes.values()
        return Drawn(
            holdout=_evidence(study.holdout, study.variants),
            probes=(_evidence(probe, study.variants) for probe in probes),
            holdout_truth=study.holdout.truth,
            truths={probe.name: probe.truth for probe in probes},
        )

    def scored(self, key: Stream) -> ScoredStudy:
        """Return the scores of one study; the same key draws the same."""
        gap = effect_gap(self.shape)
        ratio = self.spread / self.holdout_spread if self.holdout_spread else None
        fall = self.holdout_mean - self.mean
        truth = Truth(self.spread, self.spread * gap, ratio, fall, parts=False, mean=self.mean)
        lab_gap = self.holdout_spread * gap
        lab = Truth(self.holdout_spread, lab_gap, 1.0, 0.0, parts=False, mean=self.holdout_mean)
        names = [f"probe_{number:02d}" for number in range(self.probes)]
        return ScoredStudy(
            variants=tuple(f"v{v:03d}" for v in range(self.variants)),
            holdout=self._scored("holdout", self.holdout_mean, lab, key),
            probes={name: self._scored(name, self.mean, truth, key) for name in names},
        )

    def _scored(self, name: str, mean: float, truth: Truth, key: Stream) -> Scored:
        from scipy.special import ndtr, ndtri

        effect = effects(self.shape, self.variants, key.child("effects", name).generator())
        auc = np.clip(mean + truth.spread * effect, _EDGE, 1 - _EDGE)
        apart = math.sqrt(2) * ndtri(auc)
        generator = key.child("images", name).generator()
        labels = (generator.random(self.images) < self.positives).astype(np.intp)
        common = generator.standard_normal(self.images)
        luck = generator.standard_normal((self.variants, self.images))
        latent = math.sqrt(self.same) * common + math.sqrt(1 - self.same) * luck
        return Scored(
            name=name,
            scores=ndtr(apart[:, None] * labels + latent),
            labels=labels,
            clusters=np.array([f"{name}-{image}" for image in range(self.images)]),
            truth=truth,
        )


def _evidence(scored: Scored, variants: tuple[str, ...]) -> Evidence:
    positive = scored.scores.astype(np.float32)
    both = np.stack([1 - positive, positive], axis=2)
    labels = scored.labels.astype(np.int32)
    predictions = Predictions(
        variants=variants,
        labels=labels,
        answers=(positive > 0.5).astype(np.int32),
        label_scores=np.where(labels, positive, 1 - positive),
        scores=both,
    )
    found = measured(metrics.get("auc"), predictions, scored.clusters)
    if isinstance(found, Undefined):
        raise UsageError(
            f"The probe '{scored.name}' of this synthetic study came out with one class only: give it "
            "more images or more positives."
        )
    return Evidence(
        name=scored.name,
        title=scored.name,
        kind="holdout" if scored.name == "holdout" else "shifted",
        family=scored.name,
        severity=None,
        variants=variants,
        contributions=found.contributions,
        clusters=scored.clusters,
        truth=found.truth,
    )
