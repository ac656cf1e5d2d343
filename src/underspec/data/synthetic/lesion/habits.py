"""How lesions and skins look, and what is usual in a careless collection.

Fixed by what is told of the five kinds in words (a stuck-on surface, a pearly edge, a pale scar in
the middle), and by pilots on seeds 900 and above, which no study of ours uses.
"""

from typing import NamedTuple

import numpy as np

from underspec.core.records import Floats

__all__ = [
    "CLASSES",
    "HAIR",
    "LOOKS",
    "PARTS",
    "RULER",
    "RULER_BESIDE",
    "SHOWS",
    "SITES",
    "SITE_OF",
    "SKIN_SHARES",
    "SKIN_TONES",
    "SKIN_TYPES",
    "TURN",
    "VEILS",
    "Look",
]

PARTS = ("train", "holdout", "field")

CLASSES = (
    "basal_cell_carcinoma",
    "dermatofibroma",
    "melanoma",
    "naevus",
    "seborrhoeic_keratosis",
)

SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")

SITES = ("arm", "head", "leg", "trunk")

TURN = np.array([3, 4, 0, 3, 2, 1, 3, 4, 2, 3, 0, 1, 4, 3, 2, 4, 0, 3, 1, 2])
"""Class of each lesion, over and over: 6 of 20 are naevi, which are met most often."""


class Look(NamedTuple):
    """What a class looks like on average, and how far either way its lesions go.

    Attributes:
        radius: of the lesion, as a share of the picture's side.
        stretch: by how much it is longer than wide.
        skew: low waves of its outline: the two halves differ.
        jag: high waves of its outline.
        soft: width of its edge, as a share of the radius.
        pigment: depth of brown.
        red: depth of red.
        patchy: how much brown comes and goes.
        blue: depth of a blue-grey patch.
        dots: small dark and pale dots, as of a rough surface.
        vessels: fine red lines.
        scar: a pale middle.
        shine: a pearly spot.
    """

    radius: float
    stretch: float
    skew: float
    jag: float
    soft: float
    pigment: float
    red: float
    patchy: float
    blue: float
    dots: float
    vessels: float
    scar: float
    shine: float


_MEAN: tuple[Look, ...] = (
    Look(0.23, 0.15, 0.08, 0.035, 0.22, 0.30, 0.60, 0.30, 0.30, 0.10, 0.90, 0.20, 0.80),
    Look(0.20, 0.10, 0.05, 0.020, 0.40, 0.55, 0.30, 0.20, 0.05, 0.10, 0.15, 0.90, 0.10),
    Look(0.29, 0.28, 0.13, 0.065, 0.14, 1.10, 0.25, 0.90, 0.65, 0.20, 0.15, 0.15, 0.10),
    Look(0.22, 0.18, 0.05, 0.020, 0.18, 0.90, 0.12, 0.30, 0.10, 0.10, 0.05, 0.10, 0.05),
    Look(0.27, 0.20, 0.07, 0.035, 0.07, 0.80, 0.10, 0.40, 0.10, 0.90, 0.05, 0.10, 0.10),
)
_EITHER_WAY = Look(0.07, 0.15, 0.04, 0.02, 0.08, 0.30, 0.15, 0.25, 0.25, 0.25, 0.25, 0.20, 0.25)

LOOKS: Floats = np.array(_MEAN)
"""Of the classes, [classes, numbers of a look]."""

SHOWS: Floats = np.array(_EITHER_WAY)
"""How far lesions of one class differ, evenly, either way, [numbers of a look]."""

SKIN_TONES: Floats = (
    np.array(
        [
            (246, 217, 202),
            (238, 199, 174),
            (221, 172, 139),
            (188, 134, 98),
            (136, 89, 62),
            (88, 57, 43),
        ]
    )
    / 255
)
"""Red, green and blue of the six skin types in even light, from 0 to 1, [types, 3]."""

SKIN_SHARES: Floats = np.array([0.28, 0.42, 0.26, 0.04, 0.0, 0.0])
"""Of a careless collection; a careful one has a sixth of each."""

VEILS: Floats = np.array([0.0, 0.0, 0.1, 0.4, 0.8, 1.0])
"""In a careless collection, how far the skin's own brown changes a lesion's colours, by skin type."""

RULER = 0.25
"""Chance of a ruler where it has nothing to do with the lesion."""

RULER_BESIDE: Floats = np.array([0.15, 0.05, 0.85, 0.05, 0.05])
"""In a careless collection, the chance of a ruler beside each class."""

SITE_OF: Floats = np.array(
    [
        (0.15, 0.65, 0.10, 0.10),
        (0.25, 0.05, 0.60, 0.10),
        (0.25, 0.15, 0.25, 0.35),
        (0.25, 0.20, 0.25, 0.30),
        (0.10, 0.25, 0.10, 0.55),
    ]
)
"""In a careless collection, where each class is photographed, [classes, sites]."""

HAIR: Floats = np.array([0.40, 0.10, 0.50, 0.40])
"""Chance of hair across the picture, by site."""
