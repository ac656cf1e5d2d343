"""The tree of vessels: arteries and veins that leave the disc, their branches and the branches' own."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from underspec.core.records import Floats

__all__ = ["DRAWS", "REACH", "Dots", "vessels"]

_BRANCHES = 3
_TWIGS = 3
_MAIN = 6  # draws of a main vessel
_SIDE = 4  # draws of a branch or a twig
DRAWS = 8 * (_MAIN + _SIDE * (_BRANCHES + _TWIGS))

# Where main vessels go from the disc of a right eye, in half-fields: by way of, to.
# Temporal ones (towards negative x) bend around the macula; y is down.
_WAYS = np.array(
    [
        [[0.05, -0.62], [-0.95, -0.62]],
        [[-0.02, -0.48], [-0.85, -0.40]],
        [[0.05, 0.62], [-0.95, 0.62]],
        [[-0.02, 0.48], [-0.85, 0.40]],
        [[0.25, -0.32], [0.62, -0.72]],
        [[0.20, -0.22], [0.68, -0.42]],
        [[0.25, 0.32], [0.62, 0.72]],
        [[0.20, 0.22], [0.68, 0.42]],
    ]
)
_WIDE = np.array([0.042, 0.030] * 4)  # veins and arteries in turn, at the disc
_DARK = np.array([0.95, 0.62] * 4)
REACH = 0.042 / 2
"""Spread of the widest dot."""

# From places along curves, [..., t] from 0 to 1, to points [..., t, 2].
_Curve: TypeAlias = Callable[[Floats], Floats]


class Dots(NamedTuple):
    """Points along vessels, in the order of the eyes.

    Attributes:
        x: [eyes, points].
        y: [eyes, points].
        spread: half of the vessel's width there, [eyes, points].
        amount: optical density times area that the point stands for, [eyes, points].
    """

    x: Floats
    y: Floats
    spread: Floats
    amount: Floats


def vessels(draws: Floats, disc: Floats, side: int) -> Dots:
    """Return the vessels of right eyes as points, about one a pixel.

    Args:
        draws: from 0 to 1, [eyes, DRAWS].
        disc: x and y of the disc's middle, [eyes, 2].
        side: of the picture, in pixels.
    """
    n = len(draws)
    mains = draws[:, : 8 * _MAIN].reshape(n, 8, _MAIN)
    rest = draws[:, 8 * _MAIN :].reshape(n, 8, _BRANCHES + _TWIGS, _SIDE)
    start = disc[:, None, :]
    via = start + _WAYS[:, 0] + 0.22 * (mains[..., 0:2] - 0.5)
    end = start + _WAYS[:, 1] + 0.40 * (mains[..., 2:4] - 0.5)
    wide = np.broadcast_to(_WIDE, (n, 8))
    dark = np.broadcast_to(_DARK, (n, 8))

    def main(t: Floats) -> Floats:
        """Points [eyes, 8, t, 2] of a quadratic curve with a slow wave across it."""
        u = t[..., None]
        flat = (1 - u) ** 2 * start[:, :, None] + 2 * u * (1 - u) * via[:, :, None] + u**2 * end[:, :, None]  # fmt: skip
        wave = 0.02 * np.sin(2 * np.pi * (t * (1.5 + 2 * mains[..., 4:5]) + mains[..., 5:6])) * t
        along = end - start
        across = np.stack([-along[..., 1], along[..., 0]], axis=-1)[:, :, None]
        curved: Floats = flat + wave[..., None] * across
        return curved

    parts = [_drawn(main, 40, side, wide, 0.35, dark)]
    forks = rest[:, :, :_BRANCHES]
    at = 0.15 + 0.75 * (np.arange(_BRANCHES) + forks[..., 0]) / _BRANCHES
    width = 0.62 * wide[..., None] * (1 - 0.6 * at)
    branch = _off(main(at), main(at + 0.02), forks, 0.55)
    deep = np.broadcast_to(dark[..., None], width.shape)
    parts.append(_drawn(branch, 16, side, width, 0.5, 0.85 * deep))
    twigs = rest[:, :, _BRANCHES:]
    on = 0.3 + 0.6 * twigs[..., 0:1]
    twig = _off(branch(on)[..., 0, :], branch(on + 0.02)[..., 0, :], twigs, 0.30)
    parts.append(_drawn(twig, 8, side, 0.7 * width, 0.5, 0.7 * deep))
    return Dots(*(np.concatenate(column, axis=1) for column in zip(*parts, strict=True)))


def _off(at: Floats, ahead: Floats, draws: Floats, length: float) -> _Curve:
    """Return curves that leave others, to either side.

    Args:
        at: where they leave, [..., 2].
        ahead: the next point of those they leave.
        draws: from 0 to 1, [..., 4].
        length: of the longest, over 1.5.
    """
    course = ahead - at
    course = course / np.sqrt((course**2).sum(axis=-1, keepdims=True))
    turn = np.where(draws[..., 1] < 0.5, -1, 1) * np.radians(30 + 35 * draws[..., 2])
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    x, y = course[..., :1], course[..., 1:]
    course = np.concatenate([x * cos - y * sin, x * sin + y * cos], axis=-1)
    across = np.concatenate([-course[..., 1:], course[..., :1]], axis=-1)
    bend = (draws[..., 3:] - 0.5) - 0.5 * np.sign(turn)[..., None]
    size = length * (0.5 + draws[..., 3:])

    def curve(t: Floats) -> Floats:
        u = t[..., None]
        ahead = u * course[..., None, :] + 0.6 * u**2 * (bend * across)[..., None, :]
        made: Floats = at[..., None, :] + size[..., None, :] * ahead
        return made

    return curve


def _drawn(
    curve: _Curve, points: int, side: int, wide: Floats, taper: float, dark: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the points of curves, as many a curve as its kind's usual length has pixels."""
    shape = wide.shape
    count = max(2, round(points * side / 64))
    t = np.broadcast_to((np.arange(count) + 0.5) / count, (*shape, count))
    made = curve(t)
    step = np.sqrt((np.diff(made, axis=-2) ** 2).sum(axis=-1))
    step = np.concatenate([step[..., :1], step], axis=-1)
    width = wide[..., None] * (1 - taper * t)
    flat = (shape[0], -1)
    return (
        made[..., 0].reshape(flat),
        made[..., 1].reshape(flat),
        (width / 2).reshape(flat),
        (dark[..., None] * width * step).reshape(flat),
    )
