"""Metrics: what the variants said and the labels in, contributions [variants, examples] out."""

from underspec.core.registry import Registry
from underspec.metrics._protocol import Metric

__all__ = ["get", "names", "registry", "table"]

registry: Registry[Metric] = Registry(
    "underspec.metrics",
    accuracy="accuracy:Accuracy",
    brier="brier:Brier",
    log_loss="log_loss:LogLoss",
)
names, get, table = registry.names, registry.get, registry.table
