"""Images as stress tests take them: which, of what type, and back into that type."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats
from underspec.core.streams import Stream

__all__ = ["Batch", "Pixels", "check_examples", "chosen", "distorted", "drawn", "pictures"]

Pixels: TypeAlias = NDArray[Any]
T = TypeVar("T")

# Values worked on at a time: 8 MB of float64, whatever the number of images.
_AT_A_TIME = 1 << 20


class Batch(NamedTuple):
    """Some of the images.

    Attributes:
        pixels: float64 [n, height, width, channels] in 0..1.
        ids: of the examples.
        levels: grey levels of the type that the result will have, 255 for uint8, None for floats.
    """

    pixels: Floats
    ids: NDArray[np.str_]
    levels: int | None


def check_examples(examples: int | None) -> None:
    """Check how many images are asked for.

    Raises:
        UsageError: fewer than one.
    """
    if examples is not None and examples < 1:
        raise UsageError(f"examples must be at least 1, or null for all; got {examples}.")


def chosen(data: Data, examples: int | None, key: Stream) -> Data:
    """Return so many of the examples, drawn by their ids, or all of them; in the order of `data`.

    Each class has its share, as nearly as it goes (rounded as Sainte-Laguë does). All stress tests
    with the same key take the same ones, and a larger number keeps those of a smaller.
    """
    if examples is None or examples >= len(data):
        return data
    draws = np.asarray(drawn(key.child("examples"), data.ids, lambda g: g.random()))
    turn = np.empty(len(data))
    for label in np.unique(data.labels):
        rows = np.flatnonzero(data.labels == label)
        rows = rows[np.argsort(draws[rows], kind="stable")]
        turn[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return data.take(np.sort(np.lexsort((draws, turn))[:examples]))


def drawn(
    stream: Stream, ids: NDArray[np.str_], draw: Callable[[np.random.Generator], T]
) -> list[T]:
    """Return what `draw` takes for each example from the example's own part of the stream."""
    return [draw(stream.example(str(name))) for name in ids]


def pictures(data: Data, name: str) -> Pixels:
    """Return the inputs if they are images that the stress test `name` can distort.

    Raises:
        UsageError: wrong shape, type or range of values.
    """
    images = data.inputs
    wants = f"The stress test '{name}' wants images [examples, height, width, channels]"
    if not isinstance(images, np.ndarray):
        raise UsageError(f"{wants}, but the inputs are of type {type(images).__name__}.")
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        hint = ""
        if images.ndim == 3:
            hint = " Add the channel at the end: inputs[..., None]."
        elif images.ndim == 4 and images.shape[1] in (1, 3):
            hint = " Put the channels last: inputs.transpose(0, 2, 3, 1)."
        raise UsageError(f"{wants} with 1 or 3 channels, but got {list(images.shape)}.{hint}")
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise UsageError(f"{wants} as uint8 or as floats in 0..1, but got {images.dtype}.")
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # also where a value is NaN
        raise UsageError(
            f"{wants} as uint8 or as floats in 0..1, but the floats run from {low:g} to {high:g}. "
            f"Scale them, and let the model normalise."
        )
    return images


def distorted(data: Data, work: Callable[[Batch], Floats]) -> Data:
    """Return the data with its images as `work` changes them, in their own type.

    Args:
        data: with images that `pictures` accepts.
        work: may return values beyond 0..1, which are clipped; must treat each image by itself.
            For uint8 the result is rounded to the nearest level (published code cuts off, which
            darkens by half a level).
    """
    images: Pixels = data.inputs
    out = np.empty_like(images, order="C")
    whole = images.dtype == np.uint8
    each = max(1, _AT_A_TIME // images[0].size)
    for start in range(0, len(images), each):
        rows = slice(start, start + each)
        pixels = images[rows] / 255.0 if whole else images[rows].astype(np.float64)
        made = np.clip(work(Batch(pixels, data.ids[rows], 255 if whole else None)), 0.0, 1.0)
        out[rows] = np.rint(made * 255.0) if whole else made
    return data.with_inputs(out)
