"""Models to start from: name to factory, with the parameters that each takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["ZOO", "Entry", "Takes"]

Takes: TypeAlias = Literal["any", "images", "sequences"]


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes:
        target: ``module:function`` of the factory.
        parameters: what it takes beside the shape and the number of classes.
        takes: ``images``; ``sequences`` (records [steps, columns] with NaN where nothing was
            measured); or ``any`` (rows, and images as one long row).
        stacks: whether several of it can train as one stack.
        choices: parameters that are one of a few words.
    """

    target: str
    parameters: tuple[str, ...]
    takes: Takes
    stacks: bool = True
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_HERE = "underspec.train.torch.zoo"

ZOO: Mapping[str, Entry] = {
    "mlp": Entry(f"{_HERE}.mlp:mlp", ("hidden", "dropout"), "any"),
    "recurrent": Entry(
        f"{_HERE}.recurrent:recurrent",
        ("cell", "width", "layers", "dropout"),
        "sequences",
        stacks=False,
        choices={"cell": ("gru", "lstm", "sru", "ugrnn")},
    ),
    "resnet50": Entry(f"{_HERE}.resnet50:resnet50", ("dropout",), "images"),
    "small_cnn": Entry(f"{_HERE}.small_cnn:small_cnn", ("width", "pool", "dropout"), "images"),
    "small_resnet": Entry(
        f"{_HERE}.small_resnet:small_resnet", ("width", "blocks", "dropout"), "images"
    ),
}
