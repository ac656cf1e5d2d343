"""Joint moments of two probes by themselves."""

import numpy as np

from underspec.stats.relation import Joint
from underspec.stats.split import covariance, split
from underspec.stats.totals import Totals

__all__ = ["paired"]


def paired(p: Totals, q: Totals) -> Joint:
    """Return what `joint` gives of two probes, quickly where both hold the same clusters."""
    one, two, both = split(p), split(q), covariance(p, q)
    return Joint(
        means=np.stack([p.means, q.means]),
        observed=np.array([[one.observed, both.observed], [both.observed, two.observed]]),
        true=np.array([[one.true, both.true], [both.true, two.true]]),
    )
