"""One lamp far away, and light from everywhere: Lambert's law on flat triangles."""

import math
from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats
from underspec.data.synthetic.poses.camera import DISTANCE

__all__ = ["AMBIENT", "Lamp", "away", "on_triangles", "on_wall"]

AMBIENT = 0.5
"""Share of the light that comes from everywhere; it has the lamp's colour, as if thrown back."""


class Lamp(NamedTuple):
    """The lamps, one an instance.

    Attributes:
        direction: to the lamp, of length 1, [instances, 3].
        colour: red, green and blue times the lamp's strength, [instances, 3].
    """

    direction: Floats
    colour: Floats


def on_triangles(corners: Floats, lamp: Lamp) -> Floats:
    """Return the light that each triangle sends back, if it were white.

    Args:
        corners: before the camera, [instances, triangles, 3 corners, 3].
        lamp: of each instance.

    Returns:
        Red, green and blue, [instances, triangles, 3]: the lamp's colour times ``AMBIENT +
        (1 - AMBIENT) max(0, n . l)``, with n the normal on the side that the camera sees.
    """
    a = corners[:, :, 0]
    ux, uy, uz = np.moveaxis(corners[:, :, 1] - a, -1, 0)
    vx, vy, vz = np.moveaxis(corners[:, :, 2] - a, -1, 0)
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    # From the triangle to the camera; the normal is turned to that side.
    towards = -(nx * a[..., 0] + ny * (a[..., 1] + DISTANCE) + nz * a[..., 2])
    long = np.sqrt(nx * nx + ny * ny + nz * nz)
    lx, ly, lz = lamp.direction.T[..., None]
    lit = (nx * lx + ny * ly + nz * lz) * np.where(towards < 0, -1.0, 1.0)
    lit = np.maximum(lit / np.where(long > 0, long, 1.0), 0)
    light: Floats = (AMBIENT + (1 - AMBIENT) * lit)[..., None] * lamp.colour[:, None]
    return light


def on_wall(lamp: Lamp) -> Floats:
    """Return the light that a white wall behind the object, facing the camera, sends back.

    Returns:
        Red, green and blue, [instances, 3].
    """
    lit = np.maximum(-lamp.direction[:, 1], 0)
    return (AMBIENT + (1 - AMBIENT) * lit)[:, None] * lamp.colour


def away(start: tuple[float, float, float], degrees: Floats, about: Floats) -> Floats:
    """Return directions so many degrees from `start`, on the side that `about` says.

    Args:
        start: a direction of length 1, not along the y axis.
        degrees: from it, [instances].
        about: from 0 to 1, the way round it, [instances].

    Returns:
        Directions of length 1, [instances, 3].
    """
    x, y, z = start
    flat = math.hypot(x, z)
    side = (z / flat, 0.0, -x / flat)
    up = (-x * y / flat, flat, -y * z / flat)
    out = []
    for far, way in zip(np.radians(degrees).tolist(), about.tolist(), strict=True):
        c, s = math.cos(far), math.sin(far)
        p, q = s * math.cos(2 * math.pi * way), s * math.sin(2 * math.pi * way)
        out.append([c * m + p * n + q * o for m, n, o in zip(start, side, up, strict=True)])
    return np.asarray(out, dtype=np.float64).reshape(-1, 3)
