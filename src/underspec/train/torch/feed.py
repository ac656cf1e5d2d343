"""Batches for one or more variants at once, out of tensors that stay where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from underspec.core.records import Variant
from underspec.train.sources import source_stream
from underspec.train.torch.augment import AUGMENTATIONS
from underspec.train.torch.representation import Scaling

__all__ = ["Feed", "Share", "scaled"]


@dataclass(frozen=True, eq=False)
class Share:
    """What one variant takes from a feed: its rows of the training data and its scaling."""

    variant: Variant
    rows: NDArray[np.intp]
    scaling: Scaling


class Feed:
    """The training data, cut into batches.

    Args:
        examples: uint8 or float32 [n, height, width, channels], [n, features] or [n, steps, columns].
        labels: int64 [n], on the same device.
        shares: the variants that train together, with equally many rows.
        augment: names of `AUGMENTATIONS`, applied in this order.
        batch: rows a step.
    """

    def __init__(
        self,
        examples: torch.Tensor,
        labels: torch.Tensor,
        shares: Sequence[Share],
        augment: Sequence[str],
        batch: int,
    ) -> None:
        self._examples, self._labels = examples, labels
        self._shares, self._augment = tuple(shares), tuple(augment)
        n = len(self._shares[0].rows)
        stops = [*range(batch, n, batch), n]
        # One row alone has no batch statistics: it is left out, unless it is all there is.
        self._cuts = [
            (a, b) for a, b in zip([0, *stops], stops, strict=False) if b - a > 1 or n == 1
        ]
        tall = (len(self._shares), 1, *[1] * (examples.ndim - 2), examples.shape[-1])
        self._mean = self._stack([s.scaling.mean for s in self._shares]).reshape(tall)
        self._inverse = self._stack([s.scaling.inverse for s in self._shares]).reshape(tall)
        self._first = torch.arange(len(self._shares), device=examples.device)[:, None] * len(
            examples
        )

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return len(self._cuts)

    def epoch(self, epoch: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield inputs [variants, b, channels, height, width] or [variants, b, ...], labels.

        What is drawn hangs on the variant's streams and the epoch only.
        """
        order = [
            share.rows[
                source_stream(share.variant, "order")
                .child(epoch)
                .generator()
                .permutation(len(share.rows))
            ]
            for share in self._shares
        ]
        rows = self._stack(order)
        draws = [(AUGMENTATIONS[name].apply, self._draws(name, epoch)) for name in self._augment]
        for start, stop in self._cuts:
            index = rows[:, start:stop]
            images = self._examples.index_select(0, index.reshape(-1))
            for apply, drawn in draws:
                images = apply(images, drawn.index_select(0, (index + self._first).reshape(-1)))
            stacked = images.reshape(*index.shape, *images.shape[1:])
            inputs = scaled(stacked, self._mean, self._inverse, images=images.ndim == 4)
            yield inputs, self._labels[index]

    def _draws(self, name: str, epoch: int) -> torch.Tensor:
        n, height, width = self._examples.shape[:3]
        draw = AUGMENTATIONS[name].draw
        drawn = [
            draw(
                source_stream(share.variant, "augment").child(name, epoch).generator(),
                n,
                height,
                width,
            )
            for share in self._shares
        ]
        return self._stack(drawn).flatten(0, 1)

    def _stack(self, arrays: Sequence[NDArray[np.generic]]) -> torch.Tensor:
        return torch.from_numpy(np.stack(arrays)).to(self._examples.device)


def scaled(
    examples: torch.Tensor, mean: torch.Tensor, inverse: torch.Tensor, *, images: bool
) -> torch.Tensor:
    """Return float32 examples, scaled; of images, channels before height and width.

    The pixels of one position stay together in memory (channels last), as convolutions like it
    best.

    Args:
        examples: [..., height, width, channels], [..., features] or [..., steps, columns].
        mean: subtracted; of a shape that broadcasts.
        inverse: multiplied with.
        images: which of the two the examples are.
    """
    floats = examples.to(torch.float32, copy=True).sub_(mean).mul_(inverse)
    return floats.movedim(-1, -3) if images else floats
