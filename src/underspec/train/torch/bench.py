"""Examples as tensors on the device, laid out once a block and representation."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.train.sources import classes_of
from underspec.train.torch.representation import Moments, Representation, Scaling, array_of
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["Bench", "laid_out"]

_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Bench:
    """A set of examples to train on.

    Attributes:
        array: as the data set holds it, channels last.
        labels: int64 [n], on the device.
        device: where the training runs.
        classes: number of class codes.
        sequential: whether the examples are records.
    """

    array: NDArray[np.generic]
    labels: torch.Tensor
    device: torch.device
    classes: int
    sequential: bool
    _laid: dict[tuple[str, int], tuple[torch.Tensor, Moments]] = field(default_factory=dict)

    def laid(self, representation: Representation) -> tuple[torch.Tensor, Moments]:
        """Return the examples resized, and their moments."""
        key = (representation.kernel, representation.size)
        if key not in self._laid:
            if representation.kernel and self.array.ndim != 4:
                raise UsageError(
                    f"The representation resizes to {representation.size} pixels, but the examples "
                    f"are no images. Give images, or leave the resizing out."
                )
            # A copy: arrays that may not be written to are no tensors.
            whole = torch.from_numpy(self.array.copy())
            examples = whole
            if representation.kernel:
                cuts = range(0, len(whole), _CHUNK)
                examples = torch.cat([representation.resized(whole[a : a + _CHUNK]) for a in cuts])
            self._laid[key] = (examples.to(self.device), Moments(examples, self.sequential))
        return self._laid[key]

    def scaling(self, representation: Representation, rows: NDArray[np.intp]) -> Scaling:
        """Return the scaling over the rows that a variant is trained on."""
        _, moments = self.laid(representation)
        return moments.scaling(representation.scale, rows, self.array.dtype == np.uint8)

    def shape(self, representation: Representation) -> tuple[int, ...]:
        """Return the shape of one example as a model gets it, channels first."""
        shape = tuple(self.laid(representation)[0].shape[1:])
        return (shape[2], *shape[:2]) if len(shape) == 3 else shape


def laid_out(trainer: TorchTrainer, data: Data, device: torch.device) -> Bench:
    """Return the examples of a data set as a trainer takes them.

    Raises:
        UsageError: they do not suit the trainer.
    """
    classes = classes_of(data)
    array = array_of(data.inputs, trainer.sequential)
    if trainer.augment and array.ndim != 4:
        raise UsageError(
            f"augment is for images, but the examples have shape {list(array.shape[1:])}. "
            f"Leave it empty."
        )
    labels = torch.from_numpy(data.labels.astype(np.int64)).to(device)
    return Bench(array, labels, device, classes, trainer.sequential)
