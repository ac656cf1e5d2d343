"""Predictions that were made elsewhere: in the exchange format, or one file a probe and variant."""

from underspec.data.predictions.foreign import Foreign as Foreign
from underspec.data.predictions.foreign import ForeignProbe as ForeignProbe
from underspec.data.predictions.read import read as read
from underspec.data.predictions.sources import fingerprint as fingerprint
from underspec.data.predictions.sources import read_any as read_any
from underspec.data.predictions.write import write as write

__all__ = ["Foreign", "ForeignProbe", "fingerprint", "read", "read_any", "write"]
