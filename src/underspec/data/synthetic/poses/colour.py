"""Colours by hue, saturation and value."""

import numpy as np

from underspec.core.records import Floats

__all__ = ["rgb"]


def rgb(hue: Floats, saturation: Floats, value: Floats) -> Floats:
    """Return red, green and blue from 0 to 1, [..., 3].

    Args:
        hue: 0 and 1 are red; taken modulo 1.
        saturation: from 0, grey, to 1.
        value: the largest of the three.
    """
    turn = np.asarray(hue)[..., None] + np.array([0.0, 2 / 3, 1 / 3])
    part = np.clip(np.abs((turn - np.floor(turn)) * 6 - 3) - 1, 0, 1)
    saturation, value = np.asarray(saturation)[..., None], np.asarray(value)[..., None]
    colour: Floats = value * (1 - saturation * (1 - part))
    return colour
