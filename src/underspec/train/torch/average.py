"""The mean of several models' weights."""

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from underspec.core.errors import UsageError
from underspec.train.torch.fitted import Learned, TorchFitted
from underspec.train.torch.representation import Scaling

__all__ = ["averaged"]


def averaged(fitted: Sequence[TorchFitted], variants: Sequence[str]) -> TorchFitted:
    """Return one model, the mean of the variants' weights, buffers such as batch norm's included.

    The scaling of inputs, which hangs on the rows that a variant is trained on, is averaged likewise.
    Variants are added up by id, in float64, so that their order moves no bit.

    Args:
        fitted: blocks that hold all of the variants.
        variants: ids.

    Raises:
        UsageError: the models are not of one shape, or see their inputs differently.
    """
    every = {model.variant: model for block in fitted for model in block.learned}
    members = [every[name] for name in sorted(variants)]
    first = members[0]
    for other in members[1:]:
        _alike(first, other)
    states = [member.module.state_dict() for member in members]
    mean = {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    module = copy.deepcopy(first.module)
    module.load_state_dict(mean)
    scaling = Scaling(
        np.mean([m.scaling.mean.astype(np.float64) for m in members], axis=0).astype(np.float32),
        np.mean([m.scaling.inverse.astype(np.float64) for m in members], axis=0).astype(np.float32),
    )
    learned = Learned("mean", module.eval(), first.parameters, first.representation, scaling)
    return replace(fitted[0], variants=("mean",), failed={}, seconds={}, learned=(learned,))


def _alike(one: Learned, two: Learned) -> None:
    shapes = [{name: value.shape for name, value in m.module.state_dict().items()} for m in (one, two)]  # fmt: skip
    if (
        shapes[0] != shapes[1]
        or dict(one.parameters) != dict(two.parameters)
        or one.representation != two.representation
    ):
        raise UsageError(
            f"The weights of '{one.variant}' and '{two.variant}' cannot be averaged: their models differ in "
            "more than weights. Leave the choice rule weight_average out."
        )
