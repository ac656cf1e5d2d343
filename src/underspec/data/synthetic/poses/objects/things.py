"""Boot, hammer and umbrella."""

import math

import numpy as np

from underspec.core.records import Floats
from underspec.data.synthetic.poses.mesh import Mesh, box, circle, column, joined, loft, tube
from underspec.data.synthetic.poses.objects.parts import BODY, DARK, LIGHT, PLAIN, between

__all__ = ["boot", "hammer", "umbrella"]


def _lying(x: Floats, z: Floats, deep: Floats, high: Floats, sides: int = 10) -> Floats:
    """Return upright rings across the x axis with flat soles, [instances, rings, sides, 3]."""
    around = circle(sides)
    y = deep[:, :, None] * around[:, 0]
    up = z[:, :, None] + high[:, :, None] * np.maximum(around[:, 1], -0.35)
    return np.stack([np.broadcast_to(x[:, :, None], y.shape), y, up], axis=-1)


def boot(draws: Floats) -> Mesh:
    """Return a shaft and a foot that points to the left, on a sole with a heel."""
    tall, wide, toe, cap, heel = between(
        draws, (1.5, 2.2), (0.5, 0.62), (1.5, 1.9), (0.36, 0.5), (0.14, 0.28)
    )
    zero = 0 * tall
    z = column([0.1 + zero, 0.5, 0.9, tall, tall])
    along = column([0.62 + zero, 0.6, wide, 1.1 * wide, 0.85 * wide])
    shaft = np.stack(
        [
            0.08 + along[:, :, None] * circle(12)[:, 0],
            0.85 * along[:, :, None] * circle(12)[:, 1],
            np.broadcast_to(z[:, :, None], (*z.shape, 12)),
        ],
        axis=-1,
    )
    foot = _lying(
        x=column([0.6, 0.2, -0.5 * toe, -0.88 * toe, -toe]),
        z=column([0.25 + zero, 0.25, 0.2, 0.18, 0.14]),
        deep=column([0.4 + zero, 0.5, 0.54, 0.46, 0.25]),
        high=column([0.6 + zero, 0.75, 1.1 * cap + 0.1, 1.05 * cap, 0.6 * cap]),
    )
    sole = box([-toe, -0.5, -0.16], [0.72, 0.5, 0.06], DARK)
    block = box([0.2, -0.45, -0.16 - heel], [0.7, 0.45, -0.16], DARK)
    down = np.array([0.01, 0.5])[:, None, None] * np.array([0.0, 0.0, 1.0])
    lining = shaft[:, -1:] * np.array([0.9, 0.9, 1.0]) - down
    return joined([loft(shaft, BODY), loft(lining, DARK), loft(foot, BODY), sole, block])


def hammer(draws: Floats) -> Mesh:
    """Return an upright handle under a head with its face to the left and its claw to the right."""
    long, thick, head, claw, drop, face = between(
        draws, (2.4, 3.2), (0.14, 0.2), (0.75, 0.95), (0.9, 1.2), (0.25, 0.5), (0.28, 0.36)
    )
    zero = 0 * long
    grip = np.stack([column([zero, 0, 0, 0]), column([zero, 0, 0, 0])], axis=-1)
    grip = np.concatenate([grip, column([zero, 0.45 * long, 0.5 * long, long])[..., None]], axis=-1)
    handle = tube(grip, column([1.35 * thick, 1.2 * thick, thick, 0.9 * thick]), 8, BODY)
    xs = column([-head, -head + 0.3, -head + 0.32, 0.25])
    neck = np.stack([xs, 0 * xs, 0 * xs + long[:, None]], axis=-1)
    block = tube(neck, column([face, face, 0.7 * face, 0.75 * face]), 8, PLAIN)
    xs = column([0.2, 0.2 + 0.35 * claw, 0.2 + 0.7 * claw, 0.2 + claw])
    zs = column([long, long + 0.02, long - 0.35 * drop, long - drop])
    deep, high = column([0.22 + zero, 0.24, 0.24, 0.2]), column([0.24 + zero, 0.2, 0.12, 0.04])
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    y = deep[:, :, None] * corner[:, 0]
    z = zs[:, :, None] + high[:, :, None] * corner[:, 1]
    rings = np.stack([np.broadcast_to(xs[:, :, None], y.shape), y, z], axis=-1)
    return joined([handle, block, loft(rings, PLAIN, caps=True)])


def umbrella(draws: Floats) -> Mesh:
    """Return an open canopy of eight panels on a stick with a crook to the left."""
    high, stick, crook, scallop = between(
        draws, (0.6, 0.95), (1.3, 1.8), (0.22, 0.34), (0.06, 0.14)
    )
    ribs = 8
    turn = [2 * math.pi * (k / (2 * ribs)) for k in range(2 * ribs)]
    rings = []
    for reach, drop in ((0.02, 0.0), (0.4, 0.13), (0.75, 0.48), (1.0, 1.0)):
        # Between two ribs the cloth is drawn in and ends higher.
        dip = [scallop * reach * (k % 2) for k in range(2 * ribs)]
        x = column([reach * 1.35 * (1 - d) * math.cos(t) for d, t in zip(dip, turn, strict=True)])
        y = column([reach * 1.35 * (1 - d) * math.sin(t) for d, t in zip(dip, turn, strict=True)])
        z = column([-drop * high + 0.8 * d * high for d in dip])
        rings.append(np.stack([x, y, z], axis=-1))
    cloth = loft(np.stack(rings, axis=1), BODY)
    panel = (np.arange(len(cloth.faces)) % (2 * ribs)) // 2 % 2
    cloth = Mesh(cloth.vertices, cloth.faces, np.where(panel == 1, LIGHT, BODY))
    bend = [math.pi * k / 4 for k in range(5)]
    xs = column([0 * crook, 0, *(-crook * (1 - math.cos(b)) for b in bend[1:])])
    zs = column([0.15 + 0 * crook, -stick, *(-stick - crook * math.sin(b) for b in bend[1:])])
    path = np.stack([xs, np.zeros_like(xs), zs], axis=-1)
    return joined([cloth, tube(path, 0.06 + 0 * xs, part=DARK)])
