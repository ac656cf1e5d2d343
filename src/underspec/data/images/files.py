"""Image files as inputs that are decoded when they are needed."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.cores import threads
from underspec.core.errors import UsageError
from underspec.core.lazy import Reading
from underspec.data.images.decode import UNREADABLE, decoded, size_of
from underspec.data.images.preparation import Preparation, TooSmallError

__all__ = ["ImageFiles"]

_T = TypeVar("_T")
_SHOWN = 3


class _Hashed(NamedTuple):
    """What is known of a file.

    Attributes:
        size: its bytes.
        changed: when it was.
        digest: sha256 of its bytes.
        sides: width and height of its picture; None where it is none that can be read.
        why: what is wrong with it, as far as its header and its end tell; empty where nothing is.
    """

    size: int
    changed: int
    digest: bytes
    sides: tuple[int, int] | None
    why: str


# Hashed once a process, however many probes and studies use a file.
_HASHES: dict[str, _Hashed] = {}


@dataclass(frozen=True, eq=False)
class ImageFiles(Reading):
    """Pictures in files, one an example, as uint8 [crop, crop, channels].

    Several threads decode; memory beyond the result is one picture a thread.

    Attributes:
        paths: one file an example.
        preparation: from a picture to the square that a model sees.
        channels: 3 for colours, 1 for grey levels.
    """

    paths: Sequence[str] = field(repr=False)
    preparation: Preparation
    channels: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(str(path) for path in self.paths))
        if self.channels not in (1, 3):
            raise UsageError(f"'channels' must be 1 or 3; got {self.channels}.")

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels) of one example."""
        return (self.preparation.crop, self.preparation.crop, self.channels)

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
        """Return the pictures at `rows`, uint8 [len(rows), crop, crop, channels].

        Raises:
            UsageError: files that are missing, damaged, cut short, of more than 8 bits a channel,
                or smaller than the crop; it says how many, and names some.
        """
        out = np.empty((len(rows), *self.shape), np.uint8)

        def fill(place: int) -> str | None:
            try:
                picture = decoded(self.paths[rows[place]], self.channels)
                out[place] = np.asarray(self.preparation(picture)).reshape(self.shape)
            except UNREADABLE as error:
                return _why(error)
            return None

        faults = _each(fill, range(len(rows)))
        broken = [
            (self.paths[row], why) for row, why in zip(rows, faults, strict=True) if why is not None
        ]
        if broken:
            raise _unusable(broken, f"the {len(rows)} images read together")
        return out

    def digest(self, rows: NDArray[np.intp]) -> str:
        """Return a sha256 over the bytes of the files at `rows` and how they are prepared.

        Neither names, folders nor dates count; nor does the version of the decoder, which a
        study records with its environment.

        Each file is looked at on the way: header, size of the picture, and whether the file is cut
        short. What is damaged in its middle shows when it is decoded.

        Raises:
            UsageError: files that cannot be used, as far as that tells; it says how many of all, and
                names some.
        """
        state = hashlib.sha256(repr(("images", 1, self.preparation, self.channels)).encode())
        broken: list[tuple[str, str]] = []
        paths = [self.paths[row] for row in rows]
        for path, file in zip(paths, _each(_hashed, paths), strict=True):
            state.update(file.digest)
            why = file.why or self._too_small(file.sides)
            if why:
                broken.append((path, why))
        if broken:
            raise _unusable(broken, f"{len(paths):,} images")
        return state.hexdigest()

    def _too_small(self, sides: tuple[int, int] | None) -> str:
        try:
            if sides is not None:
                self.preparation.check(*sides)
        except TooSmallError as error:
            return str(error)
        return ""


def _unusable(broken: Sequence[tuple[str, str]], among: str) -> UsageError:
    named = "; ".join(f"'{path}': {why}" for path, why in broken[:_SHOWN])
    first = "" if len(broken) <= _SHOWN else f" The first {_SHOWN}:"
    return UsageError(
        f"{len(broken):,} of {among} cannot be used.{first} {named}. Replace these files, or leave the "
        "examples out."
    )


def _each(work: Callable[[Any], _T], items: Sequence[Any]) -> Iterable[_T]:
    count = min(threads(), len(items))
    if count < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, items))


def _hashed(path: str) -> _Hashed:
    try:
        stat = os.stat(path)  # noqa: PTH116 -- fast
        known = _HASHES.get(path)
        if known is not None and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return known
        with open(path, "rb") as file:  # noqa: PTH123 -- fast
            content = file.read()
    except OSError as error:
        return _Hashed(-1, -1, b"", None, _why(error))
    digest = hashlib.sha256(content).digest()
    try:
        made = _Hashed(stat.st_size, stat.st_mtime_ns, digest, size_of(content), "")
    except UNREADABLE as error:
        made = _Hashed(stat.st_size, stat.st_mtime_ns, digest, None, _why(error))
    _HASHES[path] = made
    return made


def _why(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error).strip().rstrip(".")
    if "cannot identify image file" in text:
        return "no image, or not one of JPEG, PNG, WebP, BMP, PPM and TIFF"
    return text.splitlines()[0] if text else type(error).__name__
