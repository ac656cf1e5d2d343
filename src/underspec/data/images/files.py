"""Image files as inputs that are decoded when they are needed."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.cores import threads
from underspec.core.errors import UsageError
from underspec.core.lazy import Reading
from underspec.data.images.decode import UNREADABLE, decoded
from underspec.data.images.preparation import Preparation

__all__ = ["ImageFiles"]

_T = TypeVar("_T")
_SHOWN = 3


class _Hashed(NamedTuple):
    size: int
    changed: int
    digest: bytes


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
        broken = [(place, why) for place, why in enumerate(faults) if why is not None]
        if broken:
            named = "; ".join(
                f"'{self.paths[rows[place]]}': {why}" for place, why in broken[:_SHOWN]
            )
            first = "" if len(broken) <= _SHOWN else f" The first {_SHOWN}:"
            raise UsageError(
                f"{len(broken)} of the {len(rows)} images read together cannot be used.{first} "
                f"{named}. Replace these files, or leave the examples out."
            )
        return out

    def digest(self, rows: NDArray[np.intp]) -> str:
        """Return a sha256 over the bytes of the files at `rows` and how they are prepared.

        Neither names, folders nor dates count; nor does the version of the decoder, which a
        study records with its environment.

        Raises:
            UsageError: a file cannot be read.
        """
        state = hashlib.sha256(repr(("images", 1, self.preparation, self.channels)).encode())
        for file in _each(_hashed, [self.paths[row] for row in rows]):
            state.update(file)
        return state.hexdigest()


def _each(work: Callable[[Any], _T], items: Sequence[Any]) -> Iterable[_T]:
    count = min(threads(), len(items))
    if count < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, items))


def _hashed(path: str) -> bytes:
    try:
        stat = Path(path).stat()
        known = _HASHES.get(path)
        if known is not None and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return known.digest
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise UsageError(f"The image '{path}' cannot be read: {_why(error)}.") from None
    _HASHES[path] = _Hashed(stat.st_size, stat.st_mtime_ns, digest)
    return digest


def _why(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    text = str(error).strip().rstrip(".")
    if "cannot identify image file" in text:
        return "no image, or not one of JPEG, PNG, WebP, BMP, PPM and TIFF"
    return text.splitlines()[0] if text else type(error).__name__
