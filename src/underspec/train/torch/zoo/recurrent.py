"""Recurrent networks over records: steps of measurements, with NaN where nothing was measured."""

from collections.abc import Callable, Mapping

import torch
from torch import nn

from underspec.core.errors import UsageError, one_of
from underspec.train.torch.zoo.cells import SRU, UGRNN

__all__ = ["recurrent"]


class _Whole(nn.Module):
    """One of PyTorch's own layers, without its last state."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.layer(x)[0]
        return states


_CELLS: Mapping[str, Callable[[int, int], nn.Module]] = {
    "gru": lambda features, width: _Whole(nn.GRU(features, width, batch_first=True)),
    "lstm": lambda features, width: _Whole(nn.LSTM(features, width, batch_first=True)),
    "sru": SRU,
    "ugrnn": UGRNN,
}


def recurrent(
    shape: tuple[int, ...],
    classes: int,
    cell: str = "lstm",
    width: int = 64,
    layers: int = 1,
    dropout: float = 0.0,
) -> nn.Module:
    """Return recurrent layers and one dense layer on the state after the last step.

    Args:
        shape: (steps, columns) of a record.
        classes: number of logits.
        cell: ``lstm`` (Hochreiter and Schmidhuber 1997), ``gru`` (Cho et al. 2014), ``ugrnn``
            (Collins et al. 2017) or ``sru`` (Lei et al. 2018).
        width: of the state.
        layers: one upon another.
        dropout: share of each layer's output dropped.

    Raises:
        UsageError: there is no such cell.
    """
    if cell not in _CELLS:
        raise UsageError(one_of("cell", cell, _CELLS))
    stacked: list[nn.Module] = [_Filled()]
    wide = 2 * shape[1]
    for _ in range(layers):
        stacked.append(_CELLS[cell](wide, width))
        if dropout:
            stacked.append(nn.Dropout(dropout))
        wide = width
    return nn.Sequential(*stacked, _Last(), nn.Linear(width, classes))


class _Filled(nn.Module):
    """Carries the last value measured forward, 0 before there is one, and says what was measured.

    From [b, steps, columns] with NaN to [b, steps, 2 columns] without: values, then flags.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        measured = ~x.isnan()
        steps = torch.arange(x.shape[1], device=x.device)[:, None]
        last = torch.where(measured, steps, -1).cummax(dim=1).values
        values = x.where(measured, 0.0).gather(1, last.clamp(min=0))
        return torch.cat([values.masked_fill(last < 0, 0.0), measured.to(x.dtype)], dim=2)


class _Last(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, -1]
