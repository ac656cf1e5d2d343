"""Examples from elsewhere as the holdout's models can be asked about them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data.arrays import numbered

__all__ = ["apart", "paired", "rows_only", "shared", "suited"]


def suited(own: Data, holdout: Data) -> Data:
    """Return examples with the holdout's class codes.

    Args:
        own: the examples.
        holdout: what they are to suit.

    Raises:
        UsageError: there are none, or a class or a shape is not the holdout's, or only one of the
            two has targets instead of classes.
    """
    if len(own) == 0:
        raise UsageError("There are no examples.")
    if own.regression != holdout.regression:
        kinds = [("classes", "targets")[data.regression] for data in (own, holdout)]
        raise UsageError(
            f"Its labels are {kinds[0]}, those of the holdout {kinds[1]}: read both alike."
        )
    labels, classes = (own.labels, ()) if own.regression else _coded(own, holdout)
    inputs = _inputs(own.inputs, holdout.inputs)
    if own.columns and holdout.columns:
        _same_columns(own.columns, holdout.columns)
        inputs = inputs[..., [own.columns.index(name) for name in holdout.columns]]
    return replace(own, labels=labels, classes=classes, inputs=inputs, columns=holdout.columns)


def paired(own: Data, holdout: Data) -> Data:
    """Return examples with the ids and clusters of the holdout's, row for row.

    They have its weights as well, unless they have their own, and are counted off as it is.

    Raises:
        UsageError: there are more or fewer, or their classes are others.
    """
    if len(own) != len(holdout):
        raise UsageError(
            f"It has {len(own)} examples and the holdout {len(holdout)}, so that they do not pair row by "
            "row. Give ids instead of paired: true."
        )
    differ = np.flatnonzero(own.labels != holdout.labels)
    if len(differ):
        what = "target" if holdout.regression else "class"
        raise UsageError(
            f"In row {differ[0]} (counted from 0) its {what} is not the holdout's, and so in {len(differ)} "
            "of them: the rows do not pair. Give ids instead of paired: true."
        )
    groups = {**holdout.groups, **own.groups}
    weights = holdout.weights if own.weights is None else own.weights
    return replace(
        own,
        ids=holdout.ids,
        clusters=holdout.clusters,
        groups=groups,
        weights=weights,
        counted=own.counted or holdout.counted,
    )


def apart(own: Data, name: str) -> Data:
    """Return examples under ids of their own, and clusters where those are but the ids.

    Neither is row 3 of one file row 3 of another, nor ``cat/001.png`` of one folder that of another:
    they become ``<name>/3`` and ``<name>/cat/001.png``.
    """
    ids = np.char.add(f"{name}/", own.ids)
    same = np.array_equal(own.clusters, own.ids)
    return replace(own, ids=ids, clusters=ids if same else own.clusters)


def rows_only(own: Data) -> bool:
    """Say whether the ids are but numbers of rows."""
    return np.array_equal(own.ids, numbered(len(own)))


def shared(own: Data, holdout: Data) -> int:
    """Return how many examples have the id or the cluster of one of the holdout's."""
    return int((np.isin(own.ids, holdout.ids) | np.isin(own.clusters, holdout.clusters)).sum())


def _coded(own: Data, holdout: Data) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    known = holdout.classes or tuple(str(code) for code in np.unique(holdout.labels))
    place = {name: code for code, name in enumerate(holdout.classes)} or {
        str(code): int(code) for code in np.unique(holdout.labels)
    }
    codes, inverse = np.unique(own.labels, return_inverse=True)
    names = [own.classes[code] if own.classes else str(code) for code in codes]
    for text in names:
        if text not in place:
            raise UsageError(one_of("class of the holdout", text, known))
    return np.asarray([place[text] for text in names], np.int32)[inverse], holdout.classes


def _inputs(own: Any, holdout: Any) -> Any:
    shapes = [getattr(inputs, "shape", None) for inputs in (own, holdout)]
    frames = [hasattr(inputs, "columns") for inputs in (own, holdout)]
    if all(frames):
        return _columns(own, holdout)
    if any(frames) or None in shapes:
        kinds = [type(inputs).__name__ for inputs in (own, holdout)]
        raise UsageError(
            f"Its inputs are of type {kinds[0]}, those of the holdout of type {kinds[1]}: a model takes "
            "one. Read both alike."
        )
    ours, theirs = (list(shape[1:]) for shape in shapes if shape is not None)
    if ours != theirs:
        raise UsageError(
            f"Its examples have the shape {ours}, those of the holdout {theirs}: a model takes one. "
            "Leave out or resize what is too much."
        )
    if own.dtype != holdout.dtype and np.uint8 in (own.dtype, holdout.dtype):
        raise UsageError(
            f"Its inputs are {own.dtype}, those of the holdout {holdout.dtype}: grey levels from 0 to 255 "
            "and floats would be taken for each other. Store both alike."
        )
    return own


def _columns(own: Any, holdout: Any) -> Any:
    _same_columns([str(name) for name in own.columns], [str(name) for name in holdout.columns])
    return own[list(holdout.columns)]


def _same_columns(got: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in got]
    more = sorted(set(got) - set(wanted))
    if missing or more:
        said = [f"it lacks {', '.join(missing[:5])}"] if missing else []
        said += [f"only it has {', '.join(more[:5])}"] if more else []
        raise UsageError(
            f"Its columns are not the holdout's: {'; '.join(said)}. Name them alike, and drop: [...] what "
            "is too much."
        )
