"""How much of each decision hangs on which near-equal variant is asked."""

from itertools import pairwise

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.findings import Arbitrariness
from underspec.core.records import Answers

__all__ = ["arbitrariness"]


def arbitrariness(probe: str, answers: Answers) -> Arbitrariness:
    """Return how far kept variants disagree, example by example.

    Ambiguity and discrepancy are those of Marx, Calmon and Ustun (2020) with the majority answer as
    the baseline (the lowest code among equals); self-consistency is that of Cooper et al. (2024).
    They are over these examples and these variants: no interval.

    Args:
        probe: name of the probe.
        answers: class codes [kept variants, examples].

    Returns:
        The measures; all None but `k` under two variants or without examples.

    Raises:
        UsageError: the answers are not two-dimensional.
    """
    if answers.ndim != 2:
        raise UsageError(
            f"Answers on the probe '{probe}' have {answers.ndim} dimensions: give [variants, examples]."
        )
    k, n = answers.shape
    if k < 2 or n == 0:
        return Arbitrariness(probe, None, None, None, None, k)
    ordered = np.sort(answers, axis=0)
    majority, most = ordered[0].copy(), np.ones(n, dtype=np.int64)
    run, agreeing = np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for before, here in pairwise(ordered):
        run = np.where(here == before, run + 1, 1)
        agreeing += run - 1
        longer = run > most
        majority[longer], most[longer] = here[longer], run[longer]
    consistency = float(agreeing.mean()) / (k * (k - 1) / 2)
    return Arbitrariness(
        probe=probe,
        disagreement=1 - consistency,
        ambiguity=float((most < k).mean()),
        discrepancy=float((answers != majority).mean(axis=1).max()),
        self_consistency=consistency,
        k=k,
    )
