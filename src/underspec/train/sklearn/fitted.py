"""Fitted estimators: predicting with them, and their files."""

import importlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from underspec.core.errors import StudyError
from underspec.core.records import Scores
from underspec.train.sklearn.estimator import table_of

__all__ = ["SklearnFitted", "read", "said_by"]

_CHUNK = 4096  # examples held as floats at a time
_INDEX = "block.json"


@dataclass(frozen=True, eq=False)
class SklearnFitted:
    """The fitted estimators of one block.

    Attributes:
        variants: ids of those that trained.
        failed: id to reason of those that did not.
        seconds: wall seconds to fit, failed ones included.
        notes: id to what its fit warned about, such as that it did not converge.
        classes: number of class codes.
        models: fitted estimators, in the order of `variants`.
        regression: whether they predict a value; `classes` is 1 then.
    """

    variants: tuple[str, ...]
    failed: Mapping[str, str]
    seconds: Mapping[str, float]
    notes: Mapping[str, str]
    classes: int
    models: tuple[Any, ...]
    regression: bool = False

    def predict(self, inputs: Any) -> Scores:
        """Return probabilities, float32 [variants, examples, classes]; absent classes get 0.

        For regression, the values predicted: [variants, examples, 1].
        """
        n = len(inputs)
        scores = np.zeros((len(self.models), n, self.classes), dtype=np.float32)
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said once, when it was fitted
            for start in range(0, n, _CHUNK):
                rows = slice(start, start + _CHUNK)
                part = inputs.iloc[rows] if hasattr(inputs, "iloc") else inputs[rows]
                for v, model in enumerate(self.models):
                    # A fresh copy each: a scaler may write into what it is given.
                    scores[v, rows] = said_by(
                        model, table_of(part), self.classes, regression=self.regression
                    )
        return scores

    def save(self, folder: Path) -> None:
        """Write ``block.json`` and one skops file a variant, which holds no pickle."""
        import skops.io

        index = {
            "variants": list(self.variants),
            "failed": dict(self.failed),
            "seconds": dict(self.seconds),
            "notes": dict(self.notes),
            "classes": self.classes,
            **({"regression": True} if self.regression else {}),
        }
        for v, model in enumerate(self.models):
            skops.io.dump(model, folder / f"{v}.skops")
        (folder / _INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")


def scores_of(model: Any, table: Any, classes: int) -> Scores:
    """Return the probabilities of one estimator, its columns put at their class codes."""
    scores = np.zeros((len(table), classes), dtype=np.float32)
    scores[:, np.asarray(model.classes_, dtype=np.intp)] = model.predict_proba(table)
    return scores


def said_by(model: Any, table: Any, classes: int, *, regression: bool) -> Scores:
    """Return what one estimator says of examples, [examples, classes], or [examples, 1] values."""
    return values_of(model, table) if regression else scores_of(model, table, classes)


def values_of(model: Any, table: Any) -> Scores:
    """Return the values that one regressor predicts, [examples, 1].

    Raises:
        ValueError: it gives more than one an example.
    """
    values = np.asarray(model.predict(table), dtype=np.float32)
    return values.reshape(len(table), 1)


def read(folder: Path, estimator: Any) -> SklearnFitted:
    """Return what `SklearnFitted.save` wrote.

    Args:
        folder: the block's models.
        estimator: the trainer's own, unfitted; its types are trusted beside scikit-learn's classes.

    Raises:
        StudyError: a file is missing or damaged, or holds a type that is not trusted.
    """
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        models = tuple(
            _model(folder / f"{v}.skops", estimator) for v in range(len(index["variants"]))
        )
        return SklearnFitted(
            variants=tuple(index["variants"]),
            failed=index["failed"],
            seconds=index["seconds"],
            notes=index["notes"],
            classes=index["classes"],
            models=models,
            regression=index.get("regression", False),
        )
    except StudyError:
        raise
    except Exception as error:
        raise StudyError(
            f"The models in {folder} cannot be read ({type(error).__name__}: {error}). Remove the "
            f"block's folder to train it again."
        ) from error


def _model(path: Path, estimator: Any) -> Any:
    import skops.io

    own = set(skops.io.get_untrusted_types(data=skops.io.dumps(estimator)))
    asked = skops.io.get_untrusted_types(file=path)
    refused = [name for name in asked if name not in own and not _is_sklearn_class(name)]
    if refused:
        raise StudyError(
            f"The model {path} holds types that are neither scikit-learn's nor the trainer's: "
            f"{', '.join(sorted(refused))}. Not loaded; train the block again where this is yours."
        )
    return skops.io.load(path, trusted=asked)


def _is_sklearn_class(name: str) -> bool:
    # Classes only: a function of the same package could be made to run with chosen arguments.
    module, _, attribute = name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    try:
        return isinstance(getattr(importlib.import_module(module), attribute, None), type)
    except ImportError:
        return False
