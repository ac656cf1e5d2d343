"""What differs between variants: sources of variation and designs that assign them."""

from underspec.core.registry import Registry
from underspec.vary._protocol import Design as Design
from underspec.vary.sources import Sources as Sources
from underspec.vary.sources import parse as parse
from underspec.vary.sources import require as require

registry: Registry[Design] = Registry(
    "underspec.vary",
    joint="joint:Joint",
    one_at_a_time="one_at_a_time:OneAtATime",
    crossed="crossed:Crossed",
    nested="nested:Nested",
)

get = registry.get
load = registry.load
names = registry.names
table = registry.table
