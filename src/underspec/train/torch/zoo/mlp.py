"""Dense layers for tables, or for images taken as one long row."""

import math
from collections.abc import Sequence

from torch import nn

__all__ = ["mlp"]


def mlp(
    shape: tuple[int, ...], classes: int, hidden: Sequence[int] = (256,), dropout: float = 0.0
) -> nn.Module:
    """Return dense layers with ReLU between them.

    Args:
        shape: of one example; flattened.
        classes: number of logits.
        hidden: width of each hidden layer.
        dropout: share of units dropped after each hidden layer.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    wide = math.prod(shape)
    for out in hidden:
        layers += [nn.Linear(wide, out), nn.ReLU(inplace=True)]
        if dropout:
            layers.append(nn.Dropout(dropout))
        wide = out
    return nn.Sequential(*layers, nn.Linear(wide, classes))
