"""Small models to start from: name to factory, with the parameters that each takes."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ZOO", "Entry"]


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes:
        target: ``module:function`` of the factory.
        parameters: what it takes beside the shape and the number of classes.
    """

    target: str
    parameters: tuple[str, ...]


ZOO: Mapping[str, Entry] = {
    "mlp": Entry("underspec.train.torch.zoo.mlp:mlp", ("hidden", "dropout")),
    "small_cnn": Entry(
        "underspec.train.torch.zoo.small_cnn:small_cnn", ("width", "pool", "dropout")
    ),
    "small_resnet": Entry(
        "underspec.train.torch.zoo.small_resnet:small_resnet", ("width", "blocks", "dropout")
    ),
}
