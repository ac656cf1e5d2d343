"""Worlds whose answer is known, to hold the statistics to the truth; all data is synthetic."""

from underspec.testing.worlds._protocol import Drawn as Drawn
from underspec.testing.worlds._protocol import Truth as Truth
from underspec.testing.worlds._protocol import World as World
from underspec.testing.worlds.auc import Auc as Auc
from underspec.testing.worlds.auc import Scored as Scored
from underspec.testing.worlds.auc import ScoredStudy as ScoredStudy
from underspec.testing.worlds.audit import Audited as Audited
from underspec.testing.worlds.audit import audit as audit
from underspec.testing.worlds.boundary import Boundary as Boundary
from underspec.testing.worlds.drift import Drift as Drift
from underspec.testing.worlds.fork import Fork as Fork
from underspec.testing.worlds.matrices import Crowd as Crowd
from underspec.testing.worlds.mirror import Mirror as Mirror
from underspec.testing.worlds.nested import Nested as Nested
from underspec.testing.worlds.null import Null as Null
from underspec.testing.worlds.plain import Plain as Plain
from underspec.testing.worlds.pocket import Pocket as Pocket
