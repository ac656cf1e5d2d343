"""The object before something else."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, get_args

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.lazy import chunks
from underspec.core.records import Booleans, Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.parameters import is_number, several, shown
from underspec.stress.images.pictures import (
    Batch,
    Pixels,
    check_examples,
    chosen,
    distorted,
    pictures,
)
from underspec.stress.images.pose.scenery import Scenery, found, scenery

__all__ = ["Background"]

_TITLES = {"colour": "a colour", "gradient": "a gradient", "noise": "a texture"}
VALUES = 1 << 22
"""Values of pixels in which backgrounds are looked for at once."""


@dataclass(frozen=True)
class Background(Stress):
    """Puts another background behind the object, where a picture has a plain one to take away.

    A background is plain where most of the picture's outermost pixels lie within `tolerance` of their
    median; it is all pixels like these that are connected to the border by such pixels. The other
    pixels stay as they are, those that mix object and background at an outline included. What
    comes instead is drawn for each picture by itself. Pictures without a plain background are left
    out of the probe, and `notes` counts them.

    Attributes:
        fills: one probe each: ``colour``, ``gradient`` or ``noise`` (a cloudy texture).
        tolerance: in parts of the range from black to white, from 0 to below 0.5.
        border: least part of the outermost pixels that must be alike, from 0.5 to 1. Lower it where
            objects reach the edges of the pictures.
        min_share: refuse where less than this part of the pictures has a plain background.
        examples: use so many images, the same ones in every image stress test, and of these the
            ones with a plain background; all where None.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "images"
    source: ClassVar[str] = "ours; ObjectNet controls the same (Barbu et al., NeurIPS 2019)"
    fills: tuple[Scenery, ...] = ("colour", "gradient", "noise")
    tolerance: float = 0.1
    border: float = 0.8
    min_share: float = 0.5
    examples: int | None = None

    def __post_init__(self) -> None:
        fills = several(self.fills)
        for fill in fills:
            if not isinstance(fill, str) or fill not in get_args(Scenery):
                raise UsageError(one_of("fill", fill, get_args(Scenery)))
        if not 0 < len(set(fills)) == len(fills):
            raise UsageError(f"Give at least one fill, each once; got {shown(self.fills)}.")
        object.__setattr__(self, "fills", fills)
        if not (is_number(self.tolerance) and 0 <= self.tolerance < 0.5):
            raise UsageError(f"The tolerance is from 0 to below 0.5; got {self.tolerance!r}.")
        if not (is_number(self.border) and 0.5 <= self.border <= 1):
            raise UsageError(f"The border is from 0.5 to 1; got {self.border!r}.")
        if not (is_number(self.min_share) and 0 <= self.min_share <= 1):
            raise UsageError(f"min_share is from 0 to 1; got {self.min_share!r}.")
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a fill, such as ``background-noise``.

        Raises:
            UsageError: the inputs are no images, or too few have a plain background.
        """
        source = chosen(data, self.examples, key)
        plain = self._plain(source)
        count, n = int(plain.sum()), len(plain)
        if count == 0 or count < self.min_share * n:
            raise UsageError(
                f"The stress test 'background' wants pictures with a plain background, but {count} of "
                f"{n} have one, less than min_share: {self.min_share:g}. Raise tolerance: "
                f"{self.tolerance:g}, lower border: {self.border:g}, or lower min_share to use those alone."
            )
        source = source.take(plain)
        for fill in self.fills:
            path = key.child("background", fill).path
            yield Probe(
                name=f"background-{fill}",
                kind=self.kind,
                family="background",
                data=distorted(
                    source, partial(self._placed, fill=fill, path=path), repr((path, self))
                ),
                title=f"background, {_TITLES[fill]}",
            )

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say how many pictures have no plain background; nothing where all have one.

        Which of them `examples` would choose hangs on a stream that is not known here: it is all
        pictures that are counted, and the note says so.
        """
        plain = self._plain(data)
        left = int((~plain).sum())
        if not left:
            return ()
        asked = self.examples
        some = f", of which examples: {asked} are taken," if asked and asked < len(data) else ""
        note = (
            f"Of the whole holdout of {len(data)} pictures{some} {left} have no plain background: "
            f"'background' leaves such pictures out, and its means are over the others."
        )
        return (note,)

    def _plain(self, data: Data) -> Booleans:
        pictures(data, "background")
        plain = np.zeros(len(data), dtype=np.bool_)
        for rows, images in chunks(data.inputs):
            each = max(1, VALUES // images[0].size)
            for start in range(0, len(images), each):
                some = Batch(images[start : start + each], data.ids[:0])
                at = rows.start + start
                plain[at : at + len(some.raw)] = found(
                    some.pixels, self.tolerance, self.border
                ).plain
        return plain

    def _placed(self, batch: Batch, fill: Scenery, path: tuple[int | str, ...]) -> Pixels:
        # Each call has a stream of its own, so that threads may.
        made = scenery(batch, fill, Stream(path))
        behind = found(batch.pixels, self.tolerance, self.border).behind[..., None]
        placed: Pixels = np.where(behind, made, batch.pixels)
        return placed
