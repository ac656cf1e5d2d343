"""Counting over many synthetic studies, and how far a count may stray by luck."""

import sys

import numpy as np
from scipy import stats

from underspec.core.streams import stream
from underspec.testing.worlds import audit

LEVEL = 0.01


def most(rate, trials):
    """Return the largest count that a true `rate` gives but for 1 in 100."""
    return int(stats.binom.ppf(1 - LEVEL, trials, rate))


def fewest(rate, trials):
    """Return the smallest count that a true `rate` gives but for 1 in 100."""
    return int(stats.binom.ppf(LEVEL, trials, rate))


def studies(world, count, *, selection, root=20):
    """Yield `count` audited studies of a world, always the same ones."""
    for number in range(count):
        key = stream(root, type(world).__name__, number)
        yield audit(world, key, selection=selection)


def inside(truth, interval):
    """Say whether an interval holds the truth; None is an end without bound."""
    low = 0.0 if interval.low is None else interval.low
    return low <= truth <= (np.inf if interval.high is None else interval.high)


def tell(line):
    """Print a measured figure, seen with ``-s``."""
    sys.stdout.write(f"\n    {line}")
