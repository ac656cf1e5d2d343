"""Batches made ahead of the training by several threads, in the order of the training."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats, Variant
from underspec.train.sources import source_stream
from underspec.train.torch.images.views import Views

__all__ = ["Batch", "Batches"]


class Batch(NamedTuple):
    """One step's examples.

    Attributes:
        images: uint8 [b, height, width, channels].
        labels: int64 [b].
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


class _Coming(NamedTuple):
    batch: Batch
    parts: tuple["Future[None]", ...]


@dataclass(frozen=True, eq=False)
class Batches:
    """One variant's training data, cut into batches.

    Attributes:
        views: makes examples.
        labels: int64 [n], of all training data.
        rows: the variant's rows of it.
        variant: its streams `order` and `augment` are drawn from.
        size: rows a batch.
        decoders: threads.
        prefetch: batches made ahead.
    """

    views: Views
    labels: NDArray[np.int64]
    rows: NDArray[np.intp]
    variant: Variant
    size: int
    decoders: int
    prefetch: int

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return len(self._cuts())

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch from one on.

        Args:
            epoch: from 0.
            start: batches that are left out at the beginning.

        Raises:
            UsageError: an image cannot be decoded.
        """
        shuffle = source_stream(self.variant, "order").child(epoch).generator()
        order = self.rows[shuffle.permutation(len(self.rows))]
        stream = source_stream(self.variant, "augment").child("views", epoch)
        pool = ThreadPoolExecutor(self.decoders)
        coming: deque[_Coming] = deque()
        try:
            for first, last in self._cuts()[start:]:
                rows = order[first:last]
                # Drawn here, for a stream is not to be shared between threads.
                coming.append(self._ask(pool, rows, self.views.draws(rows, stream)))
                if len(coming) > self.prefetch:
                    yield _made(coming.popleft())
            while coming:
                yield _made(coming.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _cuts(self) -> list[tuple[int, int]]:
        n = len(self.rows)
        stops = [*range(self.size, n, self.size), n]
        # One row alone has no batch statistics: it is left out, unless it is all there is.
        return [(a, b) for a, b in zip([0, *stops], stops, strict=False) if b - a > 1 or n == 1]

    def _ask(self, pool: ThreadPoolExecutor, rows: NDArray[np.intp], drawn: Floats) -> _Coming:
        images = np.empty((len(rows), *self.views.pictures.shape), np.uint8)

        def fill(places: NDArray[np.intp]) -> None:
            for place in places:
                images[place] = self.views.view(int(rows[place]), drawn[place])

        shares = np.array_split(np.arange(len(rows)), min(self.decoders, len(rows)))
        parts = tuple(pool.submit(fill, share) for share in shares)
        return _Coming(Batch(images, self.labels[rows]), parts)


def _made(coming: _Coming) -> Batch:
    for part in coming.parts:
        part.result()
    return coming.batch
