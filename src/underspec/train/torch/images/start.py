"""What the training of a variant starts from."""

from torch import nn

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.train.torch.build import built
from underspec.train.torch.images.trainer import ImagesTrainer
from underspec.train.torch.start import read_weights, started

__all__ = ["begun"]


def begun(
    settings: ImagesTrainer, shape: tuple[int, ...], classes: int, variant: Variant
) -> nn.Module:
    """Return the model of a variant before its first step, on the CPU.

    Args:
        settings: the trainer with the variant's values put in.
        shape: (channels, height, width) of one example.
        classes: number of logits.
        variant: whose `init` and `head` draw what is not given.

    Raises:
        UsageError: the weights do not fit the model, or the model has no last layer to make anew.
    """
    module = built(settings.model, settings.model_parameters, shape, classes, variant)
    tensors = None if settings.weights is None else read_weights(settings.weights)
    said = f"the weights in '{settings.weights}'"
    left = started(module, variant, classes, settings.head, tensors, said)
    if left is not None:
        # Part of a body drawn at random would be found out days later.
        raise UsageError(f"{left} Name the model that they were saved from, with its parameters.")
    return module
