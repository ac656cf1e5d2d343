"""The typical gap: Gini's mean difference between variants with the noise taken out."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.spread import TWO_SIDED, Ends, SpreadFit, spread_ends
from underspec.stats.totals import Totals

__all__ = ["FORM", "GapFit", "fit_gap", "gap_ends", "gini", "pair_noise"]

FORM = "Gini mean difference, noise extrapolated out"

# What the values at λ = 0, 1, 2 weigh in that of the curve at λ = -1.
_LAST = (2 - math.sqrt(2)) / (2 * math.sqrt(2) - math.sqrt(3) - 1)
_WEIGHTS = (2 + _LAST, -1 - 2 * _LAST, _LAST)
_BLURRED, _MANY = 0.9, 50


class GapFit(NamedTuple):
    """What the interval of a gap is made of.

    Attributes:
        raw: squared mean difference as observed, G(0)².
        true: the same without noise, signed.
        error: standard error of log G(0)² over variants; infinite where one variant is all there
            is of the gap.
        spread: of the same totals.
    """

    raw: float
    true: float
    error: float
    spread: SpreadFit


def gini(means: Floats, added: float | Floats = 0.0) -> float:
    """Return the mean over pairs of E|a_v - a_w + N(0, 2 added)|.

    Args:
        means: of the variants.
        added: a variance for all pairs, or one for each, [variants, variants].
    """
    k = len(means)
    difference = np.abs(means[:, None] - means[None, :])
    variance = np.broadcast_to(np.asarray(added, dtype=np.float64), difference.shape)
    noisy = variance > 0
    if noisy.any():
        from scipy.special import erf

        # Mean of a folded normal (Leone, Nelson and Nottingham 1961).
        width = np.sqrt(4 * variance[noisy])
        scaled = difference[noisy] / width
        difference[noisy] = difference[noisy] * erf(scaled) + width / math.sqrt(math.pi) * np.exp(
            -(scaled**2)
        )
        np.fill_diagonal(difference, 0.0)
    return float(difference.sum()) / (k * (k - 1))


def pair_noise(totals: Totals, noise: float) -> Floats | float:
    """Return the noise of each pair's difference, halved: [variants, variants], mean `noise`.

    Twins, the same in every cluster though variants part in 50 clusters or more, share all their luck
    with the examples: there is no noise between them. Were it taken to be that of the others, pairs
    that differ by nothing would pass for pairs that noise had brought together, and the gap of all
    others for less than it is. So it was with a source that changes nothing.

    Args:
        totals: by cluster.
        noise: what the examples add to the variance over variants.

    Returns:
        The variance `noise` itself where there are no twins.
    """
    kinds = [row.tobytes() for row in totals.values]
    if len(set(kinds)) == totals.k or int((totals.within > 0).sum()) < _MANY:
        return noise
    first = {kind: at for at, kind in reversed(list(enumerate(kinds)))}
    codes = np.array([first[kind] for kind in kinds])
    apart = (codes[:, None] != codes[None, :]).astype(np.float64)
    pairs: Floats = apart * (noise * totals.k * (totals.k - 1) / apart.sum())
    return pairs


def fit_gap(totals: Totals, spread: SpreadFit) -> GapFit:
    """Return what the gap's interval needs; `spread` is that of the same totals.

    With G(λ) the mean difference after adding noise of λ times the probe's own (none between
    twins), G² is extrapolated
    to λ = -1 by the curve a + b (1 + λ) + c sqrt(1 + λ) through λ = 0, 1, 2. For normal effects G²
    is a line in 1 + λ, and the gap 2/sqrt(π) times the true spread; two kinds of variant that the
    noise does not blur together add the root, pairs of one kind differing by noise alone. A
    parabola in λ fits the line but not the root, and reads 6 % too high at reliability .95.
    """
    means = totals.means
    raw = gini(means) ** 2
    true = raw
    if spread.noise > 0:
        added = pair_noise(totals, spread.noise)
        noisier = gini(means, added) ** 2, gini(means, 2 * added) ** 2
        true = _WEIGHTS[0] * raw + _WEIGHTS[1] * noisier[0] + _WEIGHTS[2] * noisier[1]
    return GapFit(raw, true, _log_error(means), spread)


def gap_ends(fit: GapFit, alpha: float = TWO_SIDED) -> Ends:
    """Return the ends for the squared gap that each leave out `alpha`, at most a half.

    The variants' part is the jackknife of log G(0)² with a t quantile, the examples' part that of
    the spread, brought to this scale; the floor is that of the spread under normal noise. Under a
    reliability of .9 noise blurs two kinds of variant into one broad kind, and the extrapolation
    cannot tell: the lower end is then at most that of the spread, which is what the gap is for two
    kinds of equal share (and 11 % less than for normal effects).
    """
    from scipy.special import ndtri, stdtrit

    spread = fit.spread
    reach = -float(stdtrit(spread.k - 1, alpha)) * fit.error if alpha < 0.5 else 0.0
    extra = 0.0
    if spread.observed > 0:
        extra = float(ndtri(alpha)) ** 2 * spread.examples * (fit.raw / spread.observed) ** 2
    low = fit.true - math.sqrt((fit.raw * -math.expm1(-reach)) ** 2 + extra)
    if spread.true < _BLURRED * spread.observed:
        low = min(low, spread_ends(spread, alpha).low)
    above = fit.raw * math.expm1(reach) if reach < 300 else math.inf
    high = fit.true + math.sqrt(above**2 + extra)
    pure = spread._replace(observed=spread.noise)
    return Ends(low, max(high, 4 / math.pi * spread_ends(pure, alpha).high))


def _log_error(means: Floats) -> float:
    """Return the delete-one-variant jackknife's standard error of log G(0)²."""
    k = len(means)
    rows = np.abs(means[:, None] - means[None, :]).sum(axis=0)
    total = float(rows.sum()) / 2
    if total == 0:
        return 0.0
    left = total - rows
    # Below a rounding of the whole, what is left of the gap is nothing.
    if k < 3 or bool((left <= 1e-12 * total).any()):
        return math.inf
    logs = 2 * np.log(left)
    return math.sqrt((k - 1) / k * float(np.square(logs - logs.mean()).sum()))
