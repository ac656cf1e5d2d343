"""Panes of ice for frost: drawn, not photographed."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import stream
from underspec.stress.images.draws import rounded
from underspec.stress.images.pictures import opencv
from underspec.stress.images.weather.fog import plasma

__all__ = ["SIDE", "panes"]

SIDE = 512
"""Side of a pane, in pixels, for images of 224."""

_BITS = 4  # of a coordinate, below the pixel


@dataclass(frozen=True)
class _Ice:
    """How one pane looks.

    Attributes:
        tint: mean of red, green and blue, in grey levels.
        spread: standard deviation of grey levels.
        clouds: share of the variance that is smooth, in 0..1.
        grain: share of the variance that is finest grain, in 0..1.
        crystals: how many.
        length: of the longest crystal, in pixels.
        gap: between its branches, in pixels.
        open: angle of the branches to the stem, in degrees.
        plate: how dark the plate between the branches is, 0 where there is none.
    """

    tint: tuple[int, int, int]
    spread: float
    clouds: float
    grain: float
    crystals: int
    length: float
    gap: float
    open: float
    plate: float


# A waterish pane, two pale ones of needles and of plates, a grey one of small stars, and one of
# ferns: about as bright as the published photographs, of which two are pale and none is dark.
_KINDS = (
    _Ice((88, 146, 164), 22, 0.55, 0.15, 900, 60, 9, 24, 0.0),
    _Ice((200, 205, 213), 22, 0.3, 0.12, 1500, 90, 3.2, 12, 0.5),
    _Ice((196, 202, 212), 24, 0.3, 0.12, 900, 70, 3.5, 30, 0.8),
    _Ice((138, 151, 164), 28, 0.2, 0.15, 2600, 26, 3.0, 48, 0.7),
    _Ice((114, 126, 140), 38, 0.3, 0.08, 520, 85, 3.4, 55, 1.0),
)


@lru_cache(maxsize=4)
def panes(scale: float, channels: int) -> tuple[NDArray[np.uint8], ...]:
    """Return the five panes at a scale, uint8 [side, side, channels]; the same in any process."""
    cv2 = opencv("frost")
    side = max(1, round(SIDE * scale))
    # The published code shrinks its photographs without smoothing them, which keeps their grain.
    how = cv2.INTER_LINEAR
    made = []
    for pane in _drawn():
        hued = pane if channels == 3 else cv2.cvtColor(pane, cv2.COLOR_RGB2GRAY)
        made.append(cv2.resize(hued, (side, side), interpolation=how).reshape(side, side, channels))
    return tuple(made)


@lru_cache(maxsize=1)
def _drawn() -> tuple[NDArray[np.uint8], ...]:
    cv2 = opencv("frost")
    made = []
    for number, kind in enumerate(_KINDS):
        draw = stream(0, "frost", "pane", number).generator()
        noise = draw.uniform(-1, 1, (1, SIDE * SIDE - 1)).astype(np.float32)
        clouds = _standard(plasma(noise, SIDE, 1.42)[0])
        ice = _standard(_crystals(cv2, kind, draw))
        grain = _standard(
            cv2.GaussianBlur(draw.standard_normal(ice.shape, np.float32), (0, 0), 0.5)
        )
        grey = math.sqrt(kind.clouds) * clouds + math.sqrt(kind.grain) * grain
        grey += math.sqrt(1 - kind.clouds - kind.grain) * ice
        grey = kind.spread * _standard(grey)
        # Thick ice is whiter than thin ice, which takes the colour of what is behind.
        hue = np.asarray(kind.tint, np.float32) - np.mean(kind.tint)
        levels = np.mean(kind.tint) + grey[..., None] + hue * (1 - 0.012 * grey[..., None])
        made.append(rounded(levels.astype(np.float32)))
    return tuple(made)


def _standard(x: NDArray[Any]) -> NDArray[Any]:
    standard: NDArray[Any] = (x - x.mean()) / x.std()
    return standard


def _crystals(cv2: Any, kind: _Ice, draw: np.random.Generator) -> NDArray[np.float32]:
    count = kind.crystals
    foot = draw.uniform(-0.05 * SIDE, 1.05 * SIDE, (count, 2))
    # Crystals nearby tend to grow the same way.
    flow = draw.uniform(0, 2 * math.pi, 4)
    wave = 2 * math.pi * foot / SIDE
    angle = 1.5 * (np.sin(wave[:, 0] + flow[0]) + np.sin(2 * wave[:, 1] + flow[1])) + flow[2]
    angle += draw.normal(0, 0.8, count)
    length = kind.length * draw.uniform(0.25, 1, count)
    along = _towards(angle)
    at = np.arange(kind.gap, kind.length, kind.gap)
    reach = (0.25 + 0.35 * draw.random((count, len(at)))) * np.maximum(length[:, None] - at, 0)
    start = foot[:, None] + at[:, None] * along[:, None]
    # Stems [crystal, end, xy], and branches to either side [crystal, side, branch, end, xy].
    stems = _fixed(np.stack([foot, foot + length[:, None] * along], 1))
    out = _towards(angle[:, None] + np.deg2rad(kind.open) * np.asarray([-1, 1]))
    ends = start[:, None] + reach[:, None, :, None] * out[:, :, None]
    branches = _fixed(np.stack([np.broadcast_to(start[:, None], ends.shape), ends], 3))
    tones = draw.integers(120, 255, count).tolist()
    many = np.ceil(length / kind.gap - 1).astype(int).tolist()
    canvas = np.full((SIDE, SIDE), 90, np.uint8)
    for stem, pairs, tone, few in zip(stems, branches, tones, many, strict=True):
        if kind.plate and few:
            rim = np.concatenate(
                [stem[:1], pairs[0, :few, 1], stem[1:], pairs[1, few - 1 :: -1, 1]]
            )
            cv2.fillPoly(canvas, [rim], int(tone * (1 - 0.6 * kind.plate)), cv2.LINE_AA, _BITS)
        lines = [stem, *pairs[:, :few].reshape(-1, 2, 2)]
        cv2.polylines(canvas, lines, False, tone, 1, cv2.LINE_AA, _BITS)
    soft: NDArray[np.float32] = cv2.GaussianBlur(canvas.astype(np.float32), (0, 0), 0.6)
    return soft


def _towards(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(points * (1 << _BITS)).astype(np.int32)
