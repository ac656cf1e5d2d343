"""Where a published set lies, and the images of its class folders."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation
from underspec.data.images.tree import Listing, class_folders, folder, images_in, same_classes

__all__ = ["Found", "dated", "images_of", "located", "pictured"]


class Found(NamedTuple):
    """Images found, and what was left out.

    Attributes:
        listing: the images.
        left_out: class folders that are none of those asked for.
    """

    listing: Listing
    left_out: tuple[str, ...]


def located(path: str, what: str, *inner: str) -> Path:
    """Return the folder of a set: the one given, or the first of `inner` that lies in it.

    Args:
        path: as the user gave it.
        what: the set, for messages.
        inner: what the archive's own folder is called, so that its parent may be given as well.

    Raises:
        UsageError: there is no such folder.
    """
    root = folder(path, what)
    for name in inner:
        if (root / name).is_dir():
            return root / name
    return root


def images_of(
    root: Path, folders: Sequence[str], what: str, *, leave: bool = False, archive: bool = True
) -> Found:
    """Return all images of class folders, class after class, within a class by file name.

    Args:
        root: holds the class folders.
        folders: their names in the order of the class codes.
        what: the layout, for messages.
        leave: whether other folders may be there too, and are left out.
        archive: whether they come out of a published archive, so that what lacks is unpacked again.

    Raises:
        UsageError: a class folder is missing, should not be there, or holds no images or something
            else.
    """
    known = set(folders)
    present = class_folders(root)
    left = tuple(name for name in present if name not in known) if leave else ()
    kept = [name for name in present if name not in left]
    same_classes(root, kept, folders, what, archive=archive)
    paths: list[str] = []
    names: list[str] = []
    counts = []
    for name in folders:
        inside = images_in(root / name, root)
        counts.append(len(inside))
        paths.extend(inside)
        skip = len(str(root / name)) + 1
        names.extend(f"{name}/{path[skip:]}" for path in inside)
    codes = np.repeat(np.arange(len(folders), dtype=np.int32), counts)
    return Found(Listing(tuple(paths), codes, tuple(names)), left)


def pictured(sample: Data, listing: Listing, preparation: Preparation, channels: int) -> Data:
    """Return examples with their images, read when needed.

    Args:
        sample: its inputs are positions among the images found.
        listing: these images.
        preparation: from a picture to the square that a model sees.
        channels: 1 or 3.
    """
    paths = [listing.paths[position] for position in sample.inputs]
    return sample.with_inputs(Lazy.of(ImageFiles(paths, preparation, channels)))


def dated(places: Iterable[Path]) -> str:
    """Return a hash of the names, sizes and times of change of all files below some folders.

    It tells whether anything was added, removed or replaced without reading millions of images;
    their bytes are hashed with the probes.
    """
    state = hashlib.sha256()
    for place in places:
        for name, size, changed in _files(str(place)):
            said = f"{len(name)}:{name}:{size}:{changed};"
            state.update(said.encode("utf-8", "surrogatepass"))
        state.update(b"|")
    return state.hexdigest()


def _files(place: str, inside: str = "") -> Iterator[tuple[str, int, int]]:
    try:
        with os.scandir(place) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"The folder '{place}' cannot be read: {error.strerror}.") from None
    for entry in entries:
        name = f"{inside}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, f"{name}/")
        else:
            # Linked folders may lead round in circles; a link to nothing has no size.
            stat = entry.stat() if entry.is_file() else None
            yield name, stat.st_size if stat else -1, stat.st_mtime_ns if stat else -1
