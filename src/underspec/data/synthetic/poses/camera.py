"""Where the camera is, and how an object is turned before it.

The camera stands at (0, -4, 0) and looks along the y axis; the picture's middle is the origin. It
never moves: a viewpoint is a turn of the object, so that the wall and the lamp stay where they are.
"""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats

__all__ = ["DISTANCE", "FOCAL", "Seen", "Turn", "project", "turned"]

DISTANCE = 4.0
"""From the camera to the origin."""

FOCAL = 0.9 * math.sqrt(DISTANCE**2 - 1)
"""Half-pictures a unit of slope: a ball of radius 1 at the origin fills nine tenths of the side."""


class Turn(NamedTuple):
    """How the objects are turned, in degrees, and placed, each [instances].

    Attributes:
        azimuth: about the object's own vertical axis, to the left seen from above.
        elevation: of the camera above the object's horizontal plane; below 90.
        roll: about the line of sight, to the left.
        size: radius of the object.
        x: of the object's middle.
        z: of the object's middle.
    """

    azimuth: Floats
    elevation: Floats
    roll: Floats
    size: Floats
    x: Floats
    z: Floats


class Seen(NamedTuple):
    """Corners as the camera sees them.

    Attributes:
        flat: x to the right and y down, 0 to 1 across the picture, [instances, vertices, 2].
        closeness: 1 over depth, [instances, vertices].
    """

    flat: Floats
    closeness: Floats


def _sine(degrees: Floats) -> tuple[Floats, Floats]:
    # One number at a time, so that the last digit never hangs on how many there are.
    pairs = [(math.cos(a), math.sin(a)) for a in np.radians(degrees).tolist()]
    cos, sin = np.asarray(pairs, dtype=np.float64).reshape(-1, 2).T[..., None]
    return cos, sin


def turned(vertices: Floats, turn: Turn) -> Floats:
    """Return vertices [instances, vertices, 3] turned and placed before the camera."""
    x, y, z = np.moveaxis(vertices, -1, 0)
    cos, sin = _sine(turn.azimuth)
    x, y = x * cos - y * sin, x * sin + y * cos
    cos, sin = _sine(turn.elevation)
    y, z = y * cos - z * sin, y * sin + z * cos
    cos, sin = _sine(turn.roll)
    x, z = x * cos - z * sin, x * sin + z * cos
    size = turn.size[:, None]
    return np.stack([x * size + turn.x[:, None], y * size, z * size + turn.z[:, None]], axis=-1)


def project(points: Floats) -> Seen:
    """Return points [instances, vertices, 3], all before the camera, in perspective."""
    closeness = 1 / (points[..., 1] + DISTANCE)
    flat = np.stack([points[..., 0], -points[..., 2]], axis=-1)
    flat *= (0.5 * FOCAL * closeness)[..., None]
    return Seen(flat + 0.5, closeness)
