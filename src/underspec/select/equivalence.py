"""The strict pool rule: only variants shown to be near-equal."""

from dataclasses import dataclass

import numpy as np

from underspec.core.records import Floats
from underspec.select._protocol import Evidence, Selection
from underspec.select.epsilon import amount, check_epsilon, means

__all__ = ["Equivalence"]

_ALPHA = 0.05


@dataclass(frozen=True)
class Equivalence:
    """Keeps the variants certified to lie within `epsilon` of the mean of the others.

    Each variant is compared with the mean of all others on the same examples by two one-sided
    t-tests at 5 % (Schuirmann 1987); the variance is that of cluster totals, and the p-values are
    adjusted over the variants (Holm 1979). The claim is strong and needs many examples: with
    variants that part on a tenth of 5,000 examples, an epsilon of about one point.

    Attributes:
        epsilon: the margin, in the metric's units; for a proportion a share, 0.01 is one point.
    """

    epsilon: float

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)

    def __call__(self, evidence: Evidence, /) -> Selection:
        """Return who is certified, and for each other one what stands against it.

        Raises:
            UsageError: no example, or an epsilon of 1 or more for a proportion.
        """
        check_epsilon(self.epsilon, proportion=evidence.proportion)
        scored = means(evidence)
        usable = [at for at, mean in enumerate(scored) if np.isfinite(mean)]
        dropped = {
            variant: "its metric on the holdout is not a number"
            for variant, mean in zip(evidence.variants, scored, strict=True)
            if not np.isfinite(mean)
        }
        if len(usable) == 1:
            dropped[evidence.variants[usable[0]]] = "no other variant to compare it with"
        kept = []
        if len(usable) > 1:
            difference, p = _compare(
                evidence.contributions[usable], evidence.clusters, self.epsilon
            )
            for at, distance, adjusted in zip(usable, difference, p, strict=True):
                variant = evidence.variants[at]
                if adjusted <= _ALPHA:
                    kept.append(variant)
                else:
                    dropped[variant] = self._reason(distance, adjusted, evidence.proportion)
        return Selection(tuple(kept), dropped)

    def _reason(self, difference: float, p: float, proportion: bool) -> str:
        side = "below" if difference < 0 else "above"
        limit = amount(self.epsilon, proportion=proportion)
        far = amount(abs(difference), proportion=proportion, digits=2)
        return (
            f"not certified within {limit} of the others: {far} {side} their mean, "
            f"adjusted p {p:.2g}, above {_ALPHA:g}"
        )


def _compare(contributions: Floats, clusters: object, epsilon: float) -> tuple[Floats, Floats]:
    """Return each variant's mean difference from the others and its Holm-adjusted TOST p."""
    from scipy.special import stdtr

    k, n = contributions.shape
    apart = (k * contributions - contributions.sum(axis=0)) / (k - 1)
    difference: Floats = apart.mean(axis=1)
    _, codes = np.unique(np.asarray(clusters), return_inverse=True)
    count = int(codes.max()) + 1
    if count < 2:
        return difference, np.ones(k)
    residual = apart - difference[:, None]
    totals = np.stack([np.bincount(codes, weights=row, minlength=count) for row in residual])
    error = np.sqrt(count / (count - 1) * (totals**2).sum(axis=1)) / n
    # Identical variants have no error: they are equivalent without doubt, or surely not.
    with np.errstate(divide="ignore"):
        nearest = np.where(error > 0, (epsilon - np.abs(difference)) / error, np.inf)
    nearest[(error == 0) & (np.abs(difference) >= epsilon)] = -np.inf
    p = np.where(np.isinf(nearest), (nearest < 0).astype(float), 0.0)
    finite = np.isfinite(nearest)
    p[finite] = stdtr(count - 1, -nearest[finite])
    return difference, _holm(p)


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
