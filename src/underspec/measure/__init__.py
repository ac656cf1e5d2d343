"""By how much: the findings of a study, from contributions and the pool; one file a finding."""

from underspec.measure._protocol import Evidence as Evidence
from underspec.measure._protocol import Scale as Scale
from underspec.measure._protocol import Scaled as Scaled
from underspec.measure.arbitrariness import arbitrariness as arbitrariness
from underspec.measure.attribution import attribute as attribute
from underspec.measure.beside import Beside as Beside
from underspec.measure.corruption_error import CorruptionErrors as CorruptionErrors
from underspec.measure.epsilon_curve import EpsilonSweep as EpsilonSweep
from underspec.measure.judge import judge as judge
from underspec.measure.margin import smallest_margin as smallest_margin
from underspec.measure.relations import relate as relate
from underspec.measure.side_by_side import SideBySide as SideBySide
from underspec.measure.side_by_side import side_by_side as side_by_side
from underspec.measure.spread import spread_of as spread_of
