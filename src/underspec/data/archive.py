"""An .npz archive of arrays as examples."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data.arrays import of

__all__ = ["read_archive"]

_LABELS = ("labels", "targets")
_OPTIONAL = ("ids", "clusters", "classes", "weights")
_GROUP = "group_"


def read_archive(
    path: Path, classes: Sequence[str] | None, drop: Sequence[str] = (), counted: str = ""
) -> Data:
    """Return the examples of an archive; see `Files` for the names of its arrays.

    Raises:
        UsageError: an array is missing or unknown, or the file is damaged or holds Python objects.
    """
    if not zipfile.is_zipfile(path):
        # NumPy would take it for pickled objects.
        raise UsageError(f"'{path}' is no .npz archive, or is damaged or cut short.")
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name not in drop}
    except damaged as error:
        if "allow_pickle" in str(error):
            raise UsageError(
                f"'{path}' holds Python objects, which are never loaded. Save text as text: "
                f"np.asarray(column, dtype=str)."
            ) from None
        raise UsageError(f"'{path}' is no .npz archive, or is damaged: {error}") from None
    known = ("inputs", *_LABELS, *_OPTIONAL, *(name for name in arrays if name.startswith(_GROUP)))
    for name in arrays:
        if name not in known:
            raise UsageError(one_of(f"array to read from '{path}'", name, (*known, "group_<name>")))
    lacks = [] if "inputs" in arrays else ["inputs"]
    lacks += [] if any(name in arrays for name in _LABELS) else ["labels"]
    if lacks:
        raise UsageError(f"'{path}' lacks the array '{lacks[0]}'; it has {', '.join(arrays)}.")
    named = arrays.get("classes")
    return of(
        arrays["inputs"],
        arrays.get("labels"),
        arrays.get("ids"),
        arrays.get("clusters"),
        {name.removeprefix(_GROUP): arrays[name] for name in arrays if name.startswith(_GROUP)},
        classes if classes is not None or named is None else [str(name) for name in named],
        arrays.get("weights"),
        arrays.get("targets"),
        counted,
    )
