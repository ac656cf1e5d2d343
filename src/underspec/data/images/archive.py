"""Archives into a folder of their own, where no entry can lead out of it."""

import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from underspec.core.errors import UsageError

__all__ = ["unpack"]


def unpack(archive: str | Path, folder: str | Path) -> Path:
    """Unpack a tar (compressed or not) or zip archive.

    All names are checked before anything is written.

    Args:
        archive: the file, as published.
        folder: a new or empty folder.

    Returns:
        The folder.

    Raises:
        UsageError: the file is no such archive or is damaged, an entry would lie outside the
            folder, links out of it or is a device, or the folder is not empty.
    """
    source, target = Path(archive), Path(folder)
    if not source.is_file():
        raise UsageError(f"There is no archive '{archive}'.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"'{folder}' is not an empty folder: name a new one to unpack into.")
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as held:
                _check((entry.filename for entry in held.infolist()), source)
                for entry in held.infolist():
                    held.extract(entry, target)
        elif tarfile.is_tarfile(source):
            _untar(source, target)
        else:
            raise UsageError(f"'{archive}' is no tar or zip archive, or is damaged.")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise UsageError(f"'{archive}' cannot be unpacked: {error}.") from None
    return target


def _untar(source: Path, target: Path) -> None:
    data_filter = getattr(tarfile, "data_filter", None)
    if data_filter is None:
        raise UsageError(
            "This Python cannot check what is in a tar archive: use Python 3.11.4 or later."
        )
    with tarfile.open(source) as held:
        members = held.getmembers()
        _check((member.name for member in members), source)
        for member in members:
            try:
                data_filter(member, str(target))
            except tarfile.FilterError as error:
                raise UsageError(
                    f"'{source}' holds an entry that is not unpacked: {error}. Nothing was written."
                ) from None
        held.extractall(target, filter="data")


def _check(names: Iterable[str], source: Path) -> None:
    for name in names:
        # Absolute on any system, or up and out; whichever separator was used.
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts:
            raise UsageError(
                f"'{source}' holds an entry outside its root, '{name}'. Nothing was written; do not "
                f"trust this archive."
            )
