"""Metrics: what the variants said and the labels in, contributions [variants, examples] out."""

from underspec.core.registry import Registry
from underspec.metrics._protocol import Metric

__all__ = ["get", "names", "registry", "table"]

registry: Registry[Metric] = Registry(
    "underspec.metrics",
    abs_error="abs_error:AbsError",
    accuracy="accuracy:Accuracy",
    auc="auc:Auc",
    average_precision="average_precision:AveragePrecision",
    balanced_accuracy="balanced_accuracy:BalancedAccuracy",
    brier="brier:Brier",
    calibration_error="calibration_error:CalibrationError",
    concordance="concordance:Concordance",
    f1="f1:F1",
    function="function:Function",
    log_loss="log_loss:LogLoss",
    quadratic_kappa="quadratic_kappa:QuadraticKappa",
    r2="r2:R2",
    sensitivity="sensitivity:Sensitivity",
    squared_error="squared_error:SquaredError",
)
names, get, table = registry.names, registry.get, registry.table
