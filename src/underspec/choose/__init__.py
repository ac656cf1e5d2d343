"""Choice: kept variants on the deciding half in, the ids to ship out; and what a rule gains."""

from underspec.choose._protocol import Chooser
from underspec.core.registry import Registry

__all__ = ["get", "names", "registry", "table"]

registry: Registry[Chooser] = Registry(
    "underspec.choose",
    best_on="best_on:BestOn",
    ensemble="ensemble:Ensemble",
    medoid="medoid:Medoid",
    minimax_regret="minimax_regret:MinimaxRegret",
    random_pick="random_pick:RandomPick",
    weight_average="weight_average:WeightAverage",
)
names, get, table = registry.names, registry.get, registry.table
