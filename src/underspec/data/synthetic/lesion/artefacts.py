"""What else is in a photograph: hairs, a ruler, uneven light, the camera."""

import numpy as np
from numpy.typing import NDArray

from underspec.data.synthetic.lesion.habits import SKIN_TONES
from underspec.data.synthetic.lesion.scenes import Scenes

__all__ = ["haired", "lit", "ruled"]

F = NDArray[np.float32]

_AVERAGE = 0.72
_HAIRS = 10
_HAIR = np.array([0.16, 0.11, 0.08], dtype=np.float32)
_PAPER = np.array([0.93, 0.92, 0.88], dtype=np.float32)
_INK = np.array([0.12, 0.12, 0.14], dtype=np.float32)
_PITCH = 0.052
"""Between the marks of a ruler, in sides of the picture; a millimetre, say."""


def _drawn(scenes: Scenes, start: int, count: int = 1) -> F:
    return scenes.photograph[:, start : start + count].T[..., None, None].astype(np.float32)


def _places(side: int) -> tuple[F, F]:
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side) - np.float32(0.5)
    return at[None, None, :], at[None, :, None]


def haired(picture: F, scenes: Scenes) -> None:
    """Draw hairs over the pictures that have them, in place."""
    rows = np.flatnonzero(scenes.hair)
    some, side = scenes.take(rows), picture.shape[1]
    x, y = _places(side)
    cover = np.zeros((len(rows), side, side), dtype=np.float32)
    main = 2 * np.pi * _drawn(some, 10)[0]
    count = 4 + 6 * _drawn(some, 11)[0]
    for k in range(_HAIRS):
        a, b, c, d = _drawn(some, 20 + 4 * k, 4)
        turn = main + 1.1 * (a - 0.5)
        cos, sin = np.cos(turn), np.sin(turn)
        along, across = x * cos + y * sin, y * cos - x * sin
        off = np.abs(across - (b - 0.5) - (1.6 * c - 0.8) * along * along)
        half = np.float32(0.008) + np.float32(0.006) * d
        stroke = np.clip(1.2 - off / half, 0, 1) * (
            np.abs(along - 0.6 * (d - 0.5)) < 0.25 + 0.2 * c
        )
        cover = np.maximum(cover, stroke * (k < count))
    shade = _HAIR + 0.28 * _drawn(some, 12)[0][..., None] ** 3
    picture[rows] += (0.85 * cover)[..., None] * (shade - picture[rows])


def ruled(picture: F, scenes: Scenes) -> None:
    """Lay a ruler along one side of the pictures that have one, in place: paper, or marks alone."""
    rows = np.flatnonzero(scenes.ruler)
    some, side = scenes.take(rows), picture.shape[1]
    x, y = _places(side)
    a, b, c, d, e, f = _drawn(some, 62, 6)
    turn = np.pi / 2 * np.floor(4 * a) + 0.25 * (b - 0.5)
    cos, sin = np.cos(turn), np.sin(turn)
    along, across = x * cos + y * sin, y * cos - x * sin
    into = across - (np.float32(0.30) + np.float32(0.09) * c)
    phase = along / _PITCH + 10 * d
    long = np.abs((phase + 0.5) % 5 - 0.5) < 0.5
    mark = np.clip(1.4 - np.abs(phase % 1 - 0.5) * _PITCH * 2 / np.float32(0.014), 0, 1)
    mark *= (into > 0) & (into < np.where(long, 0.085, 0.05))
    paper = (into > -0.01) * np.where(e < 0.6, np.float32(0.9), np.float32(0.0))
    bright = (0.75 + 0.25 * f)[..., None]
    picture[rows] += paper[..., None] * (_PAPER * bright - picture[rows])
    picture[rows] += (0.85 * mark)[..., None] * (_INK - picture[rows])


def lit(picture: F, scenes: Scenes, grain: F) -> None:
    """Put light and camera on the pictures, in place: a fall-off, a slope, exposure, white, grain."""
    x, y = _places(picture.shape[1])
    a, b, c, d, e, f, g = _drawn(scenes, 70, 7)
    far = np.float32(1.3) * (x * x + y * y)
    # Some were taken down a tube, with dark corners; most by a hand-held camera.
    light = 1 - (0.15 + 0.75 * (a < 0.25)) * b * far
    light = light + 0.35 * ((c - 0.5) * x + (d - 0.5) * y)
    white = 1 + np.stack([0.10 * (e - 0.5), 0 * e, 0.14 * (f - 0.5)], axis=-1)
    # The camera opens half as far again as the skin asks for.
    opened = (_AVERAGE / SKIN_TONES.mean(axis=1)) ** 0.5
    light = light * np.interp(scenes.tone, np.arange(len(opened)), opened)[:, None, None].astype(
        np.float32
    )
    picture *= (light * (0.88 + 0.24 * g))[..., None] * white
    picture += np.float32(0.012) * grain
