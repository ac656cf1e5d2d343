"""The true spread of a figure that is no mean over examples."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Truth", "crossed", "from_halves", "quadratic"]


@dataclass(frozen=True, eq=False)
class Truth:
    """What stands for the true variance over variants where contributions are only approximate.

    For a mean over examples the split into true spread and noise is exact. AUC, F1 and others are
    no means; their contributions are pulls on the figure, good enough for how sure it is, not for how
    much of its spread is noise. That comes from here.

    Attributes:
        gram: float64 [variants, variants]; the true variance of any of the variants is the
            quadratic form of their rows and columns, see `quadratic`.
        halves: float64 [2, halvings, variants], the figure on one half of the clusters and on the
            other, the same halves in every probe; None where `gram` is exact by itself.
        bounds: least and largest pull that one example of average size can have, in the units of
            contributions; infinite where unknown.
        exact: whether `gram` comes from a formula, not from halves.
        clusters: how many there are of what the figure hangs on, such as the rarer class.
    """

    gram: Floats
    halves: Floats | None = None
    bounds: tuple[float, float] = (-np.inf, np.inf)
    exact: bool = False
    clusters: int = 0

    def only(self, rows: NDArray[np.intp]) -> "Truth":
        """Return the same of the variants at `rows`."""
        halves = None if self.halves is None else self.halves[:, :, rows]
        return replace(self, gram=self.gram[np.ix_(rows, rows)], halves=halves)

    @property
    def variance(self) -> float:
        """The true variance over two or more variants, signed."""
        return quadratic(self.gram)


def quadratic(gram: Floats) -> float:
    """Return ``(tr G - sum(G) / k) / (k - 1)``: the variance over variants when G = a aᵀ, 0 for one variant."""
    k = len(gram)
    if k < 2:
        return 0.0
    return float(np.trace(gram) - gram.sum() / k) / (k - 1)


def from_halves(halves: Floats) -> Floats:
    """Return the `gram` of a figure on both halves of several halvings.

    The two halves share no cluster, so their luck is independent and the covariance over variants
    of the one with the other is the true variance, whatever the figure. It is averaged over the
    halvings.

    Args:
        halves: [2, halvings, variants]; halvings with a NaN do not count, one at least must not
            have any.
    """
    sound = halves[:, np.isfinite(halves).all(axis=(0, 2))]
    apart = sound - sound.mean(axis=2, keepdims=True)
    cross = np.einsum("rv,rw->vw", apart[0], apart[1]) / sound.shape[1]
    gram: Floats = (cross + cross.T) / 2
    return gram


def crossed(one: Truth | None, two: Truth | None) -> float | None:
    """Return the true covariance over the same variants of two figures that were halved alike.

    Returns:
        None where one has no halves, or no halving is sound in both.
    """
    if one is None or two is None or one.halves is None or two.halves is None:
        return None
    p, q = one.halves, two.halves
    both = np.isfinite(p).all(axis=(0, 2)) & np.isfinite(q).all(axis=(0, 2))
    if not both.any():
        return None
    a, b = (half[:, both] - half[:, both].mean(axis=2, keepdims=True) for half in (p, q))
    # Each figure's one half against the other's other half: no cluster is in both.
    total = float(np.vdot(a[0], b[1]) + np.vdot(a[1], b[0]))
    count: int = 2 * int(both.sum()) * (p.shape[2] - 1)
    return total / count
