"""What the measures read: one probe's contributions, and what its metric is like."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats, Kind
from underspec.stats.truth import Truth

__all__ = ["Evidence", "Scale", "Scaled"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """One probe as it will be reported: the reported examples only.

    Attributes:
        name: of the probe.
        title: how reports write it.
        kind: what the probe is.
        family: what probes of one stress test share.
        severity: how hard, None where there are no degrees.
        variants: ids of all trained variants, axis 0; in any order, the same ids in every probe.
        contributions: float64 [variants, examples] whose mean over examples is the metric.
        clusters: what was sampled as one thing, text [examples].
        weights: of the examples, by which the mean is weighted; None where all are alike. Those of
            strata that were counted off give each its share by design.
        truth: stands for the true variance where the metric is no mean of its contributions.
        strata: of which stratum each example is, where they were counted off by design, [examples];
            the same code for the same stratum in every probe. None where they were not.
        scale: of a contrastive probe, whose examples here are pairs: that of agreement. None where it
            is the metric's.
        turns: of a contrastive probe, which pairs each variant flips up (1) and down (-1), see
            `core.findings.Flips`, [variants, examples]; None where that is not known.

    Raises:
        UsageError: the shapes do not fit, an id comes twice, or a contribution is not finite.
    """

    name: str
    title: str
    kind: Kind
    family: str
    severity: float | None
    variants: tuple[str, ...]
    contributions: Floats
    clusters: NDArray[np.str_]
    weights: Floats | None = None
    truth: Truth | None = None
    strata: NDArray[np.intp] | None = None
    scale: "Scaled | None" = None
    turns: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        shape = (len(self.variants), len(self.clusters))
        if self.contributions.shape != shape:
            raise UsageError(
                f"The probe '{self.name}' has contributions of shape {self.contributions.shape}, "
                f"but {shape[0]} variants and {shape[1]} clusters' names: give one a variant and "
                "example."
            )
        if self.turns is not None and self.turns.shape != shape:
            raise UsageError(
                f"The probe '{self.name}' has turns of shape {self.turns.shape} for {shape[0]} variants "
                f"and {shape[1]} pairs: give one each."
            )
        if (self.kind == "contrastive") != (self.scale is not None):
            raise UsageError(
                f"The probe '{self.name}' is {self.kind}: contrastive probes have a scale of their own, "
                "and no others do."
            )
        if self.strata is not None and self.strata.shape != shape[1:]:
            raise UsageError(
                f"The probe '{self.name}' has strata of shape {self.strata.shape} for {shape[1]} "
                "examples: give one each."
            )
        if len(set(self.variants)) != len(self.variants):
            raise UsageError(f"The probe '{self.name}' has two variants of one id: name each once.")
        if not np.isfinite(self.contributions).all():
            variant, example = np.argwhere(~np.isfinite(self.contributions))[0]
            raise UsageError(
                f"The metric of variant '{self.variants[variant]}' on example {example} of the "
                f"probe '{self.name}' is {self.contributions[variant, example]}: a finite number "
                "is needed. Mark the variant as failed, or take a metric that is always defined."
            )

    def rows(self, variants: tuple[str, ...]) -> NDArray[np.intp]:
        """Return where `variants` stand on axis 0.

        Raises:
            UsageError: one of them is not there.
        """
        at = {variant: row for row, variant in enumerate(self.variants)}
        missing = [variant for variant in variants if variant not in at]
        if missing:
            raise UsageError(
                f"The variant '{missing[0]}' is not in the probe '{self.name}', which has "
                f"{len(at)}: predict every kept variant on every probe."
            )
        return np.array([at[variant] for variant in variants], dtype=np.intp)


class Scaled(Protocol):
    """What the measures want to know of a metric; every metric of `underspec.metrics` has it."""

    @property
    def greater_is_better(self) -> bool:
        """Whether a larger value is the better one."""
        ...

    @property
    def proportion(self) -> bool:
        """Whether it is a share of examples: then points, and a null ratio from skill."""
        ...

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest possible value, infinite where there is none."""
        ...


@dataclass(frozen=True)
class Scale:
    """A metric's scale by itself; as it stands, that of accuracy."""

    greater_is_better: bool = True
    proportion: bool = True
    range: tuple[float, float] = (0.0, 1.0)
