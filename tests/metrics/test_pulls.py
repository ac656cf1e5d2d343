"""Pulls: what one example does to a metric of all, against leaving it out and against new samples."""

import numpy as np
import pytest

from tests.metrics.made_worlds import K, cells
from underspec.core.streams import stream

KNOWN = [cell for cell in cells(0.1) if "5 %" not in cell.title]
# A calibration error has kinks where a bin's mean changes its sign.
SMOOTH = [cell for cell in KNOWN if "calibration" not in cell.title]


@pytest.mark.parametrize("cell", SMOOTH, ids=lambda cell: cell.title)
def test_they_are_the_delete_one_jackknifes(cell):
    """Pseudo-values of leaving out one example differ from pulls by what vanishes with n."""
    rng = stream(7, "tests", "pulls", cell.title).generator()
    metric = cell.ready(rng)
    said, labels = cell.sample(rng, 400)
    pulls, value = metric.pulls(said, labels), metric.value(said, labels)
    left = np.array(
        [metric.value(np.delete(said, i, axis=1), np.delete(labels, i)) for i in range(400)]
    ).T
    pseudo = value[:, None] + 399 * (value[:, None] - left)

    for pull, other in zip(pulls, pseudo, strict=True):
        assert np.corrcoef(pull, other)[0, 1] > 0.99
        assert pull.std() == pytest.approx(other.std(), rel=0.06)


def ratio(cell, samples, n):
    """Return the standard error that pulls tell, and the scatter over new samples, averaged."""
    rng = stream(7, "tests", "pulls", "samples", cell.title).generator()
    metric = cell.ready(rng)
    values, told = [], []
    for _ in range(samples):
        said, labels = cell.sample(rng, n)
        values.append(metric.value(said, labels))
        told.append(metric.pulls(said, labels).var(axis=1) / n)
    return (np.mean(told) / np.var(values, axis=0, ddof=1).mean()) ** 0.5


@pytest.mark.parametrize("cell", KNOWN, ids=lambda cell: cell.title)
def test_their_scatter_is_the_error_of_the_metric(cell):
    """The standard error from one sample's pulls is the scatter over many samples."""
    found = ratio(cell, 100, 600)
    # All variants share most of their luck, so that this is one variance of 100 samples.
    wide = 2.2 if cell.title.startswith("calibration") else 1.3

    assert 0.75 < found < wide


@pytest.mark.slow
@pytest.mark.parametrize("cell", KNOWN, ids=lambda cell: cell.title)
def test_their_scatter_is_the_error_of_the_metric_at_length(cell):
    """The same, 1,000 samples, error 2.3 %; prints the ratio."""
    found = ratio(cell, 1000, 600)
    print(f"| {cell.title} | {found:.2f} |")
    wide = 2.2 if cell.title.startswith("calibration") else 1.1

    assert 0.88 < found < wide


def test_variants_are_apart():
    """A variant's pulls are its own: the same alone as among others."""
    cell = KNOWN[0]
    said, labels = cell.sample(stream(7, "tests", "pulls", "alone").generator())
    together = cell.metric.pulls(said, labels)
    alone = [cell.metric.pulls(said[v : v + 1], labels)[0] for v in range(K)]

    np.testing.assert_allclose(together, alone, atol=1e-12)
