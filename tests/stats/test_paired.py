"""Joint moments of two probes."""

import numpy as np
import pytest

from underspec.stats.paired import paired
from underspec.stats.relation import joint
from underspec.stats.totals import group, total


@pytest.mark.parametrize("other", ["aabbcde", "ddexxyz", "pqrstuv"], ids=["same", "some", "none"])
def test_the_same_as_joint(other):
    """Whatever clusters the two share, it is what the joint moments say."""
    rng = np.random.default_rng(1)
    p = total(rng.normal(size=(6, 7)), group(np.array(list("aabbcde"))))
    q = total(rng.normal(size=(6, 7)), group(np.array(list(other))))
    got, want = paired(p, q), joint([p, q])

    assert got.means == pytest.approx(want.means)
    assert got.observed == pytest.approx(want.observed)
    assert got.true == pytest.approx(want.true)
