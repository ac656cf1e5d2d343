"""What the variants answer, counted example by example."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Answers, Booleans, Floats

__all__ = ["Votes", "count_votes", "parted", "parted_by_variant", "selected"]


@dataclass(frozen=True, eq=False)
class Votes:
    """Answers of k variants, counted.

    Attributes:
        k: variants.
        counts: votes for each answer that an example got, in the order of the class codes,
            [examples, answers]; what no variant said counts 0.
        own: variants that say what this one says, itself included, [variants, examples].
        majority: the answer of most, the lowest code among equals, [examples].
        most: votes for it, [examples].
        second: votes for the runner-up, 0 where there is none, [examples].
    """

    k: int
    counts: NDArray[np.intp]
    own: NDArray[np.intp]
    majority: NDArray[np.int32]
    most: NDArray[np.intp]
    second: NDArray[np.intp]

    def only(self, rows: NDArray[np.intp] | Booleans) -> "Votes":
        """Return the votes on the examples at `rows`."""
        return Votes(
            self.k,
            self.counts[rows],
            self.own[:, rows],
            self.majority[rows],
            self.most[rows],
            self.second[rows],
        )


def count_votes(answers: Answers) -> Votes:
    """Count answers [variants, examples] of one variant and one example or more.

    Memory and time do not grow with the number of classes, only with that of variants.
    """
    k, n = answers.shape
    at = np.arange(n)
    lowest = int(answers.min())
    width = int(answers.max()) - lowest + 1
    if width <= max(k, 16):
        place = answers.astype(np.intp) - lowest
        codes = np.broadcast_to(np.arange(lowest, lowest + width, dtype=np.int32), (n, width))
    else:
        place, codes = _ranked(answers)
        width = codes.shape[1]
    flat = place + width * at
    counts = np.bincount(flat.ravel(), minlength=n * width)
    own = counts[flat]
    counts = counts.reshape(n, width)
    first = counts.argmax(axis=1)
    rest = counts.copy()
    rest[at, first] = 0
    return Votes(k, counts, own, codes[at, first], counts[at, first], rest.max(axis=1))


def _ranked(answers: Answers) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return each answer's rank among those of its example, and the answer of each rank."""
    order = np.argsort(answers, axis=0, kind="stable")
    ordered = np.take_along_axis(answers, order, axis=0)
    rank = np.zeros(answers.shape, dtype=np.intp)
    np.cumsum(ordered[1:] != ordered[:-1], axis=0, out=rank[1:])
    place = np.empty_like(rank)
    np.put_along_axis(place, order, rank, axis=0)
    codes = np.zeros((answers.shape[1], int(rank.max()) + 1), dtype=np.int32)
    codes[np.arange(answers.shape[1]), rank] = ordered
    return place, codes


def parted(votes: Votes, size: int) -> Floats:
    """Return the chance that `size` of the k variants do not all agree, [examples].

    Hypergeometric: ``1 - sum_a C(n_a, size) / C(k, size)`` with n_a votes for answer a. Size 2 is
    disagreement, size k is 1 wherever some variant differs.
    """
    whole = math.comb(votes.k, size)
    agree = np.array([math.comb(c, size) / whole for c in range(votes.k + 1)])
    chance: Floats = 1.0 - agree[votes.counts].sum(axis=1)
    # What all say is 1 - 1; sums of shares may miss 0 by a rounding.
    return np.where(votes.most == votes.k, 0.0, np.clip(chance, 0.0, 1.0))


def parted_by_variant(votes: Votes, size: int) -> Floats:
    """Return what each variant adds to `parted`: jackknife pseudo-values [variants, examples].

    ``k U - (k - 1) U_(-v)``, U_(-v) the same without variant v; their mean over variants is `parted`.

    Args:
        votes: of more than `size` variants.
        size: of the groups of variants.
    """
    k, whole = votes.k, parted(votes, size)
    all_of, without = math.comb(k, size), math.comb(k - 1, size)
    # Leaving out one of c that agree takes away C(c - 1, size - 1) of the agreeing groups.
    lost = np.array([0.0, *(math.comb(c - 1, size - 1) / without for c in range(1, k + 1))])
    agreed = (1.0 - whole) * (all_of / without)
    pulls: Floats = k * whole - (k - 1) * (1.0 - agreed + lost[votes.own])
    pulls[:, votes.most == k] = 0.0
    return pulls


def selected(votes: Votes, alpha: float) -> Booleans:
    """Say where a selective ensemble answers: where first and runner-up cannot be equally likely.

    Two-sided binomial test of the two counts against one half at `alpha` (Black, Leino and
    Fredrikson, ICLR 2022). If the variants are independent draws of a training procedure, the chance
    of answering at an example with another answer than the procedure's most likely one is at most
    `alpha` (Hung and Fithian 2019).

    Returns:
        Booleans [examples].
    """
    from scipy.special import bdtr

    both = votes.most + votes.second
    p = 2.0 * bdtr(votes.second.astype(np.float64), both, 0.5)
    answers: Booleans = (p <= alpha) & (votes.most > votes.second)
    return answers
