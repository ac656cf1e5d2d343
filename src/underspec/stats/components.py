"""How much of the spread each source brings: variance components, their shares, F tests."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.stats.component_ends import (
    Estimate,
    added,
    component_ends,
    freedom,
    quotient,
    stretching,
    tailed,
)
from underspec.stats.dispersion import overdispersion
from underspec.stats.forms import Read
from underspec.stats.layout import Layout
from underspec.stats.totals import Totals

__all__ = ["Component", "components"]


class Component(NamedTuple):
    """What one factor, or the rest, brings to the variance over variants; NaN where undefined.

    Attributes:
        levels: how many levels of the factor there are; variants for the rest.
        observed: variance component of the variants' means on these examples.
        true: the same with the noise of a finite probe taken out; signed, unbiased.
        low: lower end for `true`, not clipped at 0.
        high: upper end for `true`.
        share: of the variance of a run that draws everything anew, within 0 and 1.
        share_low: lower end of the share.
        share_high: upper end of the share.
        icc: the share as observed, noise left in; signed.
        f: test statistic of the factor on these very examples.
        df: degrees of freedom above and below the line; infinite below where f is against the
            noise of the examples alone.
        p: chance of a larger f were the factor without effect on these very examples.
        p_true: the same were it without effect on examples like these.
    """

    levels: int
    observed: float
    true: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    icc: float
    f: float = math.nan
    df: tuple[float, float] = (math.nan, math.nan)
    p: float = math.nan
    p_true: float = math.nan


def components(totals: Totals, layout: Layout, key: Stream) -> list[Component]:
    """Return the component of each factor, then that of the rest where there is one.

    Levels are taken as drawn at random. In a layout of levels, the component of a factor is
    ``gamma(nothing) - gamma(factor)``, where gamma(S) is half the mean squared difference of two
    variants that share the levels of S and no others (Koch 1968): unbiased for any layout, and the
    analysis of variance's estimate where that is balanced. The noise of a finite probe is taken out
    of each exactly. In a star it is the variance of the group in which the factor varies alone.

    Ends of components are those of mean squares, chi-square with Satterthwaite's degrees of freedom,
    put together by MOVER (Zou and Donner 2008), as is the share from a component and its counterpart.

    Args:
        totals: contributions by cluster of two variants and two clusters or more.
        layout: from the same variants in the same order.
        key: stream of the permutations that test a star's groups on few examples.

    Returns:
        Empty where no two variants differ in all factors at once.
    """
    if layout.star:
        return _star(totals, layout, key)
    return _levels(totals, layout)


def _levels(totals: Totals, layout: Layout) -> list[Component]:
    anew = layout.anew
    if anew is None or any(held is None for held in layout.held):
        return []
    read = Read(totals)
    whole = read.form(anew)
    parts = [anew - held for held in layout.held if held is not None]
    found = [read.form(weights) for weights in parts]
    sums: Floats = np.sum(parts, axis=0)
    scale = _covariance(layout, [one.observed for one in found], whole.observed)
    estimates, held_ones, shrunk = [], [], []
    left = layout.apart_from(range(len(layout.codes)), read.means)
    rest = _plain(read, anew - sums, scale, left)
    below_line = tailed(freedom(anew - sums, scale), left)
    for at, (weights, one, between, held) in enumerate(
        zip(parts, found, layout.between, layout.held, strict=True)
    ):
        assert held is not None  # noqa: S101 - seen above
        df = tailed(freedom(between, scale), layout.level_means(at, read.means))
        luck = read.examples(weights, between, df)
        # What the level means vary by without the factor; with it, their mean square where the
        # layout is balanced, and what the estimate implies it to be where it is not.
        alone = scale - max(0.0, one.observed) * layout.same(at)
        chance = float(np.vdot(between, alone))
        above = one.observed + chance
        floor = chance + max(0.0, one.noise)
        estimates.append(
            component_ends(
                one.true,
                above,
                df,
                luck,
                one.observed,
                floor,
                chance=(chance, below_line),
                stretch=stretching(weights, between, scale, below_line),
            )
        )
        shrunk.append(_shrunk(chance, max(0.0, one.noise), below_line))
        held_ones.append(_plain(read, held, scale, layout.apart_from([at], read.means)))
    tests = _f_tests(read.means, layout)
    out = []
    for at, (mine, others) in enumerate(zip(estimates, held_ones, strict=True)):
        levels = int(layout.codes[at].max()) + 1
        f, df_f, p = tests[at]
        by, below = shrunk[at]
        p_true = p if by == 1 else _tail(f * by, df_f[0], below)
        out.append(_component(levels, mine, others, whole.observed, f, df_f, p, p_true))
    explained = added(estimates)
    last = _component(layout.k, rest, explained, whole.observed)
    return [*out, last]


def _star(totals: Totals, layout: Layout, key: Stream) -> list[Component]:
    estimates, tests = [], []
    for at, group in enumerate(layout.groups):
        k = len(group)
        own = totals.only(group)
        weights = np.eye(k) / (k - 1) - 1 / (k * (k - 1))
        read = Read(own)
        estimates.append(_plain(read, weights, np.eye(k), read.means))
        any_spread = overdispersion(own, key.child(at))
        tests.append(
            (math.nan, (math.nan, math.nan), math.nan, math.nan)
            if any_spread is None
            else (any_spread.phi, (k - 1.0, math.inf), any_spread.p, any_spread.p)
        )
    whole = sum(one.observed for one in estimates)
    return [
        _component(
            len(layout.groups[at]),
            mine,
            added([other for o, other in enumerate(estimates) if o != at]),
            whole,
            *tests[at],
        )
        for at, mine in enumerate(estimates)
    ]


def _covariance(layout: Layout, parts: list[float], whole: float) -> Floats:
    """Return the covariance of the variants' observed means that the estimates stand for."""
    alone = max(0.0, whole - sum(max(0.0, part) for part in parts))
    scale: Floats = np.eye(layout.k) * max(alone, 1e-6 * abs(whole))
    for factor, part in enumerate(parts):
        scale = scale + max(0.0, part) * layout.same(factor)
    return scale


def _plain(read: Read, weights: Floats, scale: Floats, effects: Floats) -> Estimate:
    """Return a form that is itself like a mean square of `effects`, with its ends."""
    form, df = read.form(weights), tailed(freedom(weights, scale), effects)
    luck = read.examples(weights, weights, df)
    return component_ends(form.true, form.observed, df, luck, form.observed, max(0.0, form.noise))


def _component(
    levels: int,
    mine: Estimate,
    others: Estimate,
    whole: float,
    f: float = math.nan,
    df: tuple[float, float] = (math.nan, math.nan),
    p: float = math.nan,
    p_true: float = math.nan,
) -> Component:
    low, high = quotient(mine, others)
    total = mine.value + others.value
    share = mine.value / total if total > 0 else math.nan
    return Component(
        levels=levels,
        observed=mine.observed,
        true=mine.value,
        low=mine.low,
        high=mine.high,
        share=min(max(share, 0.0), 1.0) if not math.isnan(share) else share,
        share_low=low / (1 + low),
        share_high=high / (1 + high) if math.isfinite(high) else 1.0,
        icc=mine.observed / whole if whole > 0 else math.nan,
        f=f,
        df=df,
        p=p,
        p_true=p_true,
    )


def _shrunk(chance: float, noise: float, df: float) -> tuple[float, float]:
    """Return what f is to be multiplied by, and its degrees of freedom below the line then.

    Variants that share a level also share luck with these examples, which f takes for an effect. Put
    below the line, it gives the quasi F ratio of Clark (1973), whose degrees of freedom are
    Satterthwaite's; the noise, known from all examples, adds none.

    Args:
        chance: what level means vary by through the rest.
        noise: what the examples add to the component.
        df: degrees of freedom of `chance`.
    """
    if noise <= 0 or chance <= 0:
        return 1.0, df
    return chance / (chance + noise), df * ((chance + noise) / chance) ** 2


def _tail(f: float, above: float, below: float) -> float:
    from scipy.special import fdtrc

    return math.nan if math.isnan(f) else float(fdtrc(above, below, f))


def _f_tests(means: Floats, layout: Layout) -> list[tuple[float, tuple[float, float], float]]:
    """Return f, its degrees of freedom and p of each factor, given the others (type III)."""
    full, without = layout.spans
    explained = float(np.square(full.T @ means).sum())
    left = max(0.0, float(means @ means) - explained)
    below = layout.k - full.shape[1]
    found = []
    for basis in without:
        above = full.shape[1] - basis.shape[1]
        square = explained - float(np.square(basis.T @ means).sum())
        # What is left of equal numbers is a rounding.
        if above == 0 or below == 0 or left <= 1e-12 * float(means @ means):
            found.append((math.nan, (float(above), float(below)), math.nan))
            continue
        f = max(0.0, square) / above / (left / below)
        found.append((f, (float(above), float(below)), _tail(f, above, below)))
    return found
