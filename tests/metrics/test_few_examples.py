"""Few positives, few clusters, samples where all is right, weights: where luck looks like behaviour."""

import math

import numpy as np
import pytest

from underspec import metrics
from underspec.core.records import Predictions
from underspec.core.streams import stream
from underspec.measure import Evidence, Scale, judge
from underspec.metrics.measured import Measured, Undefined, measured
from underspec.stats.mean import mean_ends
from underspec.stats.split import split
from underspec.stats.spread import fit_spread, spread_ends
from underspec.stats.totals import group, total

K = 20
NAMES = ["auc", "average_precision", "f1", "sensitivity", "balanced_accuracy"]


def said(positive, labels):
    scores = np.stack([1 - positive, positive], axis=2).astype(np.float32)
    return Predictions(
        tuple(f"v{v:02d}" for v in range(len(positive))),
        labels.astype(np.int32),
        (positive > 0.5).astype(np.int32),
        None,
        scores,
    )


def ready(name, predictions):
    metric = metrics.get(name)
    if name != "sensitivity":
        return metric
    return metric.fitted(predictions.scores, predictions.labels)


def equal_variants(rng, labels, clusters, kind=1.5):
    """Scores of variants that are equal in truth: luck with a cluster, and with each row."""
    names, codes = np.unique(clusters, return_inverse=True)
    shared = rng.normal(size=len(names))[codes]
    own = 0.7 * rng.normal(size=(K, len(names)))[:, codes]
    latent = kind * labels + shared + own + 0.2 * rng.normal(size=(K, len(labels)))
    return 1 / (1 + np.exp(1.0 - latent))


@pytest.mark.parametrize("name", ["auc", "average_precision", "f1", "sensitivity"])
@pytest.mark.parametrize("rows", ["one patient", "one example"])
def test_positives_of_one_cluster_give_no_figure(name, rows):
    """Luck with one patient cannot be told from behaviour, so nothing is made of it."""
    rng = stream(3, "test", "few", name).generator()
    labels = np.zeros(100)
    labels[: 5 if rows == "one patient" else 1] = 1
    clusters = np.array(
        [f"p{i // 5:02d}" if rows == "one patient" else f"p{i}" for i in range(100)]
    )
    predictions = said(equal_variants(rng, labels, clusters), labels)
    found = measured(ready(name, predictions), predictions, clusters)

    assert isinstance(found, Undefined)
    assert "too few clusters" in found.why


@pytest.mark.parametrize("name", NAMES)
def test_all_right_is_not_taken_for_sure(name):
    """Four positives, all found by all: mean and spread keep the room that four examples leave."""
    labels = np.array([1] * 4 + [0] * 36)
    positive = np.where(labels == 1, 0.9, 0.1) * np.ones((K, 1))
    positive = positive + 0.001 * np.arange(K)[:, None]
    predictions = said(positive, labels)
    clusters = np.array([f"p{i:02d}" for i in range(40)])
    found = measured(ready(name, predictions), predictions, clusters)
    assert isinstance(found, Measured)
    totals = total(found.contributions, group(clusters), found.truth)

    assert mean_ends(totals, (0.0, 1.0)).low < 0.8
    assert math.sqrt(spread_ends(fit_spread(totals, (0.0, 1.0))).high) > 0.05


def test_a_variant_without_a_figure_is_named():
    """Where the metric is not a number for some variants only, they are named."""
    labels = np.array([0, 1] * 20)
    answers = np.tile(labels, (K, 1)).astype(np.int32)
    answers[3] = -1
    predictions = Predictions(
        tuple(f"v{v:02d}" for v in range(K)), labels.astype(np.int32), answers
    )
    found = measured(
        metrics.get("quadratic_kappa"), predictions, np.array([f"p{i}" for i in range(40)])
    )

    assert found == Undefined("it is not a number for 1 of 20 variants, such as 'v03'")


def false_calls(name, positives, clusters, studies):
    """Return how many studies of equal variants call a probe, and how many could."""
    rng = stream(4, "test", "few", name, positives, clusters).generator()
    called = judged = 0
    for _ in range(studies):
        evidence = []
        for probe in ("holdout", "probe"):
            labels = np.zeros(240)
            labels[: positives * 240 // (clusters * 3)] = 1
            names = np.array([f"{probe}{i * clusters // 240:03d}" for i in range(240)])
            predictions = said(equal_variants(rng, labels, names), labels)
            found = measured(ready(name, predictions), predictions, names)
            if isinstance(found, Undefined):
                break
            evidence.append(
                Evidence(
                    name=probe,
                    title=probe,
                    kind="holdout" if probe == "holdout" else "shifted",
                    family=probe,
                    severity=None,
                    variants=predictions.variants,
                    contributions=found.contributions,
                    clusters=names,
                    truth=found.truth,
                )
            )
        if len(evidence) < 2:
            continue
        judged += 1
        one = judge(
            evidence[0],
            evidence[1:],
            kept=evidence[0].variants,
            metric_name=name,
            metric=Scale(),
            epsilon=0.005,
            max_drop=1.0,
        )[1]
        called += one.spread_verdict == "yes"
    return called, judged


@pytest.mark.parametrize(
    "studies", [pytest.param(12, id="fast"), pytest.param(80, id="long", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", NAMES)
def test_equal_variants_are_not_called_where_positives_are_few(name, studies):
    """Positives from a few of 20 patients: hardly a study calls spread where there is none."""
    total_called = total_judged = 0
    for positives in (6, 15):
        called, judged = false_calls(name, positives, 20, studies)
        total_called, total_judged = total_called + called, total_judged + judged

    assert total_judged >= studies
    assert total_called <= 0.05 * total_judged + 2 * math.sqrt(0.05 * total_judged)


@pytest.mark.parametrize(
    ("sigma", "studies"),
    [(1.5, 150), pytest.param(1.5, 1500, marks=pytest.mark.slow)],
)
def test_the_split_of_a_weighted_mean_is_unbiased(sigma, studies):
    """Weights as uneven as they come: true² of equal variants is 0 on average."""
    rng = stream(5, "test", "weights").generator()
    true, noise = [], []
    for _ in range(studies):
        labels = np.zeros(200)
        names = np.array([f"p{i:03d}" for i in range(200)])
        predictions = said(equal_variants(rng, labels, names), labels)
        weights = rng.lognormal(0, sigma, 200)
        found = measured(metrics.get("accuracy"), predictions, names, weights)
        own = split(total(found.contributions, group(names), None, None, found.weights))
        true.append(own.true)
        noise.append(own.noise)

    error = np.std(true) / math.sqrt(studies)
    assert abs(np.mean(true)) < 3 * error
    assert error < 0.1 * np.mean(noise)
