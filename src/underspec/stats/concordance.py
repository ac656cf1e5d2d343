"""How often the better of two on one test is the better on another."""

import numpy as np

from underspec.core.records import Floats

__all__ = ["concordance"]


def concordance(rho: Floats) -> Floats:
    """Return the chance that two normal variables of correlation `rho` rank two draws alike.

    ``1/2 + asin(rho) / pi`` (Sheppard 1899): one half where they have nothing to do with each
    other, 1 where they are one.
    """
    chance: Floats = 0.5 + np.arcsin(np.asarray(rho)) / np.pi
    return chance
