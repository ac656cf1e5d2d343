"""Quadratic forms of variants' means, split exactly into a true part and the noise of the examples."""

from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.stats.totals import Totals, deviations

__all__ = ["Form", "Read"]

_ROUNDING = 1e-12


class Form(NamedTuple):
    """What a form is of variants' means whose true parts it is unbiased for.

    Attributes:
        observed: a'Wa of the variants' means a.
        noise: what the choice of examples adds to it.
        true: what is left, unbiased.
    """

    observed: float
    noise: float
    true: float


class Read:
    """A probe as the forms read it.

    Attributes:
        totals: contributions by cluster.
        means: variants' means less their mean, [variants].
    """

    def __init__(self, totals: Totals) -> None:
        self.totals = totals
        self.means = deviations(totals.means)
        self._free = totals.n**2 - float(np.square(totals.sizes).sum())
        self._gram: Floats = totals.apart @ totals.apart.T

    def form(self, weights: Floats) -> Form:
        """Return the form with symmetric `weights` [variants, variants] whose rows sum to 0.

        ``true = (n² a'Wa - sum_c T_c'WT_c) / (n² - sum_c m_c²)``: `stats.split` is the case in which
        a'Wa is the variance over variants. Where the metric is no mean, its `Truth` says what is
        true.
        """
        n = self.totals.n
        observed = float(self.means @ weights @ self.means)
        within = float(np.vdot(weights, self._gram))
        truth = self.totals.truth
        if truth is None:
            true = (n**2 * observed - within) / self._free
        else:
            true = float(np.vdot(weights, truth.gram))
        true = 0.0 if abs(true) <= _ROUNDING * abs(observed) else true
        return Form(observed, observed - true, true)

    def examples(self, weights: Floats, luck: Floats, df: float) -> float:
        """Return the sampling variance over clusters of a form's true part.

        The delete-one-cluster jackknife in closed form, as in `stats.spread`, less what the few
        levels behind it bring: what it counts a second time.

        Args:
            weights: of the form.
            luck: weights of the positive form whose luck over levels it inherits.
            df: degrees of freedom of that form.
        """
        totals = self.totals
        n, m = totals.n, totals.sizes
        if len(m) < 3:
            return 0.0
        form = self.form(weights).observed
        along, within = self._clusters(weights)
        pairs = (n - m) ** 2 - (np.square(m).sum() - m**2)
        without = (n**2 * form - 2 * n * along + within - (within.sum() - within)) / pairs
        count = len(m)
        jackknife = (count - 1) / count * float(np.square(without - without.mean()).sum())
        mine = self.form(luck).observed
        if luck is not weights:
            along, within = self._clusters(luck)
        twice = 4 / n**2 * float((mine * within + along**2).sum()) / df
        return max(0.0, jackknife - twice)

    def _clusters(self, weights: Floats) -> tuple[Floats, Floats]:
        moved = weights @ self.totals.apart
        return self.means @ moved, np.einsum("vc,vc->c", self.totals.apart, moved)
