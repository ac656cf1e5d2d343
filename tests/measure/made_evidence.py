"""Synthetic evidence for the tests of `measure`."""

import dataclasses
import math

import numpy as np

from underspec.measure import Evidence, Scale, judge

ACCURACY = Scale()
LOSS = Scale(greater_is_better=False, proportion=False, range=(0.0, math.inf))


def evidence(name, contributions, *, clusters=None, kind=None, variants=None, prefix="i"):
    contributions = np.asarray(contributions, dtype=float)
    k, n = contributions.shape
    return Evidence(
        name=name,
        title=name.title(),
        kind=kind or ("holdout" if name == "holdout" else "shifted"),
        family=name,
        severity=None,
        variants=variants or tuple(f"v{v:03d}" for v in range(k)),
        contributions=contributions,
        clusters=np.array([f"{prefix}{i:05d}" for i in range(n)] if clusters is None else clusters),
    )


def answers(seed, accuracies, n, *, difficulty=1.0):
    """Right and wrong answers of variants with about these accuracies, [variants, n]."""
    rng = np.random.default_rng(seed)
    skill = np.sqrt(1 + difficulty**2) * _probit(np.asarray(accuracies, dtype=float))
    luck = rng.normal(size=(len(skill), n)) + difficulty * rng.normal(size=n)
    return (luck > -skill[:, None]).astype(float)


def spread_out(seed, k, n, mean, spread):
    """Answers of k variants with normal accuracies."""
    own = np.random.default_rng((seed, 1)).normal(size=k)
    return answers(seed, np.clip(mean + spread * own, 0.01, 0.99), n)


def judged(holdout, probes, *, kept=None, metric=ACCURACY, epsilon=0.01, max_drop=0.05, **more):
    """Judge with everything kept, unless said."""
    return judge(
        holdout,
        probes,
        kept=holdout.variants if kept is None else kept,
        metric_name=more.pop("metric_name", "accuracy"),
        metric=metric,
        epsilon=epsilon,
        max_drop=max_drop,
        **more,
    )


def numbers(record, path=""):
    """Flatten a record into {path: leaf}."""
    if dataclasses.is_dataclass(record):
        out = {}
        for field in dataclasses.fields(record):
            out |= numbers(getattr(record, field.name), f"{path}.{field.name}".lstrip("."))
        return out
    return {path: record}


def same(a, b, *, but=(), rel=1e-6, tiny=1e-9):
    """Say where two records differ, beyond rounding and outside the fields named."""
    left, right = (
        {
            key: value
            for key, value in numbers(record).items()
            if key not in but and key.split(".")[0] not in but
        }
        for record in (a, b)
    )
    assert left.keys() == right.keys()
    return [
        (key, left[key], right[key]) for key in left if not _close(left[key], right[key], rel, tiny)
    ]


def _close(a, b, rel, tiny):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=rel, abs_tol=tiny)
    return a == b


def _probit(p):
    from scipy.special import ndtri

    return ndtri(p)
