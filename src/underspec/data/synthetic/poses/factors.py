"""What the four factors of a scene come to: a turn, a wall and a lamp."""

import numpy as np

from underspec.core.records import Floats
from underspec.data.synthetic.poses import habits
from underspec.data.synthetic.poses.camera import Turn
from underspec.data.synthetic.poses.colour import rgb
from underspec.data.synthetic.poses.light import Lamp, away
from underspec.data.synthetic.poses.scenes import Scenes
from underspec.data.synthetic.poses.wall import PATTERNS, Wall

__all__ = ["lamps", "turns", "walls"]


def _either(draw: Floats) -> Floats:
    return np.where(draw < 0.5, -1.0, 1.0)


def _spread(draw: Floats, low: float, high: float) -> Floats:
    return low + (high - low) * draw


def turns(scenes: Scenes) -> Turn:
    """Return how the objects stand: rotation and viewpoint, and the place that look says."""
    rotation, viewpoint = scenes.way["rotation"], scenes.way["viewpoint"]
    far = scenes.extent["viewpoint"]
    span = habits.SPAN
    return Turn(
        azimuth=habits.AZIMUTH + span["azimuth"] * far * _either(viewpoint[:, 0]),
        elevation=habits.ELEVATION + span["elevation"] * far * _either(viewpoint[:, 1]),
        roll=span["rotation"] * scenes.extent["rotation"] * _either(rotation[:, 0]),
        size=_spread(scenes.look[:, 6], 0.3, 1.0),
        x=_spread(scenes.look[:, 7], -0.2, 0.2),
        z=_spread(scenes.look[:, 8], -0.2, 0.2),
    )


def walls(scenes: Scenes) -> Wall:
    """Return the walls: of the class's own kind, or of any; further out, of more contrast."""
    far, way = scenes.extent["background"], scenes.way["background"]
    typical = (far <= habits.USUAL) & (way[:, 0] < habits.TYPICAL * scenes.dial)
    hue = np.array([habits.backdrop_hue(label) for label in range(10)])[scenes.labels]
    pattern = np.array([habits.backdrop_pattern(label) for label in range(10)])[scenes.labels]
    near = hue + habits.BACKDROP_HUES * (2 * way[:, 1] - 1)
    hue = np.where(typical, near, way[:, 1])
    contrast = 0.12 + 0.25 * far
    saturation = _spread(way[:, 3], *habits.BACKDROP) + 0.3 * far
    value = _spread(way[:, 4], 0.75, 0.95) - 0.2 * far
    return Wall(
        pattern=np.where(typical, pattern, (way[:, 2] * len(PATTERNS)).astype(np.intp)),
        first=rgb(hue, saturation, value),
        second=rgb(hue + 0.5 * contrast * (2 * way[:, 5] - 1), saturation, value - contrast),
        periods=_spread(way[:, 6], 1.5, 4.0),
        slant=2 * way[:, 7] - 1,
        shift=way[:, 5],
    )


def lamps(scenes: Scenes) -> Lamp:
    """Return the lamps: further out, the light comes from elsewhere, coloured and weaker."""
    far, way = scenes.extent["light"], scenes.way["light"]
    strength = 1 - 0.3 * far * way[:, 2]
    return Lamp(
        direction=away(habits.LAMP, habits.SPAN["lamp"] * far, way[:, 0]),
        colour=rgb(way[:, 1], 0.5 * far, strength),
    )
