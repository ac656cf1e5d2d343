"""The trainer for scikit-learn classifiers, regressors and pipelines."""

import re
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from underspec.core.errors import UnderspecError, UsageError, one_of
from underspec.core.records import Data, Task, Variant
from underspec.train._protocol import Trainer
from underspec.train.pinned import pinned_numpy
from underspec.train.sklearn.estimator import (
    REPRESENTATIONS,
    build,
    check_values,
    seeded,
    table_of,
)
from underspec.train.sklearn.fitted import SklearnFitted, read, said_by
from underspec.train.sources import (
    check_sample,
    check_sources,
    classes_of,
    sampled_rows,
    source_stream,
)

__all__ = ["SklearnTrainer"]

_SEEDED = frozenset({"init", "order", "sample"})
_SOURCES: Mapping[str, str] = {
    "init": "seeds every random_state of the estimator: initial weights, splits, bootstraps",
    "order": "permutes the training rows",
    "sample": "draws the training rows: a bootstrap or a share of them",
    "representation": f"scales the inputs: values out of {', '.join(REPRESENTATIONS)}",
}
_TRIAL = 64  # training rows asked to see whether the probabilities are finite


@dataclass(frozen=True, repr=False)
class SklearnTrainer(Trainer):
    """Any scikit-learn classifier that has `predict_proba`, or regressor, pipelines included.

    Each variant is one clone, fitted on one thread. Images are flattened and bytes scaled to 0..1;
    data frames go in as they are.

    Attributes:
        estimator: an estimator object, a name (``mlp``, ``logistic_regression``, ``random_forest``,
            ``hist_gradient_boosting``, ``gradient_boosting``, ``extra_trees``, ``decision_tree``;
            for regression ``ridge`` or all but the second of these with ``_regressor``) or
            ``package.module:Class``.
        parameters: parameters to set on it; nested names are allowed.
        representation: scaling put before it: ``none``, ``standard`` or ``minmax``.
        sample: what a seed of the source `sample` draws: ``bootstrap`` or a share of the rows.
    """

    estimator: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    representation: Literal["none", "standard", "minmax"] = "none"
    sample: str | float = "bootstrap"

    def __post_init__(self) -> None:
        check_sample(self.sample)
        if self.representation not in REPRESENTATIONS:
            raise UsageError(one_of("representation", self.representation, REPRESENTATIONS))
        check_values(build(self.estimator, self.parameters))

    def __repr__(self) -> str:
        # scikit-learn shortens long reprs, and functions show their address: neither may stand in
        # a provenance.
        shown = self.estimator
        text = repr(shown) if isinstance(shown, str) else shown.__repr__(N_CHAR_MAX=10**9)
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(text.split()))
        return (
            f"SklearnTrainer(estimator={text}, parameters={dict(self.parameters)!r}, "
            f"representation={self.representation!r}, sample={self.sample!r})"
        )

    @property
    def sources(self) -> Mapping[str, str]:
        """The sources honoured; any parameter of the estimator may be a source of values.

        `init` is not among them where the estimator has no random_state to seed.
        """
        nested = build(self.estimator, self.parameters).get_params(deep=True)
        own = dict(_SOURCES)
        if not any(name.endswith("random_state") for name in nested):
            del own["init"]
        extra = {
            name: f"sets the estimator's parameter {name}: values"
            for name in nested
            if name not in _SOURCES
        }
        return {**own, **extra}

    @property
    def strategy(self) -> str:
        """One estimator after another on one thread."""
        return "cpu-each"

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Classes for a classifier, regression for a regressor."""
        from sklearn.base import is_regressor

        if is_regressor(build(self.estimator, self.parameters)):
            return ("regression",)
        return ("binary", "classification")

    def fit(self, variants: Sequence[Variant], data: Data) -> SklearnFitted:
        """Fit one clone a variant; one whose fit raises or gives no finite scores has `failed`.

        Raises:
            UsageError: a source does not suit the estimator, or the labels are no class codes, or
                no targets for a regressor.
        """
        estimator = build(self.estimator, self.parameters)
        regression = "regression" in self.tasks
        if data.regression != regression:
            raise UsageError(
                f"{type(estimator).__name__} is {'a regressor' if regression else 'no regressor'}, but the labels "
                f"are {'numbers to predict' if data.regression else 'classes'}. Take another estimator, or "
                f"read the labels as {'targets' if regression else 'classes'}."
            )
        classes = 1 if regression else classes_of(data)
        known = self.sources
        for variant in variants:
            check_sources("sklearn", variant, known, _SEEDED, known.keys() - {"init", "order"})
        models: dict[str, Any] = {}
        failed: dict[str, str] = {}
        seconds: dict[str, float] = {}
        notes: dict[str, str] = {}
        for variant in variants:
            began = time.perf_counter()
            representation = str(variant.values.get("representation", self.representation))
            model = seeded(estimator, variant, representation, frozenset(_SOURCES))
            rows = self._rows(variant, data)
            try:
                note = _fit(model, variant, data, rows, classes, regression)
                models[variant.id] = model
                if note:
                    notes[variant.id] = note
            except UnderspecError:
                raise
            except Exception as error:  # noqa: BLE001  whatever an estimator raises is its variant's
                failed[variant.id] = _reason(error)
            seconds[variant.id] = time.perf_counter() - began
        return SklearnFitted(
            variants=tuple(models),
            failed=failed,
            seconds=seconds,
            notes=notes,
            classes=classes,
            models=tuple(models.values()),
            regression=regression,
        )

    def load(self, folder: Path) -> SklearnFitted:
        """Return what `save` wrote; types foreign to scikit-learn and this estimator are refused.

        Raises:
            StudyError: a file is missing or damaged, or holds a type that is not trusted.
        """
        return read(folder, build(self.estimator, self.parameters))

    def _rows(self, variant: Variant, data: Data) -> NDArray[np.intp]:
        rows = sampled_rows(data, variant, self.sample)
        if "order" in variant.seeds:
            return source_stream(variant, "order").generator().permutation(rows)
        return rows


def _fit(
    model: Any,
    variant: Variant,
    data: Data,
    rows: NDArray[np.intp],
    classes: int,
    regression: bool,
) -> str | None:
    """Fit in place; return what the fit warned about."""
    inputs = data.inputs
    table = table_of(inputs.iloc[rows] if hasattr(inputs, "iloc") else inputs[rows])
    with (
        threadpool_limits(1),
        pinned_numpy(source_stream(variant, "init")),
        warnings.catch_warnings(record=True) as caught,
    ):
        # Not raised: a fit that did not converge is a fit, and the report can say so.
        warnings.simplefilter("always")
        model.fit(table, data.labels[rows])
        trial = inputs.iloc[:_TRIAL] if hasattr(inputs, "iloc") else inputs[:_TRIAL]
        scores = said_by(model, table_of(trial), classes, regression=regression)
        if not np.isfinite(scores).all():
            what = "values predicted" if regression else "probabilities"
            raise FloatingPointError(f"the {what} are not finite")
    said = [f"{w.category.__name__}: {_line(str(w.message))}" for w in caught]
    return "; ".join(dict.fromkeys(said)) or None


def _line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0].strip()


def _reason(error: Exception) -> str:
    return f"The fit raised {type(error).__name__}: {_line(str(error))}".rstrip(": .") + "."
