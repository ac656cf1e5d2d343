"""From a trainer's fields to one seeded, single-threaded estimator a variant."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Variant
from underspec.train.named import named
from underspec.train.sources import source_stream

__all__ = ["ESTIMATORS", "REPRESENTATIONS", "build", "check_values", "seeded", "table_of"]

ESTIMATORS: Mapping[str, str] = {
    "decision_tree": "sklearn.tree:DecisionTreeClassifier",
    "decision_tree_regressor": "sklearn.tree:DecisionTreeRegressor",
    "extra_trees": "sklearn.ensemble:ExtraTreesClassifier",
    "extra_trees_regressor": "sklearn.ensemble:ExtraTreesRegressor",
    "gradient_boosting": "sklearn.ensemble:GradientBoostingClassifier",
    "gradient_boosting_regressor": "sklearn.ensemble:GradientBoostingRegressor",
    "hist_gradient_boosting": "sklearn.ensemble:HistGradientBoostingClassifier",
    "hist_gradient_boosting_regressor": "sklearn.ensemble:HistGradientBoostingRegressor",
    "logistic_regression": "sklearn.linear_model:LogisticRegression",
    "mlp": "sklearn.neural_network:MLPClassifier",
    "mlp_regressor": "sklearn.neural_network:MLPRegressor",
    "random_forest": "sklearn.ensemble:RandomForestClassifier",
    "random_forest_regressor": "sklearn.ensemble:RandomForestRegressor",
    "ridge": "sklearn.linear_model:Ridge",
}
REPRESENTATIONS = ("none", "standard", "minmax")
_SEED_BITS = 32  # what scikit-learn takes as random_state


def build(estimator: Any, parameters: Mapping[str, Any]) -> Any:
    """Return an unfitted estimator: a regressor, or one that has `predict_proba`.

    Args:
        estimator: an estimator (cloned), one of `ESTIMATORS`, or ``package.module:Class``.
        parameters: what a named one is made with, or what is set on a given one; nested names
            (``mlpclassifier__alpha``) are allowed.

    Raises:
        UsageError: there is no such estimator or parameter, or it gives no probabilities.
    """
    from sklearn.base import BaseEstimator, clone, is_regressor

    if isinstance(estimator, str):
        if ":" not in estimator and estimator not in ESTIMATORS:
            raise UsageError(
                one_of("estimator", estimator, ESTIMATORS)
                + " Anything else is written 'package.module:Class'."
            )
        made = named(ESTIMATORS.get(estimator, estimator), "estimator")()
    else:
        made = estimator
    if not isinstance(made, BaseEstimator):
        raise UsageError(
            f"The estimator must be a scikit-learn estimator object or its name. Got {made!r}."
        )
    made = clone(made)
    known = made.get_params(deep=True)
    for parameter in parameters:
        if parameter not in known:
            raise UsageError(one_of(f"parameter of {type(made).__name__}", parameter, known))
    made.set_params(**parameters)
    if not hasattr(made, "predict_proba") and not is_regressor(made):
        raise UsageError(
            f"{type(made).__name__} gives no probabilities. Wrap it in "
            f"sklearn.calibration.CalibratedClassifierCV, or choose a loss that has predict_proba."
        )
    return made


def check_values(estimator: Any) -> None:
    """Refuse parameter values that scikit-learn would refuse in each fit.

    Args:
        estimator: from `build`; estimators inside it are asked too. Those that declare no constraints
            are let through.

    Raises:
        UsageError: scikit-learn's sentence.
    """
    from sklearn.base import BaseEstimator

    inner = estimator.get_params(deep=True).values()
    for part in (estimator, *(one for one in inner if isinstance(one, BaseEstimator))):
        if not hasattr(part, "_parameter_constraints"):
            continue
        try:
            part._validate_params()  # noqa: SLF001 - there is no public way to ask before a fit
        except (TypeError, ValueError) as error:
            raise UsageError(" ".join(str(error).split())) from None


def seeded(estimator: Any, variant: Variant, representation: str, reserved: frozenset[str]) -> Any:
    """Return a clone for one variant: its values set, every random_state seeded, one thread.

    An integer random_state that the user wrote stays where `init` is not varied; all others are
    drawn, each from its own stream.

    Args:
        estimator: from `build`.
        variant: whose seeds and values to apply.
        representation: one of `REPRESENTATIONS`, put before the estimator.
        reserved: sources that are not parameters of the estimator.
    """
    from sklearn.base import clone

    copy = clone(estimator)
    copy.set_params(**{k: v for k, v in variant.values.items() if k not in reserved})
    stream = source_stream(variant, "init")
    settings: dict[str, Any] = {}
    for name, value in copy.get_params(deep=True).items():
        last = name.rpartition("__")[2]
        if last.endswith("random_state") and (
            "init" in variant.seeds or not isinstance(value, int)
        ):
            settings[name] = stream.child(name).seed(_SEED_BITS)
        elif last == "n_jobs" and value is not None:
            settings[name] = 1
    return _represented(copy.set_params(**settings), representation)


def _represented(estimator: Any, representation: str) -> Any:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    if representation not in REPRESENTATIONS:
        raise UsageError(one_of("representation", representation, REPRESENTATIONS))
    if representation == "none":
        return estimator
    scaler = StandardScaler() if representation == "standard" else MinMaxScaler()
    return Pipeline([("representation", scaler), ("estimator", estimator)])


def table_of(inputs: Any) -> Any:
    """Return a copy of the inputs that an estimator takes and may write to.

    Data frames stay as they are; arrays become [examples, features], those of bytes float32 in
    0..1.
    """
    if not isinstance(inputs, np.ndarray):
        return inputs.copy() if hasattr(inputs, "iloc") else inputs
    flat = inputs.reshape(len(inputs), -1) if inputs.ndim != 2 else inputs
    if flat.dtype == np.uint8:
        return flat.astype(np.float32) / np.float32(255)
    return flat.copy()
