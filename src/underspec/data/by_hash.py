"""Who is in the training part: a fixed split that hangs on nothing but a name."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Booleans
from underspec.core.streams import stream

__all__ = ["Part", "check", "chosen"]

Part: TypeAlias = Literal["all", "train", "holdout"]
_PARTS = ("all", "train", "holdout")


def check(part: str, share: float) -> None:
    """Refuse a part or a share that there is not.

    Raises:
        UsageError: one of them is none of those known.
    """
    if part not in _PARTS:
        raise UsageError(one_of("part", part, _PARTS))
    if not 0 < share < 1:
        raise UsageError(f"share, that of the holdout, lies between 0 and 1; got {share}.")


def chosen(names: NDArray[np.str_], key: str, part: Part, share: float) -> Booleans:
    """Say which names are in a part; about `share` of all are in ``holdout``.

    Args:
        names: of what is never torn apart, such as the patient, text [examples].
        key: of the data set, so that two sets with like names are split apart from each other.
        part: ``all``, ``train`` or ``holdout``.
        share: of the holdout; with a larger one, who was held out stays so.
    """
    if part == "all":
        return np.ones(len(names), np.bool_)
    draws = stream(0, "data", key, "part")
    every, back = np.unique(names, return_inverse=True)
    held = np.asarray([draws.example(name).random() < share for name in every.tolist()], np.bool_)
    mine: Booleans = held[back] == (part == "holdout")
    return mine
