"""From the light that a retina gives back to the levels of a photograph."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats
from underspec.data.synthetic.fundus.cameras import seen_by
from underspec.data.synthetic.fundus.compress import compressed
from underspec.data.synthetic.fundus.people import Photographs

__all__ = ["photographed"]

_UNEVEN = 2.4  # of the light, from one side of the field to the other, for each unsteadiness


def photographed(light: Floats, some: Photographs, dial: float) -> NDArray[np.uint8]:
    """Return the photographs, uint8 [photographs, side, side, 3].

    In this order: light that falls unevenly and fades towards the edge, the optics' blur and haze,
    the sensor's colours and gain, its tone curve, noise, the mask of the field, compression.

    Args:
        light: that the retinas give back, [photographs, 3, side, side]; changed in place.
        some: who took the photographs, and how they came out.
        dial: 1 for cameras as they are, 0 where all are alike.
    """
    from scipy.special import ndtri

    side = light.shape[-1]
    camera = seen_by(some.camera.tolist(), dial)
    normal = ndtri(some.shot.clip(1e-6, 1 - 1e-6))
    line = (np.arange(side) + 0.5) * 2 / side - 1
    far = np.sqrt(line[:, None] ** 2 + line**2)

    fall = 1 - camera["vignette"][:, None, None] * far**2
    tilt = _UNEVEN * camera["unsteady"] / 2
    fall += (tilt * normal[:, 0])[:, None, None] * line[:, None]
    fall += (tilt * normal[:, 1])[:, None, None] * line
    light *= fall.clip(0.1)[:, None]

    _blur(light, camera["blur"] / 100 * side * np.exp(0.25 * normal[:, 2]))
    inside = far < 0.9
    mean = (light * inside).sum(axis=(2, 3), keepdims=True) / inside.sum()
    light += _each(camera["haze"] * np.exp(0.3 * normal[:, 3])) * mean

    mixed = light.sum(axis=1, keepdims=True)
    share = _each(camera["crosstalk"])
    light *= 1 - 1.5 * share
    light += 0.5 * share * mixed
    gains = np.stack([camera[name] for name in ("red", "green", "blue")], axis=1)
    drift = camera["unsteady"][:, None] * (1.6 * normal[:, 4:5] + normal[:, 5:8])
    light *= (camera["exposure"][:, None] * gains * np.exp(drift))[..., None, None]
    np.power(light.clip(0, 1), _each(1 / camera["gamma"]), out=light)

    light *= 255
    for row, name in enumerate(some.names.tolist()):
        light[row] += camera["noise"][row] * some.grain.example(name).standard_normal(
            light.shape[1:]
        )
    light *= _field(camera, line)[:, None]
    return compressed(light, camera["quantum"])


def _each(column: Floats) -> Floats:
    return column[:, None, None, None]


def _field(camera: Mapping[str, Floats], line: Floats) -> Floats:
    """Return the mask of the field of view, its edge one pixel wide, [photographs, side, side]."""
    half = len(line) / 2
    far = np.sqrt(line[:, None] ** 2 + line**2)
    disc = (0.5 + (camera["field"][:, None, None] - far) * half).clip(0, 1)
    band = (0.5 + (camera["cut"][:, None] - np.abs(line)) * half).clip(0, 1)
    mask: Floats = disc * band[:, :, None]
    return mask


def _blur(light: Floats, spread: Floats) -> None:
    """Blur pictures by a normal curve of at most some 2 pixels, in place; edges repeat."""
    side = light.shape[-1]
    radius = 2 + side // 48
    steps = np.arange(radius + 1)
    weight = np.exp(-0.5 * (steps / np.maximum(spread, 0.05)[:, None]) ** 2)
    weight /= weight[:, :1] + 2 * weight[:, 1:].sum(axis=1, keepdims=True)
    for axis in (2, 3):
        pad = [(0, 0)] * 4
        pad[axis] = (radius, radius)
        wide = np.moveaxis(np.pad(light, pad, mode="edge"), axis, 0)
        light *= _each(weight[:, 0])
        for step in range(1, radius + 1):
            pair = wide[radius + step :][:side] + wide[radius - step :][:side]
            light += _each(weight[:, step]) * np.moveaxis(pair, 0, axis)
