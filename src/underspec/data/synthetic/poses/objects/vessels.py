"""Mug, bottle, bowl and teapot."""

import math

import numpy as np

from underspec.core.records import Floats
from underspec.data.synthetic.poses.mesh import Mesh, column, joined, revolve, tube
from underspec.data.synthetic.poses.objects.parts import BODY, DARK, LIGHT, between

__all__ = ["bottle", "bowl", "mug", "teapot"]


def _arc(x: Floats, z: Floats, wide: Floats, high: Floats, points: int = 7) -> Floats:
    """Return half an ellipse in the x-z plane, open to the left, [instances, points, 3]."""
    turn = [math.pi * (0.5 - k / (points - 1)) for k in range(points)]
    xs = column([x + wide * math.cos(t) for t in turn])
    zs = column([z + high * math.sin(t) for t in turn])
    return np.stack([xs, np.zeros_like(xs), zs], axis=-1)


def _even(radius: Floats, points: int) -> Floats:
    return column([radius] * points)


def mug(draws: Floats) -> Mesh:
    """Return a cup with an ear to the right."""
    high, foot, ear, thick, tall = between(
        draws, (1.6, 2.4), (0.8, 1.05), (0.5, 0.8), (0.13, 0.2), (0.32, 0.42)
    )
    outside = revolve([0, foot, 1, 0.9], [0, 0, high, high], part=BODY)
    inside = revolve([0.9, 0.85 * foot, 0], [high, 0.12 * high, 0.12 * high], part=LIGHT)
    path = _arc((1 + foot) / 2 - 0.08, 0.52 * high, ear, tall * high)
    return joined([outside, inside, tube(path, _even(thick, 7), part=BODY)])


def bottle(draws: Floats) -> Mesh:
    """Return a body, shoulders and a neck, with a label and a cap."""
    high, shoulder, neck, thin, low, wide = between(
        draws, (2.0, 2.8), (0.3, 0.9), (0.7, 1.2), (0.26, 0.36), (0.25, 0.6), (0.7, 1.2)
    )
    top = high + shoulder + neck
    glass = revolve(
        [0, 1, 1, 0.8 + 0.1 * thin, thin, thin],
        [0, 0, high, high + 0.45 * shoulder, high + shoulder, top],
        part=BODY,
    )
    label = revolve([1.03 + 0 * low, 1.03], [low, low + wide], part=LIGHT)
    cap = revolve(
        [1.2 * thin, 1.2 * thin, 0], [top - 0.05, top + 0.28, top + 0.28], sides=10, part=DARK
    )
    return joined([glass, label, cap])


def bowl(draws: Floats) -> Mesh:
    """Return a deep dish, wider than high, on a foot."""
    high, belly, foot, stand = between(draws, (0.75, 1.05), (0.72, 0.88), (0.4, 0.52), (0.08, 0.2))
    outside = revolve(
        [foot, 0.9 * foot, belly, 1, 0.94], [-stand, 0, 0.4 * high, high, high], part=BODY
    )
    inside = revolve(
        [0.94, 0.92 * belly, 0.7 * foot, 0], [high, 0.45 * high, 0.1 * high, 0.1 * high], part=LIGHT
    )
    return joined([outside, inside])


def teapot(draws: Floats) -> Mesh:
    """Return a round pot with the spout to the left and the handle to the right."""
    flat, reach, rise, ear, knob, thick = between(
        draws, (0.78, 1.0), (0.5, 0.75), (0.75, 1.0), (0.45, 0.65), (0.14, 0.22), (0.11, 0.17)
    )
    turn = [math.pi * (k / 7 - 0.5) for k in range(1, 7)]
    pot = revolve(
        [0, *(math.cos(t) for t in turn), 0],
        [-0.9 * flat, *(flat * math.sin(t) for t in turn), flat],
        part=BODY,
    )
    lid = revolve(
        [0.5 * knob, knob, 0.8 * knob, 0],
        [flat - 0.05, flat + knob, flat + 1.7 * knob, flat + 1.9 * knob],
        sides=8,
        part=DARK,
    )
    xs = column([-0.7, -0.85 - 0.35 * reach, -0.85 - 0.6 * reach, -0.85 - reach])
    zs = column([-0.35, -0.1, 0.5 * rise, 0.85 * rise])
    spout = np.stack([xs, np.zeros_like(xs), zs], axis=-1)
    wide = column([0.36 + 0 * reach, 0.24, 0.16, 0.12])
    ear_path = _arc(0.85 + 0 * ear, 0.08 * flat, ear, 0.62 * flat)
    handle = tube(ear_path, _even(thick, 7), part=BODY)
    return joined([pot, lid, tube(spout, wide, part=BODY), handle])
