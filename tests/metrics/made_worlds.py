"""Synthetic worlds for metrics that are no means: near-identical variants, of equal or unequal skill."""

from dataclasses import dataclass

import numpy as np

from underspec import metrics

K, N = 20, 600
SAME = 0.95


def binary(rng, n, skill, share=0.1):
    """Return scores and labels: separation `skill`, luck with an example mostly shared by variants."""
    labels = (rng.random(n) < share).astype(np.int32)
    luck = rng.standard_normal((len(skill), n))
    latent = SAME**0.5 * rng.standard_normal(n) + (1 - SAME) ** 0.5 * luck
    positive = 1 / (1 + np.exp(3.2 - 1.5 * (skill[:, None] * labels + latent)))
    return np.stack([1 - positive, positive], axis=2).astype(np.float32), labels


def rare(rng, n, skill):
    """Return the same with 5 % positives."""
    return binary(rng, n, skill, 0.05)


def grades(rng, n, skill):
    """Return one-hot answers of five ordered classes, and labels."""
    true = rng.standard_normal(n) * 1.1 + 1.7
    labels = np.clip(np.rint(true), 0, 4).astype(np.int32)
    luck = rng.standard_normal((len(skill), n))
    error = SAME**0.5 * rng.standard_normal(n) + (1 - SAME) ** 0.5 * luck
    answers = np.clip(np.rint(true + error * (2.1 - skill[:, None])), 0, 4).astype(np.int32)
    return np.eye(5, dtype=np.float32)[answers], labels


def numbers(rng, n, skill):
    """Return predictions and targets."""
    targets = rng.standard_normal(n)
    luck = rng.standard_normal((len(skill), n))
    error = SAME**0.5 * rng.standard_normal(n) + (1 - SAME) ** 0.5 * luck
    return (targets + error * (2.3 - skill[:, None])).astype(np.float32)[:, :, None], targets


@dataclass(frozen=True)
class Cell:
    """A metric in a world of binary scores, grades or numbers."""

    title: str
    metric: object
    world: object
    spread: float

    def sample(self, rng, n=N):
        """Return what a sample's variants said and the labels."""
        said, labels = self.world(rng, n, 1.5 + self.spread * np.linspace(-1, 1, K))
        if self.metric.needs == "answer":
            answers = said[:, :, 1] > 0.3 if said.shape[2] == 2 else said.argmax(axis=2)
            return answers.astype(np.int32), labels
        return said, labels

    def ready(self, rng):
        """Return the metric, fixed on a sample if it must be."""
        if hasattr(self.metric, "fitted"):
            return self.metric.fitted(*self.sample(rng, 20_000))
        return self.metric


def cells(spread):
    """Return every metric that is no mean, at about half the reliability 1 where `spread` is .06."""
    get = metrics.get
    return [
        Cell("auc, 10 %", get("auc"), binary, spread),
        Cell("auc, 5 %", get("auc"), rare, spread),
        Cell("average_precision, 10 %", get("average_precision"), binary, spread),
        Cell("average_precision, 5 %", get("average_precision"), rare, spread),
        Cell("f1, 10 %", get("f1"), binary, spread),
        Cell("f1, 5 %", get("f1"), rare, spread),
        Cell("sensitivity, 10 %", get("sensitivity"), binary, spread),
        Cell("calibration_error, 10 %", get("calibration_error"), binary, spread),
        Cell("f1 macro", get("f1", average="macro"), grades, 0.5 * spread),
        Cell("balanced_accuracy", get("balanced_accuracy"), grades, 0.6 * spread),
        Cell("quadratic_kappa", get("quadratic_kappa"), grades, 0.35 * spread),
        Cell("r2", get("r2"), numbers, 0.25 * spread),
        Cell("concordance", get("concordance"), numbers, 0.3 * spread),
    ]
