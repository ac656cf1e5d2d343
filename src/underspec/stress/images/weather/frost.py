"""Frost: the picture behind a pane of ice."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from underspec.core.streams import Stream
from underspec.stress.images.corruption import Corruption
from underspec.stress.images.draws import sixteen
from underspec.stress.images.pictures import Batch, Pixels, opencv
from underspec.stress.images.weather.ice import SIDE, panes

__all__ = ["Frost"]


@dataclass(frozen=True)
class Frost(Corruption):
    """Mixes the picture with ice: ``a * x + b * ice``, where c = (a, b, scale).

    The published code takes crops of photographs that come with it. Here the ice is drawn: five
    panes with crystals, about as bright and as grainy as those photographs, of which each picture
    gets a crop at a place of its own. So the weights are the published ones and the ice is not:
    error rates will differ from those on published files. As published, the ice is made smaller for
    small pictures (`scale`), and larger for those that a pane would not cover.
    """

    family: ClassVar[str] = "frost"
    alone_below: ClassVar[int] = 1 << 20
    constants = (
        ((1.0, 0.2, 0.2), (1.0, 0.3, 0.2), (0.9, 0.4, 0.2), (0.85, 0.4, 0.2), (0.75, 0.45, 0.2)),
        ((1.0, 0.3, 0.3), (0.9, 0.4, 0.3), (0.8, 0.45, 0.3), (0.75, 0.5, 0.3), (0.7, 0.55, 0.3)),
        ((1.0, 0.4, 1.0), (0.8, 0.6, 1.0), (0.7, 0.7, 1.0), (0.65, 0.7, 1.0), (0.6, 0.75, 1.0)),
    )
    lengths: ClassVar[tuple[int, ...]] = (2,)
    least: ClassVar[int] = 4  # fewer pixels show no crystal

    @property
    def graded(self) -> bool:
        """No: a higher severity also darkens the picture, so that it may end nearer to where it was."""
        return False

    def ready(self) -> None:
        """Check that OpenCV is installed."""
        opencv(self.family)

    def distort(self, batch: Batch, constant: tuple[float, float, float], stream: Stream) -> Pixels:
        """Return the pixels behind ice."""
        cv2 = opencv(self.family)
        picture, ice, scale = constant
        height, width, channels = batch.raw.shape[1:]
        sheets = panes(max(scale, max(height, width) / SIDE), channels)
        side = len(sheets[0])
        # Which of the panes, and where in it.
        ranges = np.asarray([len(sheets), side - height + 1, side - width + 1], np.uint32)
        choices = (sixteen(stream, batch.ids, (3,)) * ranges >> 16).tolist()
        frosted = np.empty(batch.raw.shape, batch.raw.dtype if batch.whole else np.float32)
        x = batch.raw if batch.whole else batch.pixels
        for made, clear, (pane, top, left) in zip(frosted, x, choices, strict=True):
            crop = sheets[pane][top : top + height, left : left + width]
            if not batch.whole:
                crop = crop * np.float32(1 / 255)
            cv2.addWeighted(clear, picture, crop, ice, 0, made)
        return frosted
