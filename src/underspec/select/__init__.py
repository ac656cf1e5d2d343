"""Pool rules: the deciding half of the holdout in, the near-equal variants out."""

from underspec.core.registry import Registry
from underspec.select._protocol import Selector

__all__ = ["get", "names", "registry", "table"]

registry: Registry[Selector] = Registry(
    "underspec.select",
    equivalence="equivalence:Equivalence",
    margin="margin:Margin",
    top="top:Top",
)
names, get, table = registry.names, registry.get, registry.table
