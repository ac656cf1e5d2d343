"""The ground of an eye: what share of light it gives back, with disc, macula, vessels and lesions."""

import numpy as np

from underspec.core.records import Floats
from underspec.data.synthetic.fundus import lesions, vessels
from underspec.data.synthetic.fundus.people import Photographs
from underspec.data.synthetic.fundus.splat import splat

__all__ = ["retinas"]

# Red, green and blue given back.
_GROUND = (0.60, 0.190, 0.055)  # by a middling retina
_DISC = (0.92, 0.66, 0.36)
_CUP = (0.98, 0.82, 0.56)
_PALE = (0.92, 0.78, 0.40)  # by exudates and cotton wool
# How strongly each is taken up, in quarters: whole numbers, so that one exponential does for all.
_BLOOD = (1, 4, 3)
_PIGMENT = (2, 4, 5)  # melanin, and the macula's own
_SMOOTH = 4
_STREAKS = 5


def retinas(some: Photographs, side: int) -> Floats:
    """Return the light that retinas give back, 0 to 1, float64 [photographs, 3, side, side]."""
    n = len(some)
    body, eye = some.body, some.eye
    line = (np.arange(side) + 0.5) * 2 / side - 1
    # Where the eye looked moves all of it; the macula is near the middle.
    macula = np.stack([-0.22 + 0.16 * (eye[:, 0] - 0.5), 0.03 + 0.16 * (eye[:, 1] - 0.5)], axis=1)
    disc = macula + np.stack([0.66 + 0.06 * eye[:, 2], -0.06 + 0.06 * (eye[:, 3] - 0.5)], axis=1)
    size = 0.125 + 0.03 * eye[:, 4]

    dark = 0.55 * (body[:, 5] - 0.5)[:, None, None] + _choroid(eye, body[:, 5], line)
    dark += (0.34 + 0.3 * eye[:, 5])[:, None, None] * _bump(macula, 0.15 + 0.05 * eye[:, 6], line)
    dimmed = np.exp(-dark / 4)
    out = np.empty((n, 3, side, side))
    for at, (ground, power) in enumerate(zip(_GROUND, _PIGMENT, strict=True)):
        out[:, at] = ground * dimmed**power
    out[:, 1] *= (0.88 + 0.24 * body[:, 6])[:, None, None]

    far = _distance(disc, size * (0.85 + 0.2 * eye[:, 7]), size, line)
    _cover(out, _edge(far, 1.0, 0.10) * (0.75 + 0.25 * body[:, 7])[:, None, None], _DISC)
    _cover(out, 0.8 * _edge(far, 0.30 + 0.35 * body[:, 8], 0.14), _CUP)

    found = lesions.spots(some.spots, some.grade, body[:, 4], macula)
    pale, blood = np.zeros((n, side, side)), np.zeros((n, side, side))
    for layer, own in ((pale, found.pale), (blood, ~found.pale)):
        part = found.only(own)
        splat(layer, part.eye, part.x, part.y, part.spread, part.amount, lesions.REACH)
    tree = vessels.vessels(some.tree, disc, side)
    which = np.repeat(np.arange(n), tree.x.shape[1])
    x, y, spread, amount = (column.ravel() for column in tree)
    splat(blood, which, x, y, spread, amount, vessels.REACH)
    _cover(out, 1 - np.exp(-pale), _PALE)
    passed = np.exp(-blood / 4)
    for at, power in enumerate(_BLOOD):
        out[:, at] *= passed**power
    out[some.left] = out[some.left][..., ::-1]
    return out


def _cover(out: Floats, share: Floats, colour: tuple[float, ...]) -> None:
    for at, value in enumerate(colour):
        out[:, at] += share * (value - out[:, at])


def _bump(middle: Floats, spread: Floats, line: Floats) -> Floats:
    down, across = (
        np.exp(-0.5 * ((line - middle[:, axis : axis + 1]) / spread[:, None]) ** 2)
        for axis in (1, 0)
    )
    return down[:, :, None] * across[:, None, :]


def _distance(middle: Floats, wide: Floats, high: Floats, line: Floats) -> Floats:
    across, down = (
        ((line - middle[:, axis : axis + 1]) / radius[:, None]) ** 2
        for axis, radius in ((0, wide), (1, high))
    )
    return np.sqrt(down[:, :, None] + across[:, None, :])


def _edge(far: Floats, where: Floats | float, soft: float) -> Floats:
    at = where if isinstance(where, float) else where[:, None, None]
    inside: Floats = 1 / (1 + np.exp(((far - at) / soft).clip(-30, 30)))
    return inside


def _choroid(eye: Floats, pigment: Floats, line: Floats) -> Floats:
    """Slow changes of colour, and the choroid's streaks, which show in the pigmented."""
    out = np.zeros((len(eye), len(line), len(line)))
    start = 8
    kinds = (
        (_SMOOTH, 0.4, 1.4, np.full(len(eye), 0.09)),
        (_STREAKS, 3.0, 8.0, 0.012 + 0.05 * pigment**2),
    )
    for count, low, high, size in kinds:
        for _ in range(count):
            angle, often, phase, strength = eye[:, start : start + 4].T
            start += 4
            often = np.pi * (low + (high - low) * often)
            across = (often * np.cos(np.pi * angle))[:, None] * line + 2 * np.pi * phase[:, None]
            down = (often * np.sin(np.pi * angle))[:, None] * line
            height = (size * (0.4 + strength))[:, None]
            # cos(a + b), as two products of a row and a column.
            rows = np.stack([np.cos(down) * height, np.sin(down) * height], axis=2)
            out += rows @ np.stack([np.cos(across), -np.sin(across)], axis=1)
    return out
