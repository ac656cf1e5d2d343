"""Class folders and the images in them, in a stated order, and what should be there."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError

__all__ = [
    "EXTENSIONS",
    "Listing",
    "class_folders",
    "folder",
    "images_in",
    "inside",
    "labelled",
    "same_classes",
    "some",
]

EXTENSIONS = (".jpeg", ".jpg", ".png", ".webp", ".bmp", ".ppm", ".tif", ".tiff")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
# Left behind by file managers; like hidden files, they are no part of a data set.
_DROPPINGS = ("thumbs.db", "desktop.ini")
_SHOWN = 5


class Listing(NamedTuple):
    """Images of class folders, class after class, within a class by file name.

    Attributes:
        paths: of the files.
        codes: place of each one's folder among the folders asked for, int32 [images].
        names: ``folder/file`` of each.
    """

    paths: tuple[str, ...]
    codes: NDArray[np.int32]
    names: tuple[str, ...]


def folder(path: str | Path, what: str) -> Path:
    """Return the absolute path of a folder that is there; a leading ``~`` is the home folder.

    Args:
        path: where it should be.
        what: what should be in it, such as ``"ImageNet-V2"``.

    Raises:
        UsageError: there is none, it is an archive, or `path` is no path.
    """
    if not isinstance(path, str | Path):
        raise UsageError(f"The folder of {what} is a path, written as text; got {path!r}.")
    # Absolute, as images are read long after, when a process may be elsewhere.
    place = Path(path).expanduser().absolute()
    if place.is_dir():
        return place
    if place.is_file() and place.name.lower().endswith(_ARCHIVES):
        raise UsageError(
            f"{what} is read from a folder, but '{path}' is an archive. Unpack it first, for example "
            f"with underspec.data.images.archive.unpack('{path}', 'folder')."
        )
    raise UsageError(f"There is no folder '{path}' to read {what} from.")


def class_folders(root: Path) -> tuple[str, ...]:
    """Return the names of the folders in `root`, sorted; files and hidden folders do not count.

    Raises:
        UsageError: one of them is a link that leads out of `root`.
    """
    return tuple(sorted(e.name for e in _entries(root, root) if e.is_dir()))


def images_in(place: Path, root: Path | None = None) -> tuple[str, ...]:
    """Return the paths of the images in a folder, sorted by name; hidden files do not count.

    Raises:
        UsageError: there are none; or something else lies there too, which would be left out; or
            one of them is a link that leads out of `root` (out of the folder, where None).
    """
    images: list[str] = []
    others: list[str] = []
    for entry in _entries(place, root or place):
        known = entry.name.lower().endswith(EXTENSIONS) and entry.is_file()
        (images if known else others).append(entry.name)
    if others:
        raise UsageError(
            f"'{place}' should hold images only ({', '.join(EXTENSIONS)}), but also holds "
            f"{some(sorted(others))}. Move what is no image away."
        )
    if not images:
        raise UsageError(f"'{place}' holds no images ({', '.join(EXTENSIONS)}).")
    return tuple(os.path.join(place, name) for name in sorted(images))  # noqa: PTH118 -- fast


def same_classes(
    root: Path,
    found: Sequence[str],
    expected: Sequence[str],
    what: str,
    others: bool = False,
    archive: bool = False,
) -> None:
    """Check that the class folders are the expected ones, in whatever order.

    Args:
        root: holds them.
        found: names of those that are there.
        expected: names of those that should be.
        what: the layout, for messages.
        others: whether there may be more.
        archive: whether they come out of a published archive.

    Raises:
        UsageError: says how many are missing and how many should not be there, and names some.
    """
    there, wanted = set(found), set(expected)
    missing = [name for name in expected if name not in there]
    extra = [] if others else [name for name in found if name not in wanted]
    faults = [f"lacks {some(missing)} of {len(expected)} class folders"] if missing else []
    if extra:
        faults.append(f"has {len(extra)} too many: {some(extra)}")
    if not faults:
        return
    do = f"Point at the folder that holds these class folders{'' if others else ' and no others'}."
    # Where most are there, the folder is the right one, and not whole.
    if archive and not extra and len(missing) < len(expected):
        do = "Unpack its archive there again."
    raise UsageError(f"'{root}' is not laid out as {what}: it {' and '.join(faults)}. {do}")


def labelled(root: Path, folders: Sequence[str], what: str, others: bool = False) -> Listing:
    """Return all images of class folders.

    Args:
        root: holds the class folders.
        folders: their names in the order of the class codes.
        what: the layout, for messages.
        others: whether there may be more folders, which are left out.

    Raises:
        UsageError: a class folder is missing, is not among `folders`, or holds no images or
            something else; or a link leads out of `root`.
    """
    same_classes(root, class_folders(root), folders, what, others)
    found = [images_in(root / name, root) for name in folders]
    codes = np.repeat(np.arange(len(folders), dtype=np.int32), [len(paths) for paths in found])
    names = [
        f"{name}/{os.path.basename(path)}"  # noqa: PTH119 -- fast
        for name, paths in zip(folders, found, strict=True)
        for path in paths
    ]
    return Listing(tuple(path for paths in found for path in paths), codes, tuple(names))


def _entries(place: Path, root: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(place) as entries:
            seen = [
                entry
                for entry in entries
                if not entry.name.startswith(".") and entry.name.lower() not in _DROPPINGS
            ]
    except OSError as error:
        raise UsageError(f"The folder '{place}' cannot be read: {error.strerror}.") from None
    for entry in seen:
        if entry.is_symlink():
            inside(Path(entry.path), root)
    return seen


def inside(path: Path, root: Path) -> Path:
    """Return a path if it lies in `root`, links followed.

    Raises:
        UsageError: it leads out.
    """
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"'{path}' leads out of '{root}', which is not followed: put the file itself there."
        )
    return path


def some(names: Sequence[str]) -> str:
    """Return the names for a message, the first few of them and how many there are."""
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    if len(names) <= _SHOWN:
        return shown
    return f"{len(names)} ({shown} and {len(names) - _SHOWN} more)"
