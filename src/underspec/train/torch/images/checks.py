"""What the settings of the trainer may be."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from underspec.core.errors import UsageError, one_of
from underspec.train.torch.zoo import ZOO

__all__ = [
    "AUGMENTATIONS",
    "check_augment",
    "check_model",
    "count",
    "number",
    "optional_path",
    "parameters_of",
]

AUGMENTATIONS = ("resized_crop", "flip")


def check_augment(given: Any) -> tuple[str, ...]:
    """Return names of augmentations.

    Raises:
        UsageError: one of them is not known.
    """
    names = (given,) if isinstance(given, str) else tuple(given)
    for name in names:
        if name not in AUGMENTATIONS:
            raise UsageError(one_of("augmentation", name, AUGMENTATIONS))
    return names


def check_model(model: str | Callable[..., Any], parameters: Mapping[str, Any]) -> None:
    """Refuse a model of ours that does not exist, or a parameter that it does not take.

    Raises:
        UsageError: says which are known.
    """
    if not isinstance(model, str) or ":" in model:
        return
    if model not in ZOO:
        raise UsageError(
            one_of("model", model, ZOO)
            + " Your own is written 'file.py:factory' or 'package.module:factory'."
        )
    for name in parameters:
        if name not in ZOO[model].parameters:
            raise UsageError(
                one_of(f"parameter of the model '{model}'", name, ZOO[model].parameters)
            )


def parameters_of(
    model: str | Callable[..., Any], parameters: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the parameters of a model that may be sources of values."""
    entry = ZOO.get(model) if isinstance(model, str) else None
    return tuple(entry.parameters) if entry else tuple(parameters)


def count(name: str, value: Any) -> None:
    """Refuse what is no whole number from 1.

    Raises:
        UsageError: says what was got.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} must be a whole number from 1. Got {value!r}.")


def number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    below: float | None = None,
    up_to: float | None = None,
) -> None:
    """Refuse what is no number in a range; from 0 where `above` is None.

    Raises:
        UsageError: says the range and what was got.
    """
    plain = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    fits = (
        plain
        and (value >= 0 if above is None else value > above)
        and (below is None or value < below)
        and (up_to is None or value <= up_to)
    )
    if fits:
        return
    low = "from 0" if above is None else f"above {above:g}"
    high = f" and below {below:g}" if below is not None else ""
    high += f" and up to {up_to:g}" if up_to is not None else ""
    raise UsageError(f"{name} must be a number {low}{high}. Got {value!r}.")


def optional_path(name: str, value: Any) -> None:
    """Refuse what is neither None nor a path written as text.

    Raises:
        UsageError: says what was got.
    """
    if value is not None and (not isinstance(value, str) or not value):
        raise UsageError(f"{name} is a path, written as text. Got {value!r}.")
