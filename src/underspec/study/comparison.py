"""What comparing two studies finds."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from underspec.core.findings import Interval
from underspec.core.records import Kind

__all__ = ["Compared", "Comparison", "Side", "comparison_json"]


@dataclass(frozen=True)
class Side:
    """One of the two studies.

    Attributes:
        folder: where it lies.
        name: of the study.
        variants: how many of its variants are compared.
        trained: how many it trained.
        epsilon: within what its pool counts as near-equal.
        seed: root seed, which halves the clusters.
    """

    folder: str
    name: str
    variants: int
    trained: int
    epsilon: float
    seed: int


@dataclass(frozen=True)
class Compared:
    """One probe that both studies have.

    Attributes:
        name: of the probe.
        title: how reports write it.
        kind: what the probe is.
        same_examples: whether both are compared on the same examples, which are then paired.
        examples: how many, in A and in B.
        clusters: how many, in A and in B.
        mean: mean of the variants compared, in A and in B.
        difference: mean of A less mean of B, in the metric's units.
        p: two-sided, of no difference.
        p_adjusted: the same, Holm over the probes compared.
        better: which of the two is better, at 5 % after adjustment.
        beats: probability that a random variant of A does better here than one of B.
        detectable: the difference that would have been found in 80 of 100 such pairs of studies.
        multi_bootstrap: the difference by the Multi-Bootstrap; None where not asked for.
        multi_bootstrap_p: its two-sided p.
    """

    name: str
    title: str
    kind: Kind
    same_examples: bool
    examples: tuple[int, int]
    clusters: tuple[int, int]
    mean: tuple[float, float]
    difference: Interval
    p: float
    p_adjusted: float
    better: Literal["a", "b", "unknown"]
    beats: Interval
    detectable: float
    multi_bootstrap: Interval | None
    multi_bootstrap_p: float | None


@dataclass(frozen=True)
class Comparison:
    """Two studies, probe by probe.

    Attributes:
        schema: version of this record.
        metric: name of the metric.
        greater_is_better: whether more of it is better.
        level: of all intervals, which are over variants and examples at once.
        which: whether the kept or all trained variants are compared.
        paired_variants: whether variants of the same seeds are paired.
        resamples: of the Multi-Bootstrap.
        a: the first study.
        b: the second.
        probes: those that both have, in the order of the first.
        notes: what should be known beside.
    """

    schema: int
    metric: str
    greater_is_better: bool
    level: float
    which: Literal["kept", "all"]
    paired_variants: bool
    resamples: int
    a: Side
    b: Side
    probes: tuple[Compared, ...]
    notes: tuple[str, ...]


def comparison_json(comparison: Comparison) -> str:
    """Return a comparison as JSON text, the same for the same comparison on any machine."""
    plain = _rounded(asdict(comparison))
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.10g}") + 0.0 if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, tuple | list) else value
