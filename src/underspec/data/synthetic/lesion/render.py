"""Photographs of scenes: skin, lesion, hairs, ruler, light."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.streams import Stream
from underspec.data.synthetic.lesion.artefacts import haired, lit, ruled
from underspec.data.synthetic.lesion.habits import SKIN_TONES
from underspec.data.synthetic.lesion.scenes import Number, Scenes
from underspec.data.synthetic.lesion.shape import absorbed, frame

__all__ = ["pictures"]

F = NDArray[np.float32]

_AT_A_TIME = 48 * 64 * 64
_COARSE, _FINE = 7, 20


def pictures(
    scenes: Scenes, examples: tuple[Number, ...], root: Stream, side: int
) -> NDArray[np.uint8]:
    """Return the photographs, uint8 [photographs, side, side, 3]; each hangs on its scene alone.

    Args:
        scenes: what is in them.
        examples: lesion and photograph of each, for what is drawn by the pixel.
        root: the stream of the part.
        side: pixels of each side.
    """
    out = np.empty((len(scenes), side, side, 3), dtype=np.uint8)
    each = max(1, _AT_A_TIME // side**2)
    for start in range(0, len(scenes), each):
        some = slice(start, start + each)
        out[some] = _pictures(scenes.take(some), examples[some], root, side)
    return out


def _pictures(
    scenes: Scenes, examples: tuple[Number, ...], root: Stream, side: int
) -> NDArray[np.uint8]:
    surface, grained = root.child("surface"), root.child("grain")
    lesions = [str(one.lesion) for one in examples]
    coarse = _uneven(surface, lesions, _COARSE, side)
    fine = _uneven(root.child("fine"), lesions, _FINE, side)
    grain = np.stack(
        [
            grained.example(f"{one.lesion}-{one.photograph}").random(
                (side, side, 3), dtype=np.float32
            )
            for one in examples
        ]
    )
    picture = _skin(scenes, coarse, fine)
    picture *= np.exp(-absorbed(scenes, frame(scenes, side), (coarse + fine) * np.float32(0.7)))
    haired(picture, scenes)
    ruled(picture, scenes)
    lit(picture, scenes, (2 * grain - 1) * np.float32(3**0.5))
    levels: NDArray[np.uint8] = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return levels


def _skin(scenes: Scenes, coarse: F, fine: F) -> F:
    """Return bare skin, [photographs, side, side, 3]: mottled, with pores, redder on the head."""
    tones = np.log(SKIN_TONES)
    last = len(tones) - 1
    low = np.clip(np.floor(scenes.tone), 0, last - 1).astype(np.intp)
    between = np.clip(scenes.tone, -0.3, last + 0.3) - low
    tone = tones[low] + between[:, None] * (tones[low + 1] - tones[low])
    flush = 0.05 + 0.12 * (scenes.site == 1) * scenes.lesion[:, 19]
    tone = tone - flush[:, None] * np.array([0.0, 0.6, 0.5])
    mottled = 0.035 * coarse + 0.03 * fine
    bare = np.exp(tone)[:, None, None].astype(np.float32)
    skin: F = bare * (1 + mottled[..., None] * np.array([0.7, 1.0, 1.1], dtype=np.float32))
    return skin


def _uneven(source: Stream, names: list[str], points: int, side: int) -> F:
    """Return smooth fields about 0, of standard deviation about 1, [names, side, side]."""
    grid = np.empty((len(names), points, points), dtype=np.float32)
    for row, name in enumerate(names):
        grid[row] = source.example(name).random((points, points), dtype=np.float32)
    weights = _weights(points, side)
    # The sum of squared weights says how much averaging takes away.
    scale = np.float32(12**0.5 / (weights**2).sum(axis=1).mean())
    field: F = np.einsum("sp,npq->nsq", weights, (grid - np.float32(0.5)) * scale)
    whole: F = np.einsum("nsq,tq->nst", field, weights)
    return whole


def _weights(points: int, side: int) -> F:
    """Return the share of each point of a grid in each pixel: cubic B-splines, [side, points]."""
    at = (np.arange(side) + 0.5) / side * (points - 1)
    off = np.abs(at[:, None] - np.arange(points))
    near = 2 / 3 - off**2 + off**3 / 2
    far = np.maximum(2 - off, 0) ** 3 / 6
    weights = np.where(off < 1, near, far)
    whole: F = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return whole
