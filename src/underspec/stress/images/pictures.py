"""Images as stress tests take them: which, of what type, and back into that type."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.cores import threads
from underspec.core.errors import MissingExtraError, UsageError
from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.core.streams import Stream
from underspec.stress.images.parameters import is_whole

__all__ = [
    "Batch",
    "Pixels",
    "check_examples",
    "chosen",
    "distorted",
    "drawn",
    "opencv",
    "pictures",
]

Pixels: TypeAlias = NDArray[Any]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Batch:
    """Some of the images.

    Attributes:
        raw: as they are, [n, height, width, channels], uint8 or floats in 0..1.
        ids: of the examples.
    """

    raw: Pixels
    ids: NDArray[np.str_]

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """float32 in 0..1; not to be changed."""
        if self.whole:
            return np.multiply(self.raw, np.float32(1 / 255), dtype=np.float32)
        return self.raw.astype(np.float32)

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """float32 in the images' own scale: grey levels 0..255, or 0..1; not to be changed."""
        return self.raw.astype(np.float32)

    def settled(self, values: NDArray[np.float32]) -> Pixels:
        """Return values in the images' own scale, none of them beyond it, as they are to stand.

        Args:
            values: float32; changed in place.
        """
        if not self.whole:
            return values
        values += np.float32(0.5)  # what is cut off then is rounded to the nearest
        return values.astype(np.uint8)

    @property
    def whole(self) -> bool:
        """Whether these are grey levels 0..255 (uint8)."""
        return bool(self.raw.dtype == np.uint8)

    @property
    def levels(self) -> int | None:
        """Grey levels of the type that the result will have, 255 for uint8, None for floats."""
        return 255 if self.whole else None


def check_examples(examples: Any) -> None:
    """Check how many images are asked for.

    Raises:
        UsageError: fewer than one, or no whole number.
    """
    if examples is not None and not (is_whole(examples) and examples >= 1):
        raise UsageError(
            f"examples must be at least 1 and whole, or null for all; got {examples!r}. "
            f"Write examples: 1000."
        )


def chosen(data: Data, examples: int | None, key: Stream) -> Data:
    """Return so many of the examples, drawn by their ids, or all of them; in the order of `data`.

    Each class has its share, as nearly as it goes (rounded as Sainte-Laguë does); targets of a
    regression have no classes. All stress tests
    with the same key take the same ones, and a larger number keeps those of a smaller.
    """
    if examples is None or examples >= len(data):
        return data
    draws = np.asarray(drawn(key.child("examples"), data.ids, lambda g: g.random()))
    turn = np.zeros(len(data))
    for label in () if data.regression else np.unique(data.labels):
        rows = np.flatnonzero(data.labels == label)
        rows = rows[np.argsort(draws[rows], kind="stable")]
        turn[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return data.take(np.sort(np.lexsort((draws, turn))[:examples]))


def drawn(
    stream: Stream, ids: NDArray[np.str_], draw: Callable[[np.random.Generator], T]
) -> list[T]:
    """Return what `draw` takes for each example from the example's own part of the stream."""
    return [draw(stream.example(str(name))) for name in ids]


def opencv(name: str) -> Any:
    """Return the module ``cv2``, which works in the calling thread alone.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import cv2
    except ImportError:
        raise MissingExtraError(f"The stress test '{name}'", "images") from None
    cv2.setNumThreads(0)
    return cv2


def pictures(data: Data, name: str) -> tuple[int, ...]:
    """Return the shape of the inputs if they are images that the stress test `name` can distort.

    Raises:
        UsageError: wrong shape, type or range of values.
    """
    images = data.inputs
    wants = f"The stress test '{name}' wants images [examples, height, width, channels]"
    if not isinstance(images, np.ndarray | Lazy):
        raise UsageError(f"{wants}, but the inputs are of type {type(images).__name__}.")
    if data.columns:
        raise UsageError(
            f"{wants}, but the inputs are {'records' if images.ndim == 3 else 'rows'} of named columns: "
            f"{', '.join(data.columns[:3])} ... Leave it out."
        )
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        hint = ""
        if images.ndim == 3:
            hint = " Add the channel at the end: inputs[..., None]."
        elif images.ndim == 4 and images.shape[1] in (1, 3):
            hint = " Put the channels last: inputs.transpose(0, 2, 3, 1)."
        raise UsageError(f"{wants} with 1 or 3 channels, but got {list(images.shape)}.{hint}")
    if images.dtype == np.uint8:
        return images.shape
    if images.dtype.kind != "f":
        raise UsageError(f"{wants} as uint8 or as floats in 0..1, but got {images.dtype}.")
    if isinstance(images, np.ndarray):
        _check_range(images, wants)
    return images.shape


def _check_range(images: Pixels, wants: str) -> None:
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # also where a value is NaN
        raise UsageError(
            f"{wants} as uint8 or as floats in 0..1, but the floats run from {low:g} to {high:g}. "
            f"Scale them, and let the model normalise."
        )


Work: TypeAlias = Callable[[Batch], Pixels]


def distorted(
    data: Data, work: Work, said: str, at_a_time: int = 1 << 18, alone_below: int = 0
) -> Data:
    """Return the data with its images as `work` changes them, in their own type.

    Images that are read when needed are also distorted when needed. Memory beyond the result is
    bounded by `at_a_time` and the number of threads, whatever the number of images.

    Args:
        data: with images that `pictures` accepts.
        work: see `Corruption.distort`; is called from several threads at once. For uint8 a float
            result is rounded to the nearest level (published code cuts off, which darkens by half
            a level).
        said: what the work is, by its parameters and stream, for a fingerprint.
        at_a_time: values worked on at once by one thread.
        alone_below: images of fewer values are worked on by one thread.
    """
    images = data.inputs
    if isinstance(images, Lazy):
        later = _Distorted(images, data.ids, work, said, at_a_time, alone_below)
        return data.with_inputs(Lazy.of(later))
    return data.with_inputs(_made(images, data.ids, work, at_a_time, alone_below))


def _made(
    images: Pixels, ids: NDArray[np.str_], work: Work, at_a_time: int, alone_below: int
) -> Pixels:
    _keep_memory()
    out = np.empty_like(images, order="C")
    each = max(1, at_a_time // images[0].size)

    def fill(start: int) -> None:
        rows = slice(start, start + each)
        _settle(work(Batch(images[rows], ids[rows])), out[rows])

    starts = range(0, len(images), each)
    if len(starts) == 1 or threads() == 1 or images[0].size < alone_below:
        for start in starts:
            fill(start)
        return out
    with ThreadPoolExecutor(threads()) as pool:
        for _ in pool.map(fill, starts):
            pass
    return out


def _keep_memory() -> None:
    # glibc learns from the largest block given back, up to 32 MiB, how much to keep for reuse. With
    # less, each array of a batch is mapped anew, which takes longer than filling it.
    np.empty(31 << 20, np.uint8)


def _settle(made: Pixels, out: Pixels) -> None:
    if made.dtype == np.uint8:
        out[:] = made
        return
    whole = out.dtype == np.uint8
    if whole:
        np.multiply(made, made.dtype.type(255), out=made)
        np.rint(made, out=made)
    np.clip(made, 0, 255 if whole else 1, out=out, casting="unsafe")


@dataclass(frozen=True, eq=False)
class _Distorted:
    """Images that are read and distorted when they are needed.

    Attributes:
        images: what is read.
        ids: of the examples.
        work: how it is distorted.
        said: what the work is.
        at_a_time: values worked on at once by one thread.
        alone_below: images of fewer values are worked on by one thread.
    """

    images: Lazy
    ids: NDArray[np.str_]
    work: Work
    said: str
    at_a_time: int
    alone_below: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.images.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.images.dtype

    def __len__(self) -> int:
        return len(self.images)

    def read(self, rows: NDArray[np.intp]) -> Pixels:
        if len(rows) == 0:
            return np.empty((0, *self.shape), self.dtype)
        images = np.asarray(self.images[rows])
        if images.dtype != np.uint8:
            _check_range(images, "A stress test wants images [examples, height, width, channels]")
        return _made(images, self.ids[rows], self.work, self.at_a_time, self.alone_below)

    def digest(self, rows: NDArray[np.intp]) -> str:
        # The code of a stress test is hashed by the study.
        ids = "\n".join(self.ids[rows].tolist())
        said = repr((self.images[rows].digest(), self.said, ids))
        return hashlib.sha256(said.encode()).hexdigest()
