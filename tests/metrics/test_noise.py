"""How much of the spread of a metric that is no mean is noise: unbiased in synthetic worlds.

The slow form prints the tables of docs/statistics.md:
``.venv/bin/pytest tests/metrics/test_noise.py -m slow -s``.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from tests.metrics.made_worlds import Cell, K, binary, cells
from underspec import metrics
from underspec.core.records import Predictions
from underspec.core.streams import stream
from underspec.metrics.measured import Undefined, measured
from underspec.stats.truth import from_halves, quadratic

BIG = 100_000


def predictions(said, labels):
    """Return them as the package's record."""
    answers = said if said.ndim == 2 else said.argmax(axis=2).astype(np.int32)
    scores = said if said.ndim == 3 else None
    return Predictions(tuple(f"v{v:02d}" for v in range(K)), labels, answers, None, scores)


@dataclass(frozen=True)
class Found:
    """Estimates of the true variance and observed variances, [samples]; the truth."""

    estimates: np.ndarray
    observed: np.ndarray
    truth: float

    @property
    def noise(self):
        """The true noise variance."""
        return self.observed.mean() - self.truth

    @property
    def bias(self):
        """In per cent of the noise variance."""
        return 100 * (self.estimates.mean() - self.truth) / self.noise

    @property
    def error(self):
        """The bias's Monte Carlo standard error."""
        return 100 * self.estimates.std() / len(self.estimates) ** 0.5 / self.noise


def simulated(cell, samples, how="measured"):
    """Draw samples; `how` is what stands for the true variance."""
    rng = stream(7, "tests", "noise", cell.title).generator()
    metric = cell.ready(rng)
    estimates, observed = [], []
    for _ in range(samples):
        said, labels = cell.sample(rng)
        clusters = np.array([f"c{c}" for c in rng.integers(2**60, size=len(labels))])
        if how == "halves":  # where an exact form would be taken
            metric = Unexact(cell.metric)
        found = measured(metric, predictions(said, labels), clusters)
        estimates.append(found.truth.variance)
        observed.append(metric.value(said, labels).var(ddof=1))
    return Found(np.array(estimates), np.array(observed), true_variance(cell, metric, rng))


def true_variance(cell, metric, rng):
    """Return the variance over variants in huge samples, 0 where they are equal."""
    if not cell.spread:
        return 0.0
    values = [metric.value(*cell.sample(rng, BIG)) for _ in range(2)]
    return float(np.cov(*values)[0, 1])


class Unexact:
    """A metric without its exact form."""

    def __init__(self, metric):
        self.metric = metric
        self.needs, self.range = metric.needs, metric.range
        self.greater_is_better, self.proportion = metric.greater_is_better, metric.proportion
        self.value, self.pulls = metric.value, metric.pulls


def told(cell, found):
    """Print a row."""
    share = found.truth / found.observed.mean()
    print(
        f"| {cell.title} | {share:.2f} | {found.bias:+.1f} ± {found.error:.1f} "
        f"| {found.estimates.std() / found.noise:.2f} |"
    )


@pytest.mark.parametrize("cell", cells(0.0), ids=lambda cell: cell.title)
def test_equal_variants_have_no_true_spread(cell):
    """Near-identical variants, equal in truth: what is called true averages 0, against the noise."""
    found = simulated(cell, 25)
    told(cell, found)

    assert found.bias == pytest.approx(0, abs=4 * found.error + 5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", cells(0.0), ids=lambda cell: cell.title)
def test_equal_variants_have_no_true_spread_at_length(cell):
    """The same with an error of two or three per cent of the noise."""
    found = simulated(cell, 200)
    told(cell, found)

    assert found.bias == pytest.approx(0, abs=3 * found.error + 5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", cells(0.06), ids=lambda cell: cell.title)
def test_true_spread_is_found_in_full(cell):
    """Variants that do differ: the mean estimate is the variance in huge samples.

    All but the calibration error, which is another figure on few examples: there chance looks
    like miscalibration, alike for all variants.
    """
    found = simulated(cell, 200)
    told(cell, found)
    if cell.title.startswith("calibration"):
        assert found.bias < 3 * found.error
        return

    assert found.bias == pytest.approx(0, abs=3 * found.error + 12)


@pytest.mark.slow
def test_large_spread_of_average_precision_is_a_little_understated():
    """On halves there are half as many positives, and variants part less: by some per cent."""
    cell = Cell("average_precision, 10 %, wide", metrics.get("average_precision"), binary, 0.15)
    found = simulated(cell, 300)
    told(cell, found)

    assert -0.2 < found.estimates.mean() / found.truth - 1 < 0.02


def test_the_exact_form_of_auc_agrees_with_halves():
    """Two ways to the same figure, the exact one with the smaller error."""
    cell = Cell("auc, exact and halves", metrics.get("auc"), binary, 0.0)
    exact, halves = (simulated(cell, 25, how) for how in ("measured", "halves"))
    apart = (exact.estimates - halves.estimates) / exact.noise

    np.testing.assert_array_equal(exact.observed, halves.observed)
    assert apart.mean() == pytest.approx(0, abs=4 * apart.std() / 5)


def test_rows_of_one_cluster_are_never_on_both_sides():
    """Five rows an image, no true spread: halves by image see none, the exact form for rows a lot."""
    rng = stream(7, "tests", "noise", "clusters").generator()
    metric, by_image, by_row = metrics.get("auc"), [], []
    for _ in range(25):
        scores, labels = binary(rng, 120, np.full(K, 1.5))
        said, labels = (np.repeat(part, 5, axis) for part, axis in ((scores, 1), (labels, 0)))
        names = np.array([f"c{c}" for c in np.repeat(rng.integers(2**60, size=120), 5)])
        observed = metric.value(said, labels).var(ddof=1)
        found = measured(metric, predictions(said, labels), names)
        by_image.append(found.truth.variance / observed if found.truth else np.nan)
        by_row.append(from_rows(metric, said, labels) / observed)

    assert np.nanmean(by_image) == pytest.approx(0, abs=0.3)
    assert np.mean(by_row) > 0.6


def from_rows(metric, said, labels):
    """Return what the exact form says when rows are taken for independent."""
    gram = metric.gram(said, labels)
    return (np.trace(gram) - gram.sum() / K) / (K - 1)


@pytest.mark.parametrize("name", ["auc", "average_precision", "f1", "r2", "concordance"])
def test_a_stratum_that_does_not_define_it_has_no_figure(name):
    """One class or one target only: nothing is measured, nothing raised, no warning."""
    labels = np.zeros(50, np.int32)
    said = np.full((K, 50, 2 if name in ("auc", "average_precision") else 1), 0.5, np.float32)
    if name == "f1":
        said = np.zeros((K, 50), np.int32)
    clusters = np.array([f"c{i}" for i in range(50)])

    found = measured(metrics.get(name), predictions(said, labels), clusters)

    assert found == Undefined("they lack a class or anything to tell apart")


def test_halvings_that_lack_a_class_do_not_count():
    """Two positives: only halvings that part them are left, and there are some."""
    rng = stream(7, "tests", "noise", "two").generator()
    scores, _ = binary(rng, 60, np.full(K, 1.5))
    labels = np.zeros(60, np.int32)
    labels[:2] = 1
    clusters = np.array([f"c{i // 2 if i > 3 else i}" for i in range(60)])
    found = measured(metrics.get("auc"), predictions(scores, labels), clusters)

    sound = np.isfinite(found.truth.halves).all(axis=(0, 2))
    assert 0 < sound.sum() < len(sound)
    expected = quadratic(from_halves(found.truth.halves[:, sound]))
    assert found.truth.variance == pytest.approx(expected)
