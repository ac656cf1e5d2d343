"""What is usual in the pose world: the settings of the lab.

docs/pose_world.md states them all, and how they were arrived at.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "AZIMUTH",
    "BACKDROP",
    "BACKDROP_HUES",
    "ELEVATION",
    "LAMP",
    "OBJECT_HUES",
    "SPAN",
    "TYPICAL",
    "USUAL",
    "backdrop_hue",
    "backdrop_pattern",
    "object_hue",
]

USUAL = 0.1
"""The usual share of each factor's full extent."""

SPAN: Mapping[str, float] = MappingProxyType(
    {"rotation": 180.0, "azimuth": 180.0, "elevation": 40.0, "lamp": 120.0}
)
"""Degrees either way at the full extent."""

AZIMUTH = 25.0
"""Degrees by which an object is turned from its front in the usual view."""

ELEVATION = 20.0
"""Degrees that the camera is above the object in the usual view."""

LAMP = (-0.48, -0.64, 0.6)
"""Direction to the lamp where it usually is: to the left, before the object and above it."""

TYPICAL = 0.85
"""Chance in the lab that an object has its class's colour, and likewise that its wall does."""

OBJECT_HUES = 0.03
"""Turns of the colour circle either way that are typical of a class; two classes are 0.1 apart."""

BACKDROP_HUES = 0.05
"""The same for walls."""

BACKDROP = (0.25, 0.45)
"""Saturation of the usual walls, from and to; objects have 0.55 to 0.9."""


def object_hue(label: int) -> float:
    """Return the typical hue of a class, as turns of the colour circle."""
    return label / 10


def backdrop_hue(label: int) -> float:
    """Return the typical hue of the wall behind a class, which is never that of the class."""
    return ((3 * label + 5) % 10) / 10


def backdrop_pattern(label: int) -> int:
    """Return the typical pattern of the wall behind a class; two classes share one."""
    return label % 5
