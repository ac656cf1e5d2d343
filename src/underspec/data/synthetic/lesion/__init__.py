"""Synthetic pictures of skin lesions over six skin types, with hair and ruler marks.

Every number behind a picture is known: lesion, skin, light and artefacts are drawn one by one.
"""

from underspec.data.synthetic.lesion.habits import CLASSES as CLASSES
from underspec.data.synthetic.lesion.habits import SKIN_TYPES as SKIN_TYPES
from underspec.data.synthetic.lesion.reader import SyntheticLesion as SyntheticLesion

__all__ = ["CLASSES", "SKIN_TYPES", "SyntheticLesion"]
