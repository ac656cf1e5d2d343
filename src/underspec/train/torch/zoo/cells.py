"""Recurrent layers that PyTorch lacks: one loop over steps, the batch at once.

Both take float [b, steps, features] and return the states of all steps, float32 [b, steps, width].
"""

import math

import torch
from torch import nn

__all__ = ["SRU", "UGRNN"]


class UGRNN(nn.Module):
    """The update gate network of Collins et al. 2017.

    ``g = sigmoid(W_g x + U_g h + b_g)``, ``c = tanh(W_c x + U_c h + b_c)``, ``h = g h + (1 - g) c``.
    The gate's bias starts at 1, so that the state is kept at first.

    Args:
        features: of one step.
        width: of the state.
    """

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.ahead = nn.Linear(features, 2 * width)
        self.back = nn.Linear(width, 2 * width, bias=False)
        bound = 1 / math.sqrt(width)
        for weights in self.parameters():
            nn.init.uniform_(weights, -bound, bound)
        with torch.no_grad():
            self.ahead.bias[:width] = 1.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the states, [b, steps, width]."""
        ahead = self.ahead(x).float()
        state = ahead.new_zeros(len(x), self.width)
        states = []
        for now in ahead.unbind(1):
            gate, new = (now + self.back(state)).chunk(2, dim=1)
            state = torch.lerp(new.tanh(), state, gate.sigmoid())
            states.append(state)
        return torch.stack(states, dim=1)


class SRU(nn.Module):
    """The simple recurrent unit of Lei et al. 2018, equations 1 to 4, with its highway.

    ``f = sigmoid(W_f x + v_f c + b_f)``, ``c' = f c + (1 - f) W x``,
    ``r = sigmoid(W_r x + v_r c + b_r)``, ``h = r c' + (1 - r) a x``, where ``a`` is the highway's
    scale, the root of 3 for biases that start at 0. Only element-wise work hangs on the step before.
    Where the input is not as wide as the state, the highway takes a linear map of it.

    Args:
        features: of one step.
        width: of the state.
    """

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.maps = nn.Linear(features, (3 if features == width else 4) * width, bias=False)
        self.peephole = nn.Parameter(torch.empty(2, width))
        self.bias = nn.Parameter(torch.zeros(2, width))
        nn.init.uniform_(self.maps.weight, -math.sqrt(3 / features), math.sqrt(3 / features))
        nn.init.uniform_(self.peephole, -math.sqrt(3 / width), math.sqrt(3 / width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs, [b, steps, width]."""
        new, forget, reset, *mapped = self.maps(x).float().split(self.width, dim=2)
        forget, reset = forget + self.bias[0], reset + self.bias[1]
        cell = new.new_zeros(len(x), self.width)
        before, after = [], []
        for one, gate in zip(new.unbind(1), forget.unbind(1), strict=True):
            before.append(cell)
            cell = torch.lerp(one, cell, torch.addcmul(gate, self.peephole[0], cell).sigmoid())
            after.append(cell)
        past, states = torch.stack(before, dim=1), torch.stack(after, dim=1)
        highway = (mapped[0] if mapped else x.float()) * math.sqrt(3)
        return torch.lerp(highway, states, (reset + self.peephole[1] * past).sigmoid())
