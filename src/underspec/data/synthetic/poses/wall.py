"""What is behind the object: a flat pattern of two colours."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats

__all__ = ["PATTERNS", "Wall", "painted"]

PATTERNS = ("plain", "horizon", "stripes", "checks", "dots")


class Wall(NamedTuple):
    """The walls, one an instance.

    Attributes:
        pattern: place in `PATTERNS`, [instances].
        first: red, green and blue, [instances, 3].
        second: the other colour, [instances, 3].
        periods: across the picture, [instances].
        slant: of the pattern, rise over run, [instances].
        shift: of the pattern, from 0 to 1 period, [instances].
    """

    pattern: NDArray[np.intp]
    first: Floats
    second: Floats
    periods: Floats
    slant: Floats
    shift: Floats


def painted(wall: Wall, side: int) -> NDArray[np.float32]:
    """Return the walls as pictures, [instances, side, side, 3], before any light falls on them."""
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    y, x = at[:, None], at[None, :]
    share = np.zeros((len(wall.pattern), side, side), dtype=np.float32)
    for code, paint in enumerate(_PAINTS):
        rows = np.flatnonzero(wall.pattern == code)
        periods, slant, shift = (
            column[rows, None, None].astype(np.float32)
            for column in (wall.periods, wall.slant, wall.shift)
        )
        share[rows] = paint(x, y, periods, slant, shift)
    first, second = (c[:, None, None].astype(np.float32) for c in (wall.first, wall.second))
    return first + (second - first) * share[..., None]


_F = NDArray[np.float32]


def _wave(phase: _F) -> _F:
    """Return a smooth wave of period 1 between 0 and 1, made of arithmetic alone."""
    there = np.abs(2 * (phase - np.floor(phase)) - 1)
    smooth: _F = there * there * (3 - 2 * there)
    return smooth


def _sharp(wave: _F) -> _F:
    """Return the wave with steeper slopes."""
    steep: _F = np.clip((wave - np.float32(0.5)) * 3 + np.float32(0.5), 0, 1)
    return steep


def _plain(x: _F, y: _F, periods: _F, slant: _F, shift: _F) -> _F:
    """Return a slow change from one side to the other."""
    del periods, shift
    fade: _F = np.float32(0.5) + (x - np.float32(0.5)) * slant * np.float32(0.5) + 0 * y
    return fade


def _horizon(x: _F, y: _F, periods: _F, slant: _F, shift: _F) -> _F:
    """Return a wall above and a floor below."""
    del periods
    edge = (
        np.float32(0.5) + np.float32(0.3) * shift + (x - np.float32(0.5)) * slant * np.float32(0.2)
    )
    floor: _F = np.clip((y - edge) * 24 + np.float32(0.5), 0, 1)
    return floor


def _stripes(x: _F, y: _F, periods: _F, slant: _F, shift: _F) -> _F:
    return _sharp(_wave((x + y * slant) * periods + shift))


def _checks(x: _F, y: _F, periods: _F, slant: _F, shift: _F) -> _F:
    one = 2 * _sharp(_wave((x + y * slant) * periods + shift)) - 1
    other = 2 * _sharp(_wave((y - x * slant) * periods + shift)) - 1
    return np.float32(0.5) + np.float32(0.5) * one * other


def _dots(x: _F, y: _F, periods: _F, slant: _F, shift: _F) -> _F:
    one = _wave((x + y * slant) * periods + shift)
    other = _wave((y - x * slant) * periods + shift)
    return _sharp(one * other * np.float32(1.4))


_PAINTS = (_plain, _horizon, _stripes, _checks, _dots)
