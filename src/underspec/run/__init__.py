"""Where blocks run."""

from underspec.core.registry import Registry
from underspec.run._protocol import Outcome as Outcome
from underspec.run._protocol import Runner as Runner
from underspec.run._protocol import Work as Work

registry: Registry[Runner] = Registry(
    "underspec.run", inline="inline:Inline", processes="processes:Processes"
)

get = registry.get
load = registry.load
names = registry.names
table = registry.table
