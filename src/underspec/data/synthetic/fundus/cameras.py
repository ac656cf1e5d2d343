"""Five cameras by their parameters, and the one that all of them are at dial 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from underspec.core.records import Floats

__all__ = ["CAMERAS", "NEUTRAL", "Camera", "seen_by"]


@dataclass(frozen=True)
class Camera:
    """What a camera does to light; `photograph` says in which order.

    Attributes:
        blur: standard deviation of the optics, in hundredths of the picture's side.
        vignette: share of light lost at the edge of the field.
        haze: light scattered over the whole field, as a share of its mean.
        red: gain of the red channel.
        green: gain of the green channel.
        blue: gain of the blue channel.
        crosstalk: share of each channel that the two others get, half each.
        exposure: gain of all channels.
        gamma: exponent of the tone curve is 1 over it.
        field: radius of the field of view, in halves of the side.
        cut: how far above and below the middle the field is cut, in halves of the side.
        noise: standard deviation of the sensor's noise, in levels of 255.
        quantum: step of the compression, in steps of the JPEG standard's tables; 0 for none.
        unsteady: how much exposure and colour differ from one photograph to the next, standard
            deviation of the log of the gains.
    """

    blur: float = 0.7
    vignette: float = 0.30
    haze: float = 0.05
    red: float = 1.0
    green: float = 1.0
    blue: float = 1.0
    crosstalk: float = 0.05
    exposure: float = 1.0
    gamma: float = 1.9
    field: float = 0.95
    cut: float = 1.0
    noise: float = 2.5
    quantum: float = 0.15
    unsteady: float = 0.05


NEUTRAL = Camera()

CAMERAS: Mapping[str, Camera] = {
    # Screening: bright, yellowish, a little soft.
    "a": Camera(0.75, 0.25, 0.05, 1.00, 1.10, 0.95, 0.06, 1.12, 2.1, 0.96, 1.00, 2.0, 0.15, 0.05),
    "b": Camera(0.95, 0.35, 0.08, 0.95, 1.16, 0.85, 0.04, 1.05, 2.0, 0.93, 0.86, 3.0, 0.30, 0.06),
    # The clinic: redder and darker, sharp.
    "c": Camera(0.55, 0.30, 0.03, 1.08, 0.88, 0.95, 0.05, 0.88, 1.8, 0.97, 0.82, 2.0, 0.10, 0.05),
    "d": Camera(0.65, 0.40, 0.06, 1.10, 0.92, 1.20, 0.08, 0.92, 1.7, 0.94, 1.00, 2.5, 0.15, 0.05),
    # Handheld: pale and bluish, its light uneven, no two photographs alike.
    "e": Camera(0.85, 0.55, 0.18, 0.90, 1.02, 1.45, 0.10, 1.00, 1.9, 0.90, 1.00, 4.0, 0.50, 0.20),
}


def seen_by(names: Sequence[str], dial: float) -> Mapping[str, Floats]:
    """Return the parameters of the cameras that took the photographs, each [photographs].

    Args:
        names: one camera a photograph.
        dial: 1 for the camera as it is, 0 for the neutral one, in between in between.
    """
    own = [CAMERAS[name] for name in names]
    return {
        field.name: (1 - dial) * getattr(NEUTRAL, field.name)
        + dial * np.asarray([getattr(camera, field.name) for camera in own])
        for field in fields(Camera)
    }
