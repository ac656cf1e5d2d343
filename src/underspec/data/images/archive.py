"""Archives into a folder of their own, where no entry can lead out of it."""

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from underspec.core.errors import UsageError

__all__ = ["unpack"]

_ENCRYPTED = 1
_AT_A_TIME = 1 << 20


def unpack(archive: str | Path, folder: str | Path) -> Path:
    """Unpack a tar (compressed or not) or zip archive.

    All names are checked before anything is written, and so are the checksums of a compressed tar;
    those of a zip are checked as it is written. Whatever goes wrong, nothing is left behind.

    Args:
        archive: the file, as published.
        folder: a new or empty folder.

    Returns:
        The folder.

    Raises:
        UsageError: the file is no such archive, is damaged or encrypted, an entry would lie outside the
            folder, links out of it or is a device, or the folder is not empty.
    """
    source, target = Path(archive), Path(folder)
    if not source.is_file():
        raise UsageError(f"There is no archive '{archive}'.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"'{folder}' is not an empty folder: name a new one to unpack into.")
    new = _first_new(target)
    try:
        _unpack(source, target)
    except BaseException as error:
        _clear(target, new)
        if not isinstance(error, _DAMAGED):
            raise
        why = str(error).rstrip(".") or type(error).__name__
        raise UsageError(f"'{archive}' cannot be unpacked: {why}.") from None
    return target


# Beside their own errors the modules let through those of the decompressors, and RuntimeError for
# passwords and for methods that they lack.
_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def _unpack(source: Path, target: Path) -> None:
    if zipfile.is_zipfile(source):
        _unzip(source, target)
    elif tarfile.is_tarfile(source):
        _untar(source, target)
    else:
        raise UsageError(f"'{source}' is no tar or zip archive, or is damaged.")


def _unzip(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as held:
        entries = held.infolist()
        _check((entry.filename for entry in entries), source)
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise UsageError(
                f"'{source}' is encrypted: unpack it with its password yourself. Nothing was written."
            )
        for entry in entries:
            held.extract(entry, target)


def _first_new(target: Path) -> Path | None:
    """Return the outermost folder that is yet to be made, None where `target` is there."""
    new = None
    for place in (target, *target.parents):
        if place.exists():
            break
        new = place
    return new


def _clear(target: Path, new: Path | None) -> None:
    if new is not None:
        shutil.rmtree(new, ignore_errors=True)
        return
    for entry in target.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


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
        _read_out(held)
        held.extractall(target, filter="data")


def _read_out(held: tarfile.TarFile) -> None:
    # The checksum of a compressed stream stands at its end, behind all that a tar needs to be read.
    assert held.fileobj is not None  # noqa: S101 -- for the type checker
    while held.fileobj.read(_AT_A_TIME):
        pass


def _check(names: Iterable[str], source: Path) -> None:
    for name in names:
        # Absolute on any system, or up and out; whichever separator was used.
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts:
            raise UsageError(
                f"'{source}' holds an entry outside its root, '{name}'. Nothing was written; do not "
                f"trust this archive."
            )
