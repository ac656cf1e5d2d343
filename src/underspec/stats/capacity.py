"""Rashomon capacity: how many bits the choice of a variant can put into one example's scores."""

import math

import numpy as np

from underspec.core.records import Booleans, Floats, Scores

__all__ = ["TOLERANCE", "capacity"]

TOLERANCE = 1e-3
"""Bits by which a capacity may at most be too small."""

_ROUNDS = 500
_LARGEST_STEP = 64.0


def capacity(scores: Scores) -> Floats:
    """Return the capacity of the channel from variants to classes, in bits, [examples].

    Hsu and Calmon (NeurIPS 2022): the largest mutual information between a variant drawn by any
    distribution and the class drawn by its scores; from 0, where all variants give the same scores,
    to the log2 of the number of classes (or of variants). Two classes have a closed form, since only
    the two extreme variants count. More are solved by Blahut and Arimoto's iteration for all examples
    at once, with longer steps where these help; it ends where its own upper bound is within
    `TOLERANCE`.

    Args:
        scores: probabilities [variants, examples, classes].
    """
    channel = np.ascontiguousarray(scores.transpose(1, 0, 2), dtype=np.float64)
    channel = np.maximum(channel, 0.0)
    channel /= channel.sum(axis=2, keepdims=True)
    bits = _two(channel[:, :, 1]) if channel.shape[2] == 2 else _many(channel)
    return np.clip(bits, 0.0, math.log2(min(channel.shape[1:])))


def _entropy(p: Floats) -> Floats:
    """Return ``-p log2 p``, 0 where p is 0."""
    safe = np.where(p > 0, p, 1.0)
    return -safe * np.log2(safe)


def _two(p: Floats) -> Floats:
    """Return the capacity where the score of one class is p [examples, variants]."""
    a, b = p.min(axis=1), p.max(axis=1)
    apart = np.where(b > a, b - a, 1.0)
    at_a, at_b = _entropy(a) + _entropy(1 - a), _entropy(b) + _entropy(1 - b)
    first = (a * at_b - b * at_a) / apart
    second = ((1 - b) * at_a - (1 - a) * at_b) / apart
    bits: Floats = np.where(b > a, np.logaddexp2(first, second), 0.0)
    return bits


def _many(channel: Floats) -> Floats:
    n, k, _ = channel.shape
    bits = np.zeros(n)
    left = np.arange(n)
    minus = -_entropy(channel).sum(axis=2) * math.log(2)
    now = np.full((n, k), 1.0 / k)
    # Where a longer step made things worse, the step from `before` is taken again at length 1.
    before, far_before = now, np.zeros((n, k))
    best, length = np.full(n, -np.inf), np.ones(n)
    for _ in range(_ROUNDS):
        mixed = np.matmul(now[:, None, :], channel)[:, 0]
        logs = np.log(np.maximum(mixed, 1e-300))
        far = minus - np.matmul(channel, logs[:, :, None])[:, :, 0]
        found = np.einsum("nk,nk->n", now, far)
        worse = found < best
        length = np.where(worse, 1.0, np.minimum(2 * length, _LARGEST_STEP))
        now = np.where(worse[:, None], before, now)
        far = np.where(worse[:, None], far_before, far)
        best = np.where(worse, best, found)
        bits[left] = best
        top = far.max(axis=1)
        open_: Booleans = top - best > TOLERANCE * math.log(2)
        if not open_.any():
            break
        if open_.mean() < 0.8:
            left, channel, minus, now = left[open_], channel[open_], minus[open_], now[open_]
            far, top, best, length = far[open_], top[open_], best[open_], length[open_]
        before, far_before = now, far
        now = now * np.exp(length[:, None] * (far - top[:, None]))
        now /= now.sum(axis=1, keepdims=True)
    return bits / math.log(2)
