"""Pictures of scenes: mesh, turn, light, z-buffer, wall, pixels."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.data.synthetic.poses.camera import Turn, project, turned
from underspec.data.synthetic.poses.colour import rgb
from underspec.data.synthetic.poses.factors import lamps, turns, walls
from underspec.data.synthetic.poses.habits import OBJECT_HUES, TYPICAL, object_hue
from underspec.data.synthetic.poses.light import Lamp, on_triangles, on_wall
from underspec.data.synthetic.poses.mesh import Mesh
from underspec.data.synthetic.poses.objects import CLASSES, OBJECTS
from underspec.data.synthetic.poses.raster import nearest
from underspec.data.synthetic.poses.scenes import Scenes
from underspec.data.synthetic.poses.wall import painted

__all__ = ["colours", "drawn", "pictures"]

_SAMPLES = 2
"""Samples a pixel, each way: the mean of four is the pixel."""

_AT_A_TIME = 64 * 32 * 32
"""Pixels worked on at once; they are four times as many samples."""


def colours(scenes: Scenes) -> Floats:
    """Return the colour of each part of the objects, [scenes, 4 parts, 3]."""
    look = scenes.look
    typical = look[:, 0] < TYPICAL * scenes.dial
    usual = np.array([object_hue(label) for label in range(len(CLASSES))])[scenes.labels]
    hue = np.where(typical, usual + OBJECT_HUES * (2 * look[:, 1] - 1), look[:, 1])
    saturation, value = 0.55 + 0.35 * look[:, 2], 0.6 + 0.35 * look[:, 3]
    none = np.zeros(len(scenes))
    return np.stack(
        [
            rgb(hue, saturation, value),
            rgb(hue, 0.4 * saturation, 0.95 + none),
            rgb(none, none, 0.12 + 0.12 * look[:, 4]),
            rgb(0.09 + none, 0.45 * look[:, 4], 0.45 + 0.25 * look[:, 5]),
        ],
        axis=1,
    )


def drawn(mesh: Mesh, turn: Turn, lamp: Lamp, paint: Floats, side: int) -> NDArray[np.float32]:
    """Return objects without a background.

    Args:
        mesh: as many instances as there are pictures, each within the unit ball.
        turn: of each.
        lamp: of each.
        paint: colour of each part, [pictures, parts, 3].
        side: pixels a side.

    Returns:
        Red, green and blue times the share of the pixel that is covered, and this share,
        [pictures, side, side, 4].
    """
    n, triangles = len(mesh.vertices), len(mesh.faces)
    points = turned(mesh.vertices, turn)
    seen = project(points)
    light = on_triangles(points[:, mesh.faces], lamp)
    fine = side * _SAMPLES
    found = nearest(
        seen.flat[:, mesh.faces].reshape(-1, 3, 2) * fine,
        seen.closeness[:, mesh.faces].reshape(-1, 3),
        np.repeat(np.arange(n), triangles),
        n,
        fine,
    )
    # One row more than there are triangles, of nothing: a sample that sees none has number -1.
    shade = np.zeros((n * triangles + 1, 4), dtype=np.float32)
    shade[:-1, :3] = np.minimum(light * paint[:, mesh.parts], 1).reshape(-1, 3)
    shade[:-1, 3] = 1
    fine_picture = shade[found]
    rows = fine_picture[:, 0::2] + fine_picture[:, 1::2]
    picture: NDArray[np.float32] = (rows[:, :, 0::2] + rows[:, :, 1::2]) * np.float32(0.25)
    return picture


def pictures(scenes: Scenes, side: int) -> NDArray[np.uint8]:
    """Return the scenes as pictures, uint8 [scenes, side, side, 3]; each hangs on its scene alone."""
    out = np.empty((len(scenes), side, side, 3), dtype=np.uint8)
    each = max(1, _AT_A_TIME // side**2)
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero(scenes.labels == code)
        for start in range(0, len(rows), each):
            some = rows[start : start + each]
            out[some] = _pictures(scenes.take(some), name, side)
    return out


def _pictures(scenes: Scenes, name: str, side: int) -> NDArray[np.uint8]:
    mesh = OBJECTS[name](scenes.shape).centred()
    lamp = lamps(scenes)
    layers = drawn(mesh, turns(scenes), lamp, colours(scenes), side)
    behind = painted(walls(scenes), side)
    behind *= on_wall(lamp)[:, None, None].astype(np.float32)
    whole = layers[..., :3] + (1 - layers[..., 3:]) * np.minimum(behind, 1)
    levels: NDArray[np.uint8] = np.rint(whole * 255).astype(np.uint8)
    return levels
