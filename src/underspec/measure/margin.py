"""How small a margin this study could certify at all."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Floats
from underspec.stats.totals import group, total

__all__ = ["smallest_margin"]

# Two one-sided tests at 5 %, 80 % power where there is no difference: z(.95) + z(.90).
_STANDARD_ERRORS = 2.926


def smallest_margin(contributions: Floats, clusters: NDArray[np.str_]) -> float | None:
    """Return the least epsilon by which some variant could be certified near-equal to the others.

    That is 2.93 standard errors of the difference, over clusters, between the steadiest variant and
    the mean of all others. It is for one test: Holm's adjustment over k variants, which the pool
    rule `equivalence` makes, asks for more (about half as much again at k = 50), so that under this
    margin nobody can count on being certified.

    Args:
        contributions: [variants, examples] on the half that decides.
        clusters: of the examples.

    Returns:
        The margin in the metric's units; None under two variants or two clusters.

    Raises:
        UsageError: a contribution is not finite.
    """
    if not np.isfinite(contributions).all():
        raise UsageError(
            "A contribution to the metric is not a finite number: mark the variant as failed."
        )
    totals = total(contributions, group(clusters))
    if not totals.resolved:
        return None
    k, count = totals.k, len(totals.sizes)
    apart = (k * totals.values - totals.values.sum(axis=0)) / (k - 1)
    residual = apart - np.outer(apart.sum(axis=1) / totals.n, totals.sizes)
    squares = count / (count - 1) * np.square(residual).sum(axis=1)
    return _STANDARD_ERRORS * float(np.sqrt(squares.min())) / totals.n
