"""Random words for many examples at once, where a generator reset for each would take too long."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream

__all__ = ["words"]

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def words(stream: Stream, ids: Iterable[str], count: int) -> NDArray[np.uint64]:
    """Return independent random words for each example.

    SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) from a seed that hangs on the stream and the
    example's id alone. Whole numbers only, so that the words are the same on any machine. They are
    not those of ``stream.example(id)``.

    Args:
        stream: names the use; other uses take other streams.
        ids: of the examples.
        count: words an example.

    Returns:
        uint64 [examples, count], every bit of which is even odds.
    """
    base = hashlib.blake2b(stream.seed(64).to_bytes(8, "little"), digest_size=8)
    seeds = []
    for identity in ids:
        state = base.copy()
        state.update(identity.encode())
        seeds.append(state.digest())
    seed = np.frombuffer(b"".join(seeds), "<u8").astype(np.uint64)
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP)
    made: NDArray[np.uint64] = seed[:, None] + steps
    shifted = np.empty_like(made)
    for shift, factor in ((30, _FIRST), (27, _SECOND), (31, 1)):
        np.right_shift(made, np.uint64(shift), out=shifted)
        np.bitwise_xor(made, shifted, out=made)
        if factor != 1:
            np.multiply(made, np.uint64(factor), out=made)
    return made
