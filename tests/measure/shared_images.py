"""Synthetic answers on probes made of the same images."""

import numpy as np
from scipy.special import ndtri

from tests.measure.made_evidence import evidence


def shared_answers(seed, accuracies, n, *, same=0.5, difficulty=1.2):
    """Right and wrong answers, [probes, variants, n], of variants with these true accuracies.

    Args:
        seed: of the images.
        accuracies: [probes, variants].
        n: images.
        same: correlation between probes of an image's difficulty, and of a variant's luck with it.
        difficulty: how far images differ, in units of a variant's own luck with one.
    """
    rng = np.random.default_rng(seed)
    accuracies = np.asarray(accuracies, dtype=float)
    k = accuracies.shape[1]
    common = difficulty * rng.normal(size=n) + rng.normal(size=(k, n))
    skill = np.sqrt(1 + difficulty**2) * ndtri(accuracies)
    out = []
    for one in skill:
        own = difficulty * rng.normal(size=n) + rng.normal(size=(k, n))
        out.append((np.sqrt(same) * common + np.sqrt(1 - same) * own > -one[:, None]).astype(float))
    return np.stack(out)


def shared_evidence(seed, accuracies, n, **more):
    """The same as evidence: the holdout, then p1, p2, and so on."""
    made = shared_answers(seed, accuracies, n, **more)
    return [evidence("holdout" if at == 0 else f"p{at}", one) for at, one in enumerate(made)]
