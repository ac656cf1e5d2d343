"""What a model is shown of a picture: a random part of it, perhaps mirrored."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.train.torch.images.pictures import Pictures

__all__ = ["Views"]

_TRIES = 10
_LONGEST = 4 / 3  # ratio of a crop's sides


@dataclass(frozen=True, eq=False)
class Views:
    """Makes views of pictures.

    What is drawn for an example hangs on the stream, the epoch and the example's id, and on nothing
    else: neither on batches, nor on threads, nor on where a training was taken up again.

    Attributes:
        pictures: the training examples.
        ids: of the examples.
        augment: ``resized_crop`` and ``flip``, or one of them, or none.
        least_area: of a crop, as a share of the picture's.
    """

    pictures: Pictures
    ids: NDArray[np.str_]
    augment: Sequence[str]
    least_area: float

    def draws(self, rows: NDArray[np.intp], epoch: Stream) -> Floats:
        """Return the numbers, evenly in 0..1, that decide the views of `rows`: [rows, numbers].

        Not to be called from two threads.
        """
        wanted = 1 + 4 * _TRIES if "resized_crop" in self.augment else 1
        if not self.augment:
            return np.zeros((len(rows), 1))
        return np.stack([epoch.example(str(self.ids[row])).random(wanted) for row in rows])

    def view(self, row: int, drawn: Floats) -> NDArray[np.uint8]:
        """Return one view, uint8 [height, width, channels]."""
        if "resized_crop" in self.augment:
            height, width, channels = self.pictures.shape
            picture = self.pictures.whole(row)
            box = crop_of(*picture.size, drawn[1:], self.least_area)
            part = picture.crop(box).resize((width, height), Image.Resampling.BILINEAR)
            pixels = np.asarray(part).reshape(height, width, channels)
        else:
            pixels = self.pictures.prepared(row)
        return pixels[:, ::-1] if "flip" in self.augment and drawn[0] < 0.5 else pixels


def crop_of(width: int, height: int, drawn: Floats, least: float) -> tuple[int, int, int, int]:
    """Return a random part of a picture (Szegedy et al., CVPR 2015): left, top, right, bottom.

    Its share of the area is even in `least`..1, the log of its ratio of sides even in the logs of
    3/4..4/3. Up to ten are tried; if none lies in the picture, the largest middle part of an
    allowed ratio is taken.

    Args:
        width: of the picture.
        height: of the picture.
        drawn: four numbers a try, evenly in 0..1.
        least: smallest share of the area.
    """
    far = math.log(_LONGEST)
    for share, ratio, across, down in drawn.reshape(_TRIES, 4).tolist():
        area = width * height * (least + (1 - least) * share)
        sides = math.exp(far * (2 * ratio - 1))
        wide, high = round(math.sqrt(area * sides)), round(math.sqrt(area / sides))
        if 0 < wide <= width and 0 < high <= height:
            left, top = int(across * (width - wide + 1)), int(down * (height - high + 1))
            return left, top, left + wide, top + high
    wide, high = min(width, round(height * _LONGEST)), min(height, round(width * _LONGEST))
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
