"""Files that are named after probe and variant: which there are."""

import glob
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from underspec.core.errors import UsageError, one_of
from underspec.data.predictions.arrays import SUFFIXES

__all__ = ["Found", "find", "is_pattern"]

Found: TypeAlias = Mapping[str, Mapping[str, Path]]
"""Probe to variant to file."""

_FIELD = re.compile(r"\{([^{}]*)\}")


def is_pattern(text: str) -> bool:
    """Say whether a path is a pattern with names in braces."""
    return bool(_FIELD.search(text))


def find(pattern: str, probes: Sequence[str] | None, aside: Sequence[Path] = ()) -> Found:
    """Return the files that fit a pattern such as ``preds/{probe}/{variant}.npy``.

    Args:
        pattern: a path in which ``{probe}`` and ``{variant}`` stand once each.
        probes: those that there may be, None where that is not known.
        aside: files that are no predictions, such as labels, even if they fit.

    Raises:
        UsageError: the pattern lacks a name, no file fits, or one fits in several ways.
    """
    fields = _FIELD.findall(pattern)
    if sorted(fields) != ["probe", "variant"]:
        raise UsageError(
            f"The pattern '{pattern}' must have {{probe}} and {{variant}} once each, such as "
            "'preds/{probe}/{variant}.npy'."
        )
    if Path(pattern).suffix not in SUFFIXES:
        raise UsageError(one_of("kind of prediction file", Path(pattern).suffix, SUFFIXES))
    fixed = _FIELD.split(pattern)[::2]
    # Path.glob takes no absolute pattern.
    paths = sorted(glob.glob("*".join(glob.escape(part) for part in fixed)))  # noqa: PTH207
    leave = {path.resolve() for path in aside}
    paths = [path for path in paths if Path(path).resolve() not in leave]
    if not paths:
        raise UsageError(f"No file fits the pattern '{pattern}'.")
    readings = [_reading(fields, fixed, probe) for probe in probes or (None,)]
    if probes is None:
        # Another way to read the same name, where there is one.
        readings.append(_reading(fields, fixed, None, greedy=True))
    found: dict[str, dict[str, Path]] = {}
    for path in paths:
        fits = {
            (match["probe"], match["variant"])
            for reading in readings
            if (match := reading.fullmatch(path))
        }
        if not fits:
            raise UsageError(
                f"'{path}' fits the pattern '{pattern}', but its probe has no labels. Probes with "
                f"labels: {', '.join((probes or ())[:12])}."
            )
        if len(fits) > 1:
            ways = " or ".join(f"probe '{p}', variant '{v}'" for p, v in sorted(fits))
            raise UsageError(
                f"'{path}' fits the pattern '{pattern}' in several ways: {ways}. Put probes into "
                "folders of their own, '{probe}/{variant}', or give labels by probe."
            )
        probe, variant = fits.pop()
        found.setdefault(probe, {})[variant] = Path(path)
    return found


def _reading(
    fields: Sequence[str], fixed: Sequence[str], probe: str | None, *, greedy: bool = False
) -> re.Pattern[str]:
    some = "[^/]+" if greedy else "[^/]+?"
    ways = {"probe": some if probe is None else re.escape(probe), "variant": some}
    parts = [re.escape(fixed[0])]
    for field, after in zip(fields, fixed[1:], strict=True):
        parts.append(f"(?P<{field}>{ways[field]}){re.escape(after)}")
    return re.compile("".join(parts))
