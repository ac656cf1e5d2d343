"""Outline, surface and colours of lesions: how much light each pixel loses to them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.data.synthetic.lesion.habits import Look
from underspec.data.synthetic.lesion.scenes import Scenes

__all__ = ["Frame", "absorbed", "frame", "smooth"]

F = NDArray[np.float32]

_BROWN = np.array([0.62, 0.93, 1.12], dtype=np.float32)
_RED = np.array([0.06, 0.62, 0.55], dtype=np.float32)
_BLACK = np.array([0.85, 0.92, 0.95], dtype=np.float32)
_VIOLET = np.array([0.38, 0.62, 0.36], dtype=np.float32)
_GREY_BLUE = np.array([0.95, 0.60, 0.25], dtype=np.float32)
_PALE = np.array([0.22, 0.20, 0.18], dtype=np.float32)

_LOW = (2, 3)
_HIGH = (5, 6, 7, 9)
_PATCHES, _DOTS, _VESSELS = 5, 9, 4


class Frame(NamedTuple):
    """Where each pixel is as seen from the lesion.

    Attributes:
        x: along the lesion, in sides of the picture, [photographs, side, side].
        y: across it.
        within: 1 inside the outline, 0 outside, and between at its edge.
        depth: 1 in the middle, 0 at the outline, below outside.
    """

    x: F
    y: F
    within: F
    depth: F


def smooth(share: F) -> F:
    """Return a smooth step from 0 to 1."""
    held = np.clip(share, 0, 1)
    step: F = held * held * (3 - 2 * held)
    return step


def _drawn(scenes: Scenes, start: int, count: int = 1) -> F:
    """Return draws of the lesion, [count, photographs, 1, 1]."""
    return scenes.lesion[:, start : start + count].T[..., None, None].astype(np.float32)


def _look(scenes: Scenes, name: str) -> F:
    return scenes.look[:, Look._fields.index(name), None, None].astype(np.float32)


def frame(scenes: Scenes, side: int) -> Frame:
    """Return the outlines of lesions as they lie in their photographs."""
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    photograph = scenes.photograph[:, :8].T[..., None, None].astype(np.float32)
    x = at[None, None, :] - 0.5 - 0.14 * (photograph[2] - 0.5)
    y = at[None, :, None] - 0.5 - 0.14 * (photograph[3] - 0.5)
    # Photographs of one lesion differ by a sixth of a turn at most, and by how near they are.
    turn = 2 * np.pi * (_drawn(scenes, 20)[0] + (photograph[4] - 0.5) / 6)
    near = 0.85 + 0.3 * photograph[5]
    cos, sin = np.cos(turn) / near, np.sin(turn) / near
    along, across = x * cos + y * sin, y * cos - x * sin
    longer = np.sqrt(1 + _look(scenes, "stretch"))
    far = np.sqrt((along / longer) ** 2 + (across * longer) ** 2) + np.float32(1e-6)
    # Powers of the unit number in the pixel's direction are the waves round the outline.
    unit = (along / longer + 1j * (across * longer)) / far
    waves = np.zeros_like(far)
    power = unit
    for k in range(2, max(_HIGH) + 1):
        power = power * unit
        if k not in (*_LOW, *_HIGH):
            continue
        name, share = ("skew", 1.0) if k in _LOW else ("jag", 0.8)
        phase = 2 * np.pi * _drawn(scenes, 20 + k)[0]
        size = share * (0.6 + 0.8 * _drawn(scenes, 29 + k)[0])
        waves += (
            _look(scenes, name) * size * (power.real * np.cos(phase) + power.imag * np.sin(phase))
        )
    lean = _look(scenes, "skew") * (unit.real * np.float32(0.8))
    edge = _look(scenes, "radius") * np.maximum(1 + waves + lean, 0.35)
    depth = 1 - far / edge
    # A pixel is half a step at least, so that no edge is jagged.
    soft = np.maximum(_look(scenes, "soft"), np.float32(1.2 / side) / _look(scenes, "radius"))
    return Frame(along, across, smooth(depth / soft + np.float32(0.5)), depth)


def _spot(where: Frame, radius: F, at: tuple[F, F], size: F | float) -> F:
    """Return a round spot that is 1 in its middle, at a place in radii of the lesion."""
    dx, dy = where.x - at[0] * radius, where.y - at[1] * radius
    gone: F = np.maximum(1 - (dx * dx + dy * dy) / (size * radius) ** 2, 0)
    return gone * gone


def absorbed(scenes: Scenes, where: Frame, rough: F) -> F:
    """Return the depth of colour of the lesions: light is `exp` of its negative.

    Args:
        scenes: what is in the photographs.
        where: the pixels.
        rough: an uneven field about 0, of standard deviation 1, [photographs, side, side].

    Returns:
        Depth in red, green and blue, [photographs, side, side, 3].
    """
    radius = _look(scenes, "radius")
    patchy = np.zeros_like(where.x)
    for k in range(_PATCHES):
        a, b, c, d = _drawn(scenes, 40 + 4 * k, 4)
        sign = 2 * (d > 0.4) - np.float32(1)
        patchy += sign * _spot(where, radius, (1.5 * a - 0.75, 1.5 * b - 0.75), 0.35 + 0.4 * c)
    rim = np.float32(0.25) * (1 - smooth(where.depth * 2))
    uneven = _look(scenes, "patchy") * (0.85 * patchy + 0.22 * rough) - rim
    brown = _look(scenes, "pigment") * np.maximum(1 + uneven, 0.08)
    dots = np.zeros_like(where.x)
    for k in range(_DOTS):
        a, b = _drawn(scenes, 60 + 2 * k, 2)
        sign = np.float32(1.0 if k % 2 else -0.75)
        dots += sign * _spot(where, radius, (1.5 * a - 0.75, 1.5 * b - 0.75), 0.16)
    brown = np.maximum(brown + _look(scenes, "dots") * (0.75 * dots + 0.16 * rough), 0)
    middle = _spot(where, radius, (_drawn(scenes, 78)[0] * 0.3 - 0.15,) * 2, 0.75)
    scar = _look(scenes, "scar") * middle
    brown = brown * (1 - np.minimum(scar, 1) * 0.85)
    red = _look(scenes, "red") * (1 + 0.2 * rough)
    vessels = np.zeros_like(where.x)
    for k in range(_VESSELS):
        a, b, c = _drawn(scenes, 80 + 3 * k, 3)
        cos, sin = np.cos(2 * np.pi * a), np.sin(2 * np.pi * a)
        along, across = where.x * cos + where.y * sin, where.y * cos - where.x * sin
        off = across - radius * (b - 0.5) - (6 * c - 3) * along * along
        vessels = np.maximum(vessels, 1 - np.abs(off) / np.float32(0.014))
    red = red + _look(scenes, "vessels") * 0.9 * vessels
    a, b, c = _drawn(scenes, 92, 3)
    blue = _look(scenes, "blue") * _spot(where, radius, (a - 0.5, b - 0.5), 0.5 + 0.35 * c)
    shine = _look(scenes, "shine") * _spot(where, radius, (b - 0.5, c - 0.5), 0.4)
    pale = 1.1 * scar + 0.9 * shine
    veil = scenes.veil[:, None, None, None].astype(np.float32)
    depth = (
        brown[..., None] * (_BROWN + veil * (_BLACK - _BROWN))
        + red[..., None] * (_RED + veil * (_VIOLET - _RED))
        + blue[..., None] * _GREY_BLUE
        - pale[..., None] * _PALE
    )
    depth *= (1 - np.float32(0.25) * veil) * where.within[..., None]
    whole: F = depth
    return whole
