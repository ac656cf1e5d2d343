"""The corruptions of the published sets, and which of them are asked for."""

from typing import Any

from underspec.core.errors import UsageError, one_of
from underspec.stress.images.parameters import several

__all__ = ["TEST", "VALIDATION", "named", "titled"]

TEST = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
"""The 15 that are the test, in the order of the paper."""

VALIDATION = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
"""The 4 that are for tuning, and no part of a corruption error."""


def named(only: Any, validation: bool, what: str) -> tuple[str, ...] | None:
    """Return the corruptions that `only` names, None where it leaves them open.

    Args:
        only: names, or one, or None.
        validation: whether the 4 for tuning are asked for beside the 15.
        what: the set, for messages.

    Raises:
        UsageError: one is unknown or comes twice, or both `only` and `validation` say which.
    """
    if only is None:
        return None
    names = several(only)
    for name in names:
        if name not in TEST + VALIDATION:
            raise UsageError(one_of(f"corruption of {what}", name, TEST + VALIDATION, limit=19))
    if not 0 < len(set(names)) == len(names):
        raise UsageError(f"'only' names corruptions of {what}, each once; got {list(names)}.")
    if validation:
        raise UsageError(
            f"'only' says already which corruptions of {what} are wanted: leave 'validation' out and name "
            f"them there ({', '.join(VALIDATION)})."
        )
    return names


def titled(corruption: str, severity: int) -> str:
    """Return how reports write a probe, which says so of the corruptions that are for tuning."""
    aside = " (validation)" if corruption in VALIDATION else ""
    return f"{corruption.replace('_', ' ')}{aside}, severity {severity}"
