"""Synthetic fundus photographs with diabetic retinopathy, seen through five cameras."""

from underspec.data.synthetic.fundus.reader import CLASSES as CLASSES
from underspec.data.synthetic.fundus.reader import SyntheticFundus as SyntheticFundus

__all__ = ["CLASSES", "SyntheticFundus"]
