"""Parametric triangle meshes, many instances of one shape at a time.

Axes: x to the right, y away from the viewer, z up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["Mesh", "box", "circle", "column", "joined", "loft", "revolve", "tube"]

_UNIT_BOX = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)
_BOX_FACES = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)],
    dtype=np.intp,
)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Instances that share their triangles and differ in where the corners are.

    Attributes:
        vertices: [instances, vertices, 3].
        faces: corners of each triangle, [triangles, 3]; seen from either side.
        parts: what each triangle belongs to, [triangles], for its colour.
    """

    vertices: Floats
    faces: NDArray[np.intp]
    parts: NDArray[np.intp]

    def centred(self) -> "Mesh":
        """Return the mesh with its bounding box about the origin and its farthest corner at 1."""
        low, high = (f(self.vertices, axis=1, keepdims=True) for f in (np.min, np.max))
        vertices = self.vertices - (low + high) / 2
        x, y, z = np.moveaxis(vertices, -1, 0)
        far = np.sqrt((x * x + y * y + z * z).max(axis=1))
        return replace(self, vertices=vertices / far[:, None, None])


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Return one mesh of several, instance by instance."""
    starts = np.cumsum([0, *(mesh.vertices.shape[1] for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes], axis=1),
        np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=True)]),
        np.concatenate([mesh.parts for mesh in meshes]),
    )


def _from_quads(vertices: Floats, quads: NDArray[np.intp], part: int) -> Mesh:
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(vertices, faces, np.full(len(faces), part, dtype=np.intp))


def box(low: Sequence[object], high: Sequence[object], part: int = 0) -> Mesh:
    """Return boxes along the axes.

    Args:
        low: the least x, y and z, each a number or one an instance; at least one is an array.
        high: the largest.
        part: what the triangles belong to.
    """
    ends = np.broadcast_arrays(*(np.asarray(end, dtype=np.float64) for end in (*low, *high)))
    least, most = np.stack(ends[:3], axis=-1), np.stack(ends[3:], axis=-1)
    vertices = least[:, None] + _UNIT_BOX * (most - least)[:, None]
    return _from_quads(vertices, _BOX_FACES, part)


def loft(rings: Floats, part: int = 0, *, caps: bool = False) -> Mesh:
    """Return the surface through closed rings of corners.

    Args:
        rings: [instances, rings, corners, 3].
        part: what the triangles belong to.
        caps: close the first and the last ring, which must be convex and flat.
    """
    n, count, sides, _ = rings.shape
    at = np.arange(count * sides).reshape(count, sides)
    on = np.roll(at, -1, axis=1)
    quads = np.stack([at[:-1], on[:-1], on[1:], at[1:]], axis=-1).reshape(-1, 4)
    mesh = _from_quads(rings.reshape(n, -1, 3), quads, part)
    if not caps:
        return mesh
    fan = np.array([(0, k, k + 1) for k in range(1, sides - 1)], dtype=np.intp)
    faces = np.concatenate([mesh.faces, fan, fan + (count - 1) * sides])
    return replace(mesh, faces=faces, parts=np.full(len(faces), part, dtype=np.intp))


def circle(sides: int) -> Floats:
    """Return corners of a regular polygon in the unit circle, [sides, 2]."""
    turn = np.arange(sides) * (2 * np.pi / sides)
    return np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def column(values: Sequence[object]) -> Floats:
    """Return numbers or arrays [instances] as one array [instances, len(values)]."""
    return np.stack(np.broadcast_arrays(*(np.asarray(v, np.float64) for v in values)), axis=-1)


def revolve(
    radii: Sequence[object], heights: Sequence[object], sides: int = 14, part: int = 0
) -> Mesh:
    """Return a profile turned about the z axis; a radius of 0 closes it.

    Args:
        radii: of each ring, each a number or one an instance; at least one is an array.
        heights: of each ring, likewise.
        sides: corners of a ring.
        part: what the triangles belong to.
    """
    r, z = np.broadcast_arrays(column(radii), column(heights))
    if r.ndim == 1:
        r, z = r[None], z[None]
    flat = r[:, :, None, None] * circle(sides)
    up = np.broadcast_to(z[:, :, None, None], (*flat.shape[:3], 1))
    return loft(np.concatenate([flat, up], axis=-1), part)


def tube(path: Floats, radius: Floats, sides: int = 6, part: int = 0) -> Mesh:
    """Return a round bar along a path that does not run along the y axis, with flat ends.

    Args:
        path: [instances, points, 3].
        radius: [instances, points].
        sides: corners of a cross-section.
        part: what the triangles belong to.
    """
    along = np.empty_like(path)
    along[:, 1:-1] = path[:, 2:] - path[:, :-2]
    along[:, 0], along[:, -1] = path[:, 1] - path[:, 0], path[:, -1] - path[:, -2]
    tx, ty, tz = np.moveaxis(along, -1, 0)
    # Across: at right angles to the path and to y; then at right angles to both.
    across = np.stack([-tz, np.zeros_like(ty), tx], axis=-1)
    across /= np.sqrt(tx * tx + tz * tz)[..., None]
    long = np.sqrt(tx * tx + ty * ty + tz * tz)
    ax, _, az = np.moveaxis(across, -1, 0)
    other = np.stack([ty * az, tz * ax - tx * az, -ty * ax], axis=-1) / long[..., None]
    ring = circle(sides)[:, :, None]
    around = across[:, :, None] * ring[:, 0] + other[:, :, None] * ring[:, 1]
    return loft(path[:, :, None] + around * radius[:, :, None, None], part, caps=True)
