"""The exchange format: predictions that were made elsewhere, one row a probe, variant, example."""

from underspec.data.predictions.foreign import Foreign as Foreign
from underspec.data.predictions.foreign import ForeignProbe as ForeignProbe
from underspec.data.predictions.read import read as read
from underspec.data.predictions.write import write as write

__all__ = ["Foreign", "ForeignProbe", "read", "write"]
