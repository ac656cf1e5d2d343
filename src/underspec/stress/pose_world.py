"""The synthetic pose world's own stress tests: one factor of the scene moved at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.synthetic.poses.render import pictures
from underspec.data.synthetic.poses.scenes import (
    FACTORS,
    WAYS,
    Factor,
    Scenes,
    band,
    draws,
    scenes_of,
)
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen

__all__ = ["PoseWorld"]

_TITLES = {
    "rotation": "turned in the picture plane",
    "viewpoint": "seen from elsewhere",
    "background": "before another background",
    "light": "in other light",
}


@dataclass(frozen=True)
class PoseWorld(Stress):
    """Renders each synthetic example again with one factor moved and all else as it was.

    After the controls of ObjectNet (Barbu et al., NeurIPS 2019), which are rotation, viewpoint and
    background; light is ours. Only for data of the reader `synthetic_poses`: scenes are told by the
    ids. Which way a factor goes is one draw an example, the same at every severity.

    Attributes:
        factors: out of ``rotation``, ``viewpoint``, ``background`` and ``light``.
        severities: from 1 to 3: the nearest, middle and farthest third of what lies beyond the lab's
            usual range (docs/pose_world.md), each a probe such as ``pose_rotation-1``.
        examples: use so many examples, the same ones in every image stress test; all where None.
    """

    factors: tuple[Factor, ...] = FACTORS
    severities: tuple[int, ...] = (1, 2, 3)
    examples: int | None = None
    modality: ClassVar[str] = "synthetic pictures of the reader synthetic_poses"
    source: ClassVar[str] = "ours; ObjectNet controls the same (Barbu et al., NeurIPS 2019)"

    def __post_init__(self) -> None:
        given: Any = self.factors
        factors = (given,) if isinstance(given, str) else tuple(given)
        for factor in factors:
            if factor not in FACTORS:
                raise UsageError(one_of("factor of 'pose_world'", factor, FACTORS))
        wanted: Any = self.severities
        severities = (wanted,) if isinstance(wanted, int) else tuple(wanted)
        once = all(len(set(some)) == len(some) > 0 for some in (factors, severities))
        if not once or not set(severities) <= {1, 2, 3}:
            raise UsageError(
                f"'pose_world' takes factors and severities from 1 to 3, each once; got {list(factors)} "
                f"and {list(severities)}. Write factors: [rotation], severities: [1, 3]."
            )
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "severities", severities)
        check_examples(self.examples)

    @property
    def kind(self) -> Kind:
        """Always ``shifted``."""
        return "shifted"

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe a factor and severity.

        Raises:
            UsageError: the examples are not of the pose world, or not its pictures any more.
        """
        source = chosen(data, self.examples, key)
        scenes = scenes_of(source.ids)
        side = _side(source, scenes)
        for factor in self.factors:
            drawn = draws(key.child("pose_world", factor), source.ids.tolist(), 1 + WAYS)
            for severity in self.severities:
                low, high = band(severity)
                extent = low + (high - low) * drawn[:, 0]
                made = pictures(scenes.moved(factor, extent, drawn[:, 1:]), side)
                yield Probe(
                    name=f"pose_{factor}-{severity}",
                    kind=self.kind,
                    family=f"pose_{factor}",
                    severity=float(severity),
                    data=source.with_inputs(made),
                    title=f"synthetic, {_TITLES[factor]}, severity {severity}",
                )


def _side(data: Data, scenes: Scenes) -> int:
    """Return the side of the pictures, and see that the first one is what its id says."""
    images = data.inputs
    shape: tuple[int, ...] = getattr(images, "shape", ())
    as_made = (
        len(shape) == 4 and shape[1] == shape[2] and shape[3] == 3 and images.dtype == np.uint8
    )
    if as_made:
        first = np.asarray(images[:1]).astype(np.int16)
        again = pictures(scenes.take(np.array([0])), shape[1])
        # Another machine's sines may turn a pixel by a level.
        as_made = bool(np.abs(first - again).mean() < 1)
    if not as_made:
        raise UsageError(
            "The pictures are not those that the synthetic pose world renders for their ids: give "
            "'pose_world' the reader's examples as they are."
        )
    return int(shape[1])
