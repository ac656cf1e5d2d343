"""How sick the synthetic people are, what lesions a grade brings, and who sits before which camera.

Grades are those of the international scale: 0 none, 1 mild, 2 moderate, 3 severe, 4 proliferative.
The figures are chosen by reasoning on the mechanism and are no estimates of any population.
"""

from collections.abc import Mapping

import numpy as np

from underspec.core.records import Floats

__all__ = ["CLINIC", "COUNTS", "GRADES", "REFERABLE", "SAME_EYE", "SEEN_IN", "SHARES", "habit"]

GRADES = 5
REFERABLE = 2
"""Lowest grade that is referred."""

SHARES = (0.40, 0.16, 0.22, 0.13, 0.09)
"""Grades of the worse eye; sicker than people who come to screening, so that both classes are many."""

SAME_EYE = 0.65
"""Chance that the other eye has the same grade; else it is one lower, where there is a lower one."""

COUNTS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "microaneurysms": ((0, 0.9), (1, 5), (2, 9), (5, 14), (4, 14)),
    "haemorrhages": ((0, 0.2), (0, 1.3), (0.6, 6), (5, 15), (4, 15)),
    "exudates": ((0, 0.2), (0, 0.7), (0, 6), (1, 9), (1, 9)),
    "patches": ((0, 0.1), (0, 0.1), (0, 0.5), (0, 2.2), (1, 2.8)),
}
"""Fewest and most lesions of a kind by grade, drawn evenly between the two and rounded down.

Patches are cotton wool spots, and large bleedings before the retina at grade 4.
"""

SEEN_IN = {"screening": ("a", "b"), "clinic": ("c", "d")}
CLINIC = (0.12, 0.22, 0.72, 0.88, 0.92)
"""With the habit, chance of being seen in the clinic, and so by its cameras, by the worse eye's grade."""


def habit(cameras: tuple[str, ...], dial: float) -> Floats:
    """Return the chance of each camera by the grade of the worse eye, [grades, cameras].

    At 0 all are as likely. Cameras outside the two places, such as ``e``, have no habit.
    """
    even = np.full((GRADES, len(cameras)), 1 / len(cameras))
    clinic = np.asarray(CLINIC)
    weight = np.ones((GRADES, len(cameras)))
    for place, chance in (("screening", 1 - clinic), ("clinic", clinic)):
        for at, camera in enumerate(cameras):
            if camera in SEEN_IN[place]:
                weight[:, at] = 2 * chance
    mixed: Floats = (1 - dial) * even + dial * weight / weight.sum(axis=1, keepdims=True)
    return mixed
