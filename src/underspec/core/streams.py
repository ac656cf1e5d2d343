"""Named streams of randomness: the same names give the same numbers, in any process and order."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Stream", "deciding", "stream"]

_LOW = (1 << 64) - 1


def _digest(parts: Iterable[object], bits: int) -> int:
    # Length-prefixed, so that ("a", "bc") and ("ab", "c") are different streams.
    texts = [f"{type(part).__name__}:{part}".encode() for part in parts]
    said = b"".join([len(text).to_bytes(8, "little") + text for text in texts])
    return int.from_bytes(hashlib.blake2b(said, digest_size=bits // 8).digest(), "little")


@dataclass(frozen=True)
class Stream:
    """A point in the tree of randomness, named by the path that leads to it.

    Attributes:
        path: root seed first, then names, such as ``(20, "vary", "init", 7)``.
    """

    path: tuple[int | str, ...]

    def __reduce__(self) -> tuple[type["Stream"], tuple[tuple[int | str, ...]]]:
        return Stream, (self.path,)

    def child(self, *names: int | str) -> "Stream":
        """Return the stream below this one; adding a child changes no other stream."""
        return Stream((*self.path, *names))

    def seed(self, bits: int = 63) -> int:
        """Return a non-negative seed of at most `bits` bits for a library that wants one."""
        return _digest(self.path, 128) & ((1 << bits) - 1)

    def generator(self) -> np.random.Generator:
        """Return a new generator (Philox keyed by the path) at the start of this stream."""
        return np.random.Generator(np.random.Philox(key=_digest(self.path, 128)))

    def example(self, identity: str | int) -> np.random.Generator:
        """Return this stream's generator, reset to the sub-stream of one example.

        The generator is one object, reused: setting its counter takes a microsecond or two where a
        new generator takes some fifteen. Draw what the example needs before asking for the next;
        do not share a `Stream` between threads.
        """
        generator, state = self._reused
        counter = _digest((identity,), 128)
        # The lower half of the 256-bit counter is left free to count draws.
        state["state"]["counter"][:] = (0, 0, counter & _LOW, counter >> 64)
        generator.bit_generator.state = state
        return generator

    @cached_property
    def _reused(self) -> tuple[np.random.Generator, Any]:
        # The state is one that nothing was drawn from: no half of a word is left over.
        generator = self.generator()
        return generator, generator.bit_generator.state


def stream(seed: int, *names: int | str) -> Stream:
    """Return the stream of a root seed and a path of names."""
    return Stream((int(seed), *names))


def deciding(root_seed: int, clusters: Iterable[object]) -> NDArray[np.bool_]:
    """Say which clusters belong to the half that decides; the others are reported.

    A cluster's half depends on nothing but the root seed and the cluster's id, so it is the same in
    every probe, the holdout included.

    Returns:
        Booleans of shape [examples], True for the deciding half.
    """
    halves: dict[str, bool] = {}
    out = []
    for cluster in clusters:
        key = str(cluster)
        if key not in halves:
            halves[key] = bool(_digest((root_seed, "half", key), 64) & 1)
        out.append(halves[key])
    return np.asarray(out, dtype=np.bool_)
