"""The reader of the synthetic pose world."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.arrays import of
from underspec.data.synthetic.poses.objects import CLASSES
from underspec.data.synthetic.poses.render import pictures
from underspec.data.synthetic.poses.scenes import identity, scenes_of

__all__ = ["SyntheticPoses"]

_PARTS = ("train", "holdout")


@dataclass(frozen=True)
class SyntheticPoses(Reader):
    """Synthetic pictures of ten everyday objects, rendered by us from parametric meshes.

    Uint8 [examples, side, side, 3]. Every example is an object of its own, with its own proportions
    and colours, and none is in both parts. An id such as ``pose-holdout-00042-s0-d100`` names part,
    number, seed and dial (in hundredths), and all of the scene follows from it.

    Attributes:
        part: ``train`` or ``holdout``.
        dial: 1: pose, viewpoint, background and light as is usual, colours and walls typical of the
            class. 0: all that the stress test `pose_world` covers, and no such habit. In between,
            the range and the habits are in between. In hundredths.
        examples: how many, classes in turn; fewer are the first of more.
        side: of the pictures, in pixels, from 16 to 256.
        seed: of everything drawn.
    """

    part: Literal["train", "holdout"] = "train"
    dial: float = 1.0
    examples: int = 4000
    side: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        if not 0 <= self.dial <= 1 or abs(self.dial * 100 - round(self.dial * 100)) > 1e-9:
            raise UsageError(
                f"The dial goes from 0 to 1 in hundredths, got {self.dial}. Write dial: 1 for the narrow "
                f"lab, dial: 0 for training on everything."
            )
        for name, low, high in (
            ("examples", len(CLASSES), 10**7),
            ("side", 16, 256),
            ("seed", 0, 2**63 - 1),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise UsageError(f"{name} must be an integer from {low} to {high}, got {value!r}.")

    @property
    def notice(self) -> str:
        """Says that the pictures are synthetic."""
        return (
            "Synthetic: the pose world of underspec, pictures rendered from parametric meshes; no "
            "photographs."
        )

    def __call__(self) -> Data:
        """Render the part."""
        numbers = range(self.examples)
        ids = np.asarray([identity(self.part, k, self.seed, self.dial) for k in numbers])
        scenes = scenes_of(ids)
        return of(pictures(scenes, self.side), scenes.labels, ids, classes=CLASSES)
