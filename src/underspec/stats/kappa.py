"""Error consistency: do variants err on the same examples beyond what their error rates imply?"""

from typing import NamedTuple

import numpy as np

from underspec.core.records import Booleans, Floats

__all__ = ["FEWEST", "Consistency", "error_consistency"]


class Consistency(NamedTuple):
    """Cohen's kappa of right and wrong, averaged over pairs of variants.

    Attributes:
        value: the average over the pairs that have one.
        by_variant: its pseudo-values to first order, [variants, examples], of mean `value`.
        left_out: pairs without a kappa, since both are right on all examples, or on none.
    """

    value: float
    by_variant: Floats
    left_out: int


FEWEST = 10
"""Mistakes, and right answers, that the average variant must give for a kappa to be told."""


def error_consistency(right: Booleans) -> Consistency | None:
    """Return the error consistency of three variants or more; None where it cannot be told.

    It cannot where no pair of variants has one, or where the average variant errs, or is right, on
    fewer than `FEWEST` examples: its interval is then far too short.

    ``kappa = (c_obs - c_exp) / (1 - c_exp)`` (Geirhos, Meding and Wichmann 2020): c_obs the share of
    examples on which both are right or both wrong, c_exp what independent errors at their rates
    would give. The pseudo-values are the linearised influence of each example on each pair, averaged
    over a variant's pairs.

    Args:
        right: whether the answer is right, [variants, examples].
    """
    k, n = right.shape
    hit = right.astype(np.float64)
    rate = hit.mean(axis=1)
    if n * min(float(rate.mean()), 1 - float(rate.mean())) < FEWEST:
        return None
    observed = 1.0 - rate[:, None] - rate + 2.0 * (hit @ hit.T) / n
    expected = np.outer(rate, rate) + np.outer(1 - rate, 1 - rate)
    known = (1.0 - expected > 1e-12) & ~np.eye(k, dtype=np.bool_)
    pairs = int(known.sum()) // 2
    if pairs == 0:
        return None
    one = np.where(known, 1.0 / np.where(known, 1.0 - expected, 1.0), 0.0)
    kappa = (observed - expected) * one
    drag = (1.0 - observed) * np.square(one)
    apart = hit - rate[:, None]
    near = one @ hit
    along = drag @ apart
    lean = 2.0 * rate - 1.0
    own = one.sum(axis=1)[:, None] * (1.0 - hit) + (2.0 * hit - 1.0) * near
    own -= (one * observed).sum(axis=1)[:, None]
    own -= (drag @ lean)[:, None] * apart + lean[:, None] * along
    own += kappa.sum(axis=1)[:, None]
    own *= k / (2 * pairs)
    mean = own.mean(axis=0)
    pulls: Floats = mean + 2 * (k - 1) / (k - 2) * (own - mean)
    return Consistency(float(kappa.sum()) / (2 * pairs), pulls, k * (k - 1) // 2 - pairs)
