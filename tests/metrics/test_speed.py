"""Time that a metric of 50 variants on 10,000 examples takes; prints CPU seconds of one core.

``.venv/bin/pytest tests/metrics/test_speed.py -m slow -s``.
"""

import time

import numpy as np
import pytest

from underspec import metrics
from underspec.core.records import Predictions
from underspec.core.streams import stream
from underspec.metrics.measured import measured

K, N = 50, 10_000
CLUSTERS = np.array([f"c{i}" for i in range(N)])


def probe(classes):
    """Return predictions of so many classes, of numbers for one."""
    draw = stream(0, "tests", "speed", classes).generator()
    variants = tuple(f"v{v}" for v in range(K))
    if classes == 1:
        targets = draw.standard_normal(N)
        said = (targets + draw.standard_normal((K, N))).astype(np.float32)[:, :, None]
        return Predictions(variants, targets, np.zeros((K, N), np.int32), None, said)
    common = draw.dirichlet(np.ones(classes), N)
    said = 0.9 * common + 0.1 * draw.dirichlet(np.ones(classes), (K, N))
    labels = (draw.random((N, 1)) > common.cumsum(axis=1)).sum(axis=1).astype(np.int32)
    labels = np.minimum(labels, classes - 1)
    return Predictions(
        variants, labels, said.argmax(axis=2).astype(np.int32), None, said.astype(np.float32)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "classes", "limit"),
    [
        ("auc", 2, 1.5),
        ("average_precision", 2, 10),
        ("calibration_error", 2, 10),
        ("f1", 2, 10),
        ("balanced_accuracy", 2, 10),
        ("sensitivity", 2, 10),
        ("quadratic_kappa", 5, 10),
        ("r2", 1, 10),
        ("concordance", 1, 20),
        ("auc", 5, 20),
    ],
)
def test_it_takes_seconds(name, classes, limit):
    """Contributions and truth, of one probe."""
    predictions = probe(classes)
    metric = metrics.get(name)
    if name == "sensitivity":
        metric = metric.fitted(predictions.scores, predictions.labels)
    began = time.process_time()
    found = measured(metric, predictions, CLUSTERS)
    spent = time.process_time() - began
    print(f"| {name}, {classes} classes | {spent:.2f} |")

    assert found.truth is not None
    assert spent < limit
