"""Correlation over variants of two probes' true means, noise and shared examples taken out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Booleans, Floats
from underspec.stats.totals import Totals, deviations
from underspec.stats.truth import crossed

__all__ = ["Joint", "Related", "correlate", "joint", "rank_correlation", "spearman"]

# Reliabilities from which Fisher's interval may be mapped, and under which nothing is said.
_STEADY, _NOISY = 0.7, 0.3
_Z = 1.959963984540054
_CELLS = 4_000_000


class Joint(NamedTuple):
    """Second moments over variants of the means of P probes.

    Attributes:
        means: [probes, variants].
        observed: covariances of the means, [probes, probes]; variances on the diagonal.
        true: the same with what shared examples bring taken out.
    """

    means: Floats
    observed: Floats
    true: Floats


class Related(NamedTuple):
    """Corrected correlations of pairs of probes; NaN where too noisy to say, each [pairs].

    Attributes:
        value: the estimate, within -1 and 1.
        low: lower end.
        high: upper end.
        raw: correlation of the observed means; NaN where one does not vary.
        reliability: the smaller of the two probes'.
        p: two-sided, of no correlation.
    """

    value: Floats
    low: Floats
    high: Floats
    raw: Floats
    reliability: Floats
    p: Floats


def joint(probes: list[Totals]) -> Joint:
    """Return the joint moments of probes of the same variants, two clusters or more each."""
    k, count = probes[0].k, len(probes)
    means = np.stack([probe.means for probe in probes])
    n = np.array([probe.n for probe in probes])
    within, pairs = _crossed(probes)
    apart = deviations(means.T).T
    observed = apart @ apart.T / (k - 1)
    size = np.outer(n, n)
    free = size - pairs
    with np.errstate(divide="ignore", invalid="ignore"):
        true = np.where(free > 0, (size * observed - within / (k - 1)) / free, observed)
    for at in np.argwhere(np.triu(pairs > 0)):
        _overrule(true, probes, int(at[0]), int(at[1]))
    diagonal = np.arange(count)
    # As in `split`: the noise is never negative.
    true[diagonal, diagonal] = np.minimum(true[diagonal, diagonal], observed[diagonal, diagonal])
    return Joint(means, observed, true)


def _overrule(true: Floats, probes: list[Totals], a: int, b: int) -> None:
    """Put the truth of metrics that are no means in place of what their contributions give."""
    one, two = probes[a].truth, probes[b].truth
    if one is None or two is None:
        return
    better = one.variance if a == b else crossed(one, two)
    if better is not None:
        true[a, b] = true[b, a] = better


def correlate(moments: Joint, a: NDArray[np.intp], b: NDArray[np.intp]) -> Related:
    """Return corrected correlations of the pairs (a, b) of probes, over four variants or more.

    With reliabilities of .7 and more, Fisher's interval of the raw correlation is carried over by
    the exact correction, which is linear. Between .3 and .7 the delta method gives a standard error
    of atanh ρ from the normal-theory covariances of the observed moments. Under .3, or where the
    estimate leaves (-1, 1) without that, there is no value.
    """
    k = moments.means.shape[1]
    var, true = np.diag(moments.observed), np.diag(moments.true)
    sp, sq, tp, tq = var[a], var[b], true[a], true[b]
    cov, common = moments.observed[a, b], moments.observed[a, b] - moments.true[a, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.clip(cov / np.sqrt(sp * sq), -1, 1)
        reliability = np.minimum(np.maximum(tp, 0) / sp, np.maximum(tq, 0) / sq)
        rho = (cov - common) / np.sqrt(np.maximum(tp, 0) * np.maximum(tq, 0))
        steady = reliability >= _STEADY
        delta = (reliability >= _NOISY) & ~steady & (np.abs(rho) < 1)
        z = np.arctanh(np.clip(raw, -1 + 1e-12, 1 - 1e-12))
        null = np.arctanh(np.clip(common / np.sqrt(sp * sq), -1 + 1e-12, 1 - 1e-12))
        reach = _Z / np.sqrt(k - 3)
        scale = np.sqrt(sp * sq), common, np.sqrt(np.maximum(tp, 0) * np.maximum(tq, 0))
        fisher = [_mapped(np.tanh(z - reach), *scale), _mapped(np.tanh(z + reach), *scale)]
        error = _delta_error(sp, sq, tp, tq, cov, rho, k)
        centre = np.arctanh(np.where(delta, rho, 0.0))
        around = [np.tanh(centre - _Z * error), np.tanh(centre + _Z * error)]
        score = np.where(steady, (z - null) * np.sqrt(k - 3), centre / error)
    said = steady | delta
    return Related(
        value=_where(said, np.clip(rho, -1, 1)),
        low=_where(said, np.where(steady, fisher[0], around[0])),
        high=_where(said, np.where(steady, fisher[1], around[1])),
        raw=raw,
        reliability=reliability,
        p=_where(said, _two_sided(score)),
    )


def spearman(rho: Floats) -> Floats:
    """Return the rank correlation of normal variables with correlation `rho` (Pearson 1907)."""
    ranks: Floats = 6 / np.pi * np.arcsin(np.asarray(rho) / 2)
    return ranks


def rank_correlation(means: Floats) -> Floats:
    """Return Spearman's correlations of the rows, uncorrected, [probes, probes]; NaN for no rank.

    Args:
        means: [probes, variants].
    """
    ranks = np.stack([_below(row) - _below(-row) for row in means])
    apart = deviations(ranks.T).T
    squares = np.sqrt(np.square(apart).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(apart @ apart.T / np.outer(squares, squares), -1, 1)


def _below(row: Floats) -> Floats:
    return np.searchsorted(np.sort(row), row, side="left").astype(np.float64)


def _crossed(probes: list[Totals]) -> tuple[Floats, Floats]:
    """Return sum_c sum_v of products of centred totals, and sum_c m m, [probes, probes] each.

    Clusters are laid side by side a chunk at a time, so that memory stays bounded however many
    clusters the probes have between them.
    """
    count, k = len(probes), probes[0].k
    names = np.unique(np.concatenate([probe.names for probe in probes]))
    at = [np.searchsorted(names, probe.names) for probe in probes]
    within, pairs = np.zeros((count, count)), np.zeros((count, count))
    step = max(1, _CELLS // (count * k))
    for start in range(0, len(names), step):
        stop = min(start + step, len(names))
        spans = [np.searchsorted(codes, (start, stop)) for codes in at]
        here = np.flatnonzero([high > low for low, high in spans])
        block = np.zeros((len(here), k, stop - start))
        sizes = np.zeros((len(here), stop - start))
        for row, probe in enumerate(here):
            span = slice(*spans[probe])
            block[row][:, at[probe][span] - start] = probes[probe].apart[:, span]
            sizes[row, at[probe][span] - start] = probes[probe].sizes[span]
        flat = block.reshape(len(here), -1)
        within[np.ix_(here, here)] += flat @ flat.T
        pairs[np.ix_(here, here)] += sizes @ sizes.T
    return within, pairs


def _mapped(r: Floats, size: Floats, common: Floats, true: Floats) -> Floats:
    return np.clip((r * size - common) / true, -1, 1)


def _delta_error(
    sp: Floats, sq: Floats, tp: Floats, tq: Floats, cov: Floats, rho: Floats, k: int
) -> Floats:
    """Return the standard error of atanh ρ for normal effects, moments over k - 3 (not k - 1)."""
    by_cov = 1 / np.sqrt(tp * tq)
    by_p, by_q = -rho / (2 * tp), -rho / (2 * tq)
    variance = (
        by_cov**2 * (sp * sq + cov**2)
        + 2 * (by_p * sp) ** 2
        + 2 * (by_q * sq) ** 2
        + 4 * by_p * by_q * cov**2
        + 4 * by_cov * cov * (by_p * sp + by_q * sq)
    )
    return np.sqrt(variance / (k - 3)) / (1 - rho**2)


def _two_sided(score: Floats) -> Floats:
    from scipy.special import ndtr

    p: Floats = 2 * ndtr(-np.abs(score))
    return p


def _where(said: Booleans, values: Floats) -> Floats:
    return np.where(said, values, np.nan)
