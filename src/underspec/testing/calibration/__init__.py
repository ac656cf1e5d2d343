"""How often the intervals hold and the verdicts err, counted over synthetic studies of known truth."""

from underspec.testing.calibration.cells import Cell as Cell
from underspec.testing.calibration.cells import cells as cells
from underspec.testing.calibration.count import Calls as Calls
from underspec.testing.calibration.count import Counted as Counted
from underspec.testing.calibration.count import Covered as Covered
from underspec.testing.calibration.count import count as count
from underspec.testing.calibration.kept import counted as counted
from underspec.testing.calibration.page import page as page
